"""The check ``backend_accepts``: values that the backend's API does not return.

The API validates every row that it returns, and fails as a whole if one is not as expected. Neither
Bizy's command line nor the backend's tables enforce that. The check is not an audit, since such
values are no reason to roll a load back.
"""

import sys
from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.common import CheckResult, IdSet, quantity
from bizy_assets.core.contracts import Column, JsonShape, Kind
from bizy_assets.core.postgres import ids_where
from bizy_assets.core.reconcile.evidence import NO_ROWS
from bizy_assets.core.state import LoadContext, ledger
from bizy_assets.core.target import TARGET_TABLES

BACKEND_ACCEPTS = "backend_accepts"

_HIGHEST = sys.float_info.max
"""The highest number of JSON, which has neither infinity nor NaN."""

_TIMES = (datetime.min, datetime.max)  # noqa: DTZ901 - as the target stores UTC
"""The times that Python can hold."""

_SIMPLE_LISTS = {
    JsonShape.TEXTS: r'^\[("([^"\\]|\\.)*"[, ]*)*\]$',
    JsonShape.INTEGERS: r"^\[[0-9, ]*\]$",
}
"""Patterns of JSON that need not be parsed, which takes three times as long as to match them."""

_MAX_MATCHED = 10_000
"""Bytes of JSON that is matched; PostgreSQL expands a text for that, which fails from 256 MB on."""

_ELEMENTS = {JsonShape.TEXTS: "string", JsonShape.INTEGERS: "number"}
_INTEGER = r"^-?[0-9]+(\.0+)?$"


def check_backend_accepts(
    connection: sa.Connection, context: LoadContext, states: ledger.LedgerStates
) -> CheckResult:
    """Bizy's web backend accepts every migrated row as it is in PostgreSQL now, edited or not.

    Only warns. The backend fails with status 500 if the result of a request has any other row.
    """
    rows = states.entries - states.deleted
    result = CheckResult(
        check=BACKEND_ACCEPTS,
        summary=f"The web backend accepts {quantity(len(rows), 'row')}." if rows else NO_ROWS,
        label=context.table_ids.label,
    )
    contract = context.contract
    table = TARGET_TABLES[contract.table]
    columns = [column for column in contract.columns if column.accepted is not None]
    refused: dict[str, IdSet] = defaultdict(IdSet)
    # Conditions take longer to put together than to evaluate on no rows.
    if rows:
        conditions = {column.name: _unaccepted(column, table.c[column.name]) for column in columns}
        refused |= ids_where(connection, table, conditions, within=context.within)
    for column in columns:
        result.add_rows(
            f"with a refused {column.name}",
            refused[column.name] & rows,
            f"has a value in {column.name} that Bizy's web backend refuses",
            note=f"it expects {_describe(column)}",
            warning=True,
        )
    if result.warnings:
        result.warnings.append(
            "The web backend may fail with status 500 on every request whose result has such a "
            "row; correct these values in Bizy, or in PostgreSQL and then migrate once, which "
            "keeps the edits."
        )
    return result


def _describe(column: Column) -> str:
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
    """Return the condition that JSON has another shape; its ``null`` is as good as NULL.

    No JSON makes it fail.
    """
    kind = sa.func.json_typeof(value)
    if shape is JsonShape.OBJECT:
        return kind.not_in(["object", "null"])
    # Elements stay JSON: as text they could hold a NUL character, as numbers be out of range.
    element = sa.func.json_array_elements(value).table_valued(sa.column("value", sa.JSON)).c.value
    is_other = sa.func.json_typeof(element) != _ELEMENTS[shape]
    if shape is JsonShape.INTEGERS:
        is_other = sa.or_(is_other, sa.cast(element, sa.Text).op("!~")(_INTEGER))
    others = sa.exists(sa.select(sa.literal(1)).where(is_other).correlate_except())
    text = sa.cast(value, sa.Text)
    is_simple = sa.and_(
        sa.func.octet_length(text) <= _MAX_MATCHED, text.op("~")(_SIMPLE_LISTS[shape])
    )
    return sa.case((is_simple, sa.false()), (kind == "array", others), else_=kind != "null")
