"""Validation of text columns: encoding, length and datetime format.

Each check first tests all values at once, and looks for single violations only where that test
fails. A text has one violation at most, the first in the order of the checks: a text that is not
UTF-8 cannot be checked further.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bizy_assets.core.contracts import Column, Kind
from bizy_assets.core.transform import Mask, timestamps
from bizy_assets.core.validation.rules import ReasonCode

_Check = Callable[[pa.Array], Mask | None]


def text_violations(texts: pa.Array, column: Column) -> Iterator[tuple[ReasonCode, Mask]]:
    """Yield each violation that occurs, with the mask of its values.

    The texts are of Arrow's type string, but may not be UTF-8. JSON grammar is not checked here.
    """
    rejected = np.zeros(len(texts), dtype=bool)
    for reason, check in _checks(column):
        failed = check(texts)
        if failed is not None and (failed := failed & ~rejected).any():
            rejected |= failed
            yield reason, failed


def undecodable(texts: pa.Array) -> Mask:
    """Return the mask of values that are no PostgreSQL text: not UTF-8, or with a NUL character."""
    result = np.zeros(len(texts), dtype=bool)
    for check in (_not_utf8, _with_nul):
        failed = check(texts)
        if failed is not None:
            result |= failed
    return result


def _checks(column: Column) -> Iterator[tuple[ReasonCode, _Check]]:
    yield ReasonCode.NOT_UTF8, _not_utf8
    yield ReasonCode.NUL, _with_nul
    if column.limit is not None:
        limit = column.limit
        yield ReasonCode.TOO_LONG, lambda texts: _too_long(texts, limit)
    if column.kind is Kind.TIMESTAMP:
        rule = column.rule
        yield ReasonCode.NOT_DATETIME, _not_datetimes
        yield ReasonCode.OUTSIDE_CALENDAR, lambda texts: timestamps.outside_calendar(texts, rule)


def _not_utf8(texts: pa.Array) -> Mask | None:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        result = np.zeros(len(texts), dtype=bool)
        candidates = np.flatnonzero(_mask(pc.invert(pc.string_is_ascii(texts))))
        values = texts.take(pa.array(candidates)).view(pa.binary())
        result[candidates] = [not _is_utf8(value.as_buffer()) for value in values]
        return result
    return None


def _is_utf8(value: pa.Buffer) -> bool:
    try:
        str(memoryview(value), "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _with_nul(texts: pa.Array) -> Mask | None:
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return None
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    content = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]]
    if content.min(initial=1):
        return None
    return _mask(pc.match_substring(texts, "\0"))


def _too_long(texts: pa.Array, limit: int) -> Mask | None:
    longest = pc.max(pc.binary_length(texts)).as_py()
    if longest is None or longest <= limit:
        return None
    return _mask(pc.greater(pc.utf8_length(texts), limit))


def _not_datetimes(texts: pa.Array) -> Mask | None:
    accepted = timestamps.is_datetime(texts)
    return None if pc.all(accepted).as_py() else _mask(pc.invert(accepted))


def _mask(values: pa.Array) -> Mask:
    """Convert booleans to a mask; NULL does not violate a text rule."""
    return timestamps.to_mask(pc.fill_null(values, False))
