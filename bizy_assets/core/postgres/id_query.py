"""Queries that return sets of ids, and temporary tables for them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from bizy_assets.core.common import IdSet, Progress

Intervals = Sequence[tuple[int, int]]
"""Ranges of ids, each by its first and its last one."""

IDS_PER_QUERY = 1_000_000
"""Length of an id range: 4 MB of packed ids for each of about twelve conditions."""


def ids_where(
    connection: sa.Connection,
    table: sa.Table,
    conditions: Mapping[str, sa.ColumnElement[bool]],
    *,
    joined: sa.FromClause | None = None,
    outer_joined: sa.Table | None = None,
    within: Intervals | None = None,
) -> dict[str, IdSet]:
    """Return for each condition the ids of the rows that satisfy it, from one scan.

    ``joined`` replaces the table in the FROM clause: the table joined with others that the
    conditions use, with each of its rows once. ``outer_joined`` is another table, to be
    outer-joined by ``id``. Only rows with ids ``within`` some intervals are scanned, if given.
    """
    packed = sa.func.string_agg(sa.func.int4send(table.c.id), sa.literal_column("''::bytea"))
    names = list(conditions)
    selected = [packed.filter(conditions[name]) for name in names]
    rows = table if joined is None else joined
    result = {name: IdSet() for name in names}
    intervals = _hull(connection, table) if within is None else within
    progress = Progress(f"{table.name} scanned", sum(h - low + 1 for low, h in intervals), "ids")
    for start, end in _pieces(intervals):
        piece = rows
        if outer_joined is not None:
            # PostgreSQL does not infer the range of the other table's ids from the join.
            other_id = outer_joined.c.id
            same = (other_id == table.c.id) & other_id.between(start, end)
            piece = rows.outerjoin(outer_joined, same)
        statement = sa.select(*selected).select_from(piece)
        row = connection.execute(statement.where(table.c.id.between(start, end))).one()
        for name, value in zip(names, row, strict=True):
            if value is not None:
                result[name].add(np.frombuffer(value, dtype=">i4"))
        progress.add(end - start + 1)
    return result


def id_between(column: sa.ColumnElement[int], intervals: Intervals) -> sa.ColumnElement[bool]:
    """Return the SQL condition that an id lies in one of a few intervals."""
    return sa.or_(sa.false(), *(column.between(low, high) for low, high in intervals))


def _hull(connection: sa.Connection, table: sa.Table) -> Intervals:
    """Return the interval of all ids of a table, or none if it is empty."""
    bounds = sa.select(sa.func.min(table.c.id), sa.func.max(table.c.id))
    low, high = connection.execute(bounds).one()
    return [] if low is None else [(low, high)]


def _pieces(intervals: Intervals) -> Iterator[tuple[int, int]]:
    for low, high in intervals:
        for start in range(low, high + 1, IDS_PER_QUERY):
            yield start, min(high, start + IDS_PER_QUERY - 1)


def temporary_table(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Create a temporary table that is dropped at the end of the transaction."""
    table = sa.Table(
        name,
        sa.MetaData(schema="pg_temp"),
        *columns,
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    table.create(connection)
    return table


def temporary_id_table(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Create such a table whose primary key is the ``id`` of a row."""
    key = sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
    return temporary_table(connection, name, key, *columns)
