"""Collect the records of single values: those that a rule adjusted, and rejected ones.

They are counted by table, column and rule, and only the first of each are read. A file lists every
rejected value.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.common import IDS_SHOWN, decode, shorten
from bizy_assets.core.postgres import fetch_batches
from bizy_assets.core.report.model import (
    EXAMPLES_SHOWN,
    LONGEST_VALUE,
    Adjustment,
    Example,
    RejectedValue,
    Rejection,
    Report,
)
from bizy_assets.core.state import TableLoad
from bizy_assets.core.target import state_tables
from bizy_assets.core.validation import quarantine

_REJECTED_SHOWN = 100
"""Number of rejected values that the page lists."""

_BYTES = 320
"""The number of bytes that are read of a rejected value; at most 80 characters are shown."""

_NULL = "NULL"

_REPAIRS, _REJECTED = state_tables.REPAIRS, state_tables.REJECTED_ROWS


def adjustments(connection: sa.Connection, loads: list[TableLoad]) -> list[Adjustment]:
    """Return the adjusted values of loads."""
    c = _REPAIRS.c
    raw, written = (sa.func.left(column, LONGEST_VALUE + 1) for column in (c.raw, c.written))
    return [
        Adjustment(
            **group,
            ids=list(connection.scalars(sa.select(c.row_id).where(where).order_by(c.row_id)
                                        .limit(IDS_SHOWN))),
            examples=[
                Example(label=f"id {id_}", before=_shown(before), after=_shown(after))
                for id_, before, after in connection.execute(
                    sa.select(c.row_id, raw, written).where(where).order_by(c.row_id)
                    .limit(EXAMPLES_SHOWN)
                )
            ],
        )
        for group, where in _groups(connection, _REPAIRS, loads)
    ]  # fmt: skip


def rejections(connection: sa.Connection, loads: list[TableLoad]) -> list[Rejection]:
    """Return the rejected values of loads."""
    c = _REJECTED.c
    return [
        Rejection(
            **group,
            examples=[
                Example(
                    label=f"rowid {rowid}" if id_ is None else f"id {id_}",
                    before=_shown(_text(raw)),
                )
                for id_, rowid, raw in connection.execute(
                    sa.select(c.row_id, c.position, _first_bytes())
                    .where(where)
                    .order_by(c.position)
                    .limit(EXAMPLES_SHOWN)
                )
            ],
        )
        for group, where in _groups(connection, _REJECTED, loads)
    ]


def rejected_values(connection: sa.Connection, loads: list[TableLoad]) -> list[RejectedValue]:
    """Return the first rejected values of loads."""
    rows = connection.execute(_all_rejected(loads).limit(_REJECTED_SHOWN))
    return [
        RejectedValue(
            table=row.table_name,
            id=row.row_id,
            rowid=row.rowid,
            column=row.column_name,
            rule=row.rule,
            value=_text(row.raw),
        )
        for row in rows
    ]


def save_rejected_values(connection: sa.Connection, report: Report) -> None:
    """Write all rejected values, if there are any, to a file that only this account can read.

    The transaction has written nothing.
    """
    if report.rejected_file:
        statement = _all_rejected(report.loads)
        batches = fetch_batches(connection, statement, expected_rows=report.rejected_value_count)
        quarantine.write_values_csv(batches, report.rejected_file, cut_at=_BYTES)


def _all_rejected(loads: list[TableLoad]) -> sa.Select[Any]:
    c = _REJECTED.c
    return (
        sa.select(
            c.table_name,
            c.row_id,
            c.position.label("rowid"),
            c.column_name,
            c.rule,
            _first_bytes().label("raw"),
        )
        .where(_of(_REJECTED, loads))
        .order_by(c.table_name, c.position, c.column_name)
    )


def _groups(
    connection: sa.Connection, table: sa.Table, loads: list[TableLoad]
) -> Iterator[tuple[dict[str, Any], sa.ColumnElement[bool]]]:
    """Yield each table, column and rule with the number of values, and the condition of them."""
    c, condition = table.c, _of(table, loads)
    kinds = (c.table_name, c.column_name, c.rule)
    rows = connection.execute(
        sa.select(*kinds, sa.func.count()).where(condition).group_by(*kinds).order_by(*kinds)
    )
    for name, column, rule, number in rows.all():
        group = {"table": name, "column": column, "rule": rule, "values": number}
        same = (c.table_name == name, c.column_name == column, c.rule == rule)
        yield group, sa.and_(condition, *same)


def _of(table: sa.Table, loads: list[TableLoad]) -> sa.ColumnElement[bool]:
    """Restrict records of single values to those of the loads of a source."""
    [source_id] = {load.run.source.id for load in loads}
    tables = [load.table for load in loads]
    return sa.and_(table.c.source_id == source_id, table.c.table_name.in_(tables))


def _first_bytes() -> sa.ColumnElement[Any]:
    return sa.func.substring(_REJECTED.c.raw, 1, _BYTES, type_=sa.LargeBinary)


def _text(raw: bytes | None) -> str | None:
    """Decode the first bytes of a value."""
    return None if raw is None else decode(bytes(raw), cut=len(raw) == _BYTES)


def _shown(text: str | None) -> str:
    return _NULL if text is None else shorten(text, LONGEST_VALUE)
