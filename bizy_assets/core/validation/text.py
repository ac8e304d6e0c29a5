"""Judges whole columns of texts: what in them PostgreSQL cannot hold.

Each check first asks one cheap question about all values at once, and looks for the single bad
ones only where the answer is bad. A text has one fault at most: the first of the checks' order,
since one that is not UTF-8 cannot be judged further.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bizy_assets.core.contracts import Column, Kind
from bizy_assets.core.transform import Mask, is_datetime, to_mask
from bizy_assets.core.validation.rules import ReasonCode


def text_violations(texts: pa.Array, column: Column) -> Iterator[tuple[str, Mask]]:
    """Yields each fault that occurs, and where.

    Args:
        texts: Of Arrow's type string, but possibly not UTF-8.
        column: What the contract demands of them. The grammar of JSON is not judged here.
    """
    blamed = np.zeros(len(texts), dtype=bool)
    for fault, check in _checks(column):
        found = check(texts)
        if found is not None and (found := found & ~blamed).any():
            blamed |= found
            yield fault, found


def undecodable(texts: pa.Array) -> Mask:
    """Tells which values no text of PostgreSQL can hold: not UTF-8, or with a NUL character."""
    found = np.zeros(len(texts), dtype=bool)
    for check in (_not_utf8, _with_nul):
        where = check(texts)
        if where is not None:
            found |= where
    return found


def _checks(column: Column) -> Iterator[tuple[str, Callable[[pa.Array], Mask | None]]]:
    yield ReasonCode.NOT_UTF8, _not_utf8
    yield ReasonCode.NUL, _with_nul
    if column.limit is not None:
        limit = column.limit
        yield ReasonCode.TOO_LONG, lambda texts: _too_long(texts, limit)
    if column.kind is Kind.TIMESTAMP:
        yield ReasonCode.NOT_DATETIME, _not_datetimes


def _not_utf8(texts: pa.Array) -> Mask | None:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        result = np.zeros(len(texts), dtype=bool)
        suspects = np.flatnonzero(_mask(pc.invert(pc.string_is_ascii(texts))))
        values = texts.take(pa.array(suspects)).view(pa.binary())
        result[suspects] = [not _decodes(value.as_buffer()) for value in values]
        return result
    return None


def _decodes(value: pa.Buffer) -> bool:
    try:
        str(memoryview(value), "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _with_nul(texts: pa.Array) -> Mask | None:
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return None
    span = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    content = np.frombuffer(data, np.uint8)[span[0] : span[-1]]
    if content.min(initial=1):
        return None
    return _mask(pc.match_substring(texts, "\0"))


def _too_long(texts: pa.Array, limit: int) -> Mask | None:
    bytes_ = pc.max(pc.binary_length(texts)).as_py()
    if bytes_ is None or bytes_ <= limit:
        return None
    return _mask(pc.greater(pc.utf8_length(texts), limit))


def _not_datetimes(texts: pa.Array) -> Mask | None:
    accepted = is_datetime(texts)
    return None if pc.all(accepted).as_py() else _mask(pc.invert(accepted))


def _mask(values: pa.Array) -> Mask:
    """Makes a mask of booleans; NULL is no fault of a text."""
    filled = pc.fill_null(values, False)
    return to_mask(filled)
