"""SQL conditions of values that the backend's API does not accept, and what it expects instead.

The API validates every row that it returns and fails as a whole if one is not as expected. Neither
Bizy's command line nor the backend's tables enforce that.
"""

import sys
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.contracts import Column, Contract, JsonShape, Kind

_HIGHEST = sys.float_info.max
"""The highest number of JSON, which has neither infinity nor NaN."""

_TIMES = (datetime.min, datetime.max)  # noqa: DTZ901 - as the target stores UTC
"""The times that Python can hold."""

_ELEMENTS = {JsonShape.TEXTS: "string", JsonShape.INTEGERS: "number"}
_INTEGER = r"^-?[0-9]+(\.0+)?$"


def unaccepted_conditions(contract: Contract, table: sa.Table) -> dict[str, sa.ColumnElement[bool]]:
    """Return for each column that the API returns the condition that it does not accept a value.

    Conditions fail for no value that PostgreSQL can store.
    """
    return {
        column.name: _unaccepted(column, table.c[column.name])
        for column in contract.columns
        if column.accepted is not None
    }


def describe_accepted(column: Column) -> str:
    """Return the values of a column that the API accepts, as the end of a sentence."""
    accepted = column.accepted
    assert accepted is not None  # noqa: S101
    if accepted.values:
        text = f"{', '.join(accepted.values[:-1])} or {accepted.values[-1]}"
    elif accepted.shape is not None:
        text = accepted.shape.value
    else:
        low, high = _bounds(column)
        text = f"{low:g} or more" if high == _HIGHEST else f"{low:g} to {high:g}"
        text = {Kind.TEXT: f"{text} characters", Kind.TIMESTAMP: "years 1 to 9999"}.get(
            column.kind, text
        )
    return text if accepted.required else f"{text}, or NULL"


def _unaccepted(column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    accepted = column.accepted
    assert accepted is not None  # noqa: S101
    if accepted.values:
        unexpected: sa.ColumnElement[bool] = value.not_in(accepted.values)
    elif accepted.shape is not None:
        unexpected = _has_other_shape(value, accepted.shape)
    elif column.kind is Kind.TIMESTAMP:
        unexpected = sa.not_(value.between(*_TIMES))
    else:
        number = sa.func.char_length(value) if column.kind is Kind.TEXT else value
        unexpected = sa.not_(number.between(*_bounds(column)))
    return sa.or_(value.is_(None), unexpected) if accepted.required else unexpected


def _bounds(column: Column) -> tuple[float, float]:
    """Return the lowest and the highest number, for text of characters."""
    accepted = column.accepted
    assert accepted is not None  # noqa: S101
    highest = column.limit if accepted.highest is None else accepted.highest
    return accepted.lowest, _HIGHEST if highest is None else highest


def _has_other_shape(value: sa.ColumnElement[Any], shape: JsonShape) -> sa.ColumnElement[bool]:
    """Return the condition that JSON has another shape; its ``null`` is as good as NULL."""
    kind = sa.func.json_typeof(value)
    if shape is JsonShape.OBJECT:
        return kind.not_in(["object", "null"])
    # Elements stay JSON: as text they could hold a NUL character, as numbers be out of range.
    element = sa.func.json_array_elements(value).table_valued(sa.column("value", sa.JSON)).c.value
    is_other = sa.func.json_typeof(element) != _ELEMENTS[shape]
    if shape is JsonShape.INTEGERS:
        is_other = sa.or_(is_other, sa.cast(element, sa.Text).op("!~")(_INTEGER))
    others = sa.exists(sa.select(sa.literal(1)).where(is_other).correlate_except())
    return sa.case((kind == "array", others), else_=kind != "null")
