"""Compare two columns of the same rows, value by value and to the last bit, and show differences.

Times are compared as PostgreSQL stores them: microseconds since the year 2000, in which its
infinities are the smallest and the largest number. Floats are compared by their bits.
"""

import decimal
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bizy_assets.core.contracts import Kind
from bizy_assets.core.transform import Mask, timestamps

NULL = "NULL"

_SHOWN = 80
"""Number of characters shown of a text, around the first difference."""

_YEAR_2000 = 946_684_800_000_000
"""Microseconds from 1970 to PostgreSQL's epoch."""

_INFINITIES = {2**63 - 1: "infinity", -(2**63): "-infinity"}


def since_2000(instants: pa.Array) -> pa.Array:
    """Convert Arrow timestamps into PostgreSQL's stored form."""
    return pc.subtract(instants.view(pa.int64()), _YEAR_2000)


def unpack_timestamps(packed: pa.Array) -> pa.Array:
    """Convert the results of PostgreSQL's ``timestamp_send``, eight bytes each, into numbers."""
    fixed = packed.cast(pa.binary(8))
    _, data = fixed.buffers()
    numbers = np.frombuffer(data, ">i8", len(fixed), fixed.offset * 8).astype(np.int64)
    absent = np.asarray(fixed.is_null().to_numpy(zero_copy_only=False), dtype=bool)
    return pa.array(numbers, mask=absent)


def differing_cells(kind: Kind, expected: pa.Array, actual: pa.Array) -> Mask:
    """Return which values of two columns of one type differ; NULL equals NULL only.

    Times are numbers since 2000.
    """
    if kind is Kind.FLOAT:
        expected, actual = expected.view(pa.int64()), actual.view(pa.int64())
    if expected.equals(actual):
        return np.zeros(len(expected), dtype=bool)
    unequal = pc.fill_null(pc.not_equal(expected, actual), False)
    mask = timestamps.to_mask(pc.or_(unequal, pc.xor(expected.is_null(), actual.is_null())))
    if kind is Kind.JSON:
        for place in np.flatnonzero(mask & timestamps.to_mask(unequal)):
            mask[place] = not same_json(expected[place].as_py(), actual[place].as_py())
    return mask


def same_json(one: str, other: str) -> bool:
    """Return True if two JSON texts are equivalent: whitespace, key order and escapes do not count.

    Texts that are nested too deeply or have numbers too large to be parsed are not equivalent.
    """
    try:
        return bool(_JSON.decode(one) == _JSON.decode(other))
    except (ValueError, ArithmeticError, RecursionError):
        return False


def describe_cells(kind: Kind, expected_cell: pa.Scalar, actual_cell: pa.Scalar) -> tuple[str, str]:
    """Return two differing values in a form that makes the difference visible."""
    expected, actual = expected_cell.as_py(), actual_cell.as_py()
    match kind:
        case Kind.TEXT | Kind.JSON if expected is not None and actual is not None:
            return _excerpts(expected, actual)
        case Kind.FLOAT if expected != expected and actual != actual:
            return _float_bits(expected), _float_bits(actual)
        case Kind.TIMESTAMP:
            return _time(expected), _time(actual)
    return _plain(expected), _plain(actual)


def _number(text: str) -> tuple[decimal.Decimal]:
    """Parse a JSON number exactly, into a tuple, since Python considers 1 and true equal."""
    return (decimal.Decimal(text),)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Keep every member of a JSON object, including repeated ones."""
    members: dict[str, list[Any]] = {}
    for name, value in pairs:
        members.setdefault(name, []).append(value)
    return members


_JSON = json.JSONDecoder(object_pairs_hook=_members, parse_float=_number, parse_int=_number)


def _excerpts(expected: str, actual: str) -> tuple[str, str]:
    """Cut out the first difference of two texts; spell it out where characters may look alike."""
    pairs = enumerate(zip(expected, actual, strict=False))
    shorter = min(len(expected), len(actual))
    place = next((number for number, (a, b) in pairs if a != b), shorter)
    start = max(0, place - _SHOWN // 2) if max(len(expected), len(actual)) > _SHOWN else 0
    around = (expected[place : place + 1] + actual[place : place + 1]).isascii()
    spell = repr if around else ascii
    return _excerpt(expected, start, spell), _excerpt(actual, start, spell)


def _excerpt(text: str, start: int, spell: Any) -> str:  # noqa: ANN401
    before = "…" if start else ""
    after = "…" if len(text) > start + _SHOWN else ""
    return f"{before}{spell(text[start : start + _SHOWN])}{after}"


def _plain(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, str):
        return _excerpt(value, 0, repr)
    return NULL if value is None else str(value)


def _float_bits(value: float) -> str:
    return f"{value} (bits {np.float64(value).tobytes()[::-1].hex()})"


def _time(value: int | None) -> str:
    if value is None:
        return NULL
    if value in _INFINITIES:
        return _INFINITIES[value]
    try:
        return str(np.datetime64(value + _YEAR_2000, "us")).replace("T", " ")
    except OverflowError:
        return f"{value} µs since 2000"
