"""Queries that return sets of ids, and temporary tables for them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from bizy_assets.core.common import IdSet, Progress

IDS_PER_QUERY = 1_000_000
"""Length of an id range: 4 MB of packed ids for each of about twelve conditions."""


def ids_where(
    connection: sa.Connection,
    table: sa.Table,
    conditions: Mapping[str, sa.ColumnElement[bool]],
    *,
    joined: sa.FromClause | None = None,
    outer_joined: sa.Table | None = None,
) -> dict[str, IdSet]:
    """Return for each condition the ids of the rows that satisfy it, from one scan.

    ``joined`` replaces the table in the FROM clause: the table joined with others that the
    conditions use, with each of its rows once. ``outer_joined`` is another table, to be
    outer-joined by ``id``.
    """
    packed = sa.func.string_agg(sa.func.int4send(table.c.id), sa.literal_column("''::bytea"))
    names = list(conditions)
    selected = [packed.filter(conditions[name]) for name in names]
    rows = table if joined is None else joined
    result = {name: IdSet() for name in names}
    low, high = connection.execute(
        sa.select(sa.func.min(table.c.id), sa.func.max(table.c.id))
    ).one()
    if low is None:
        return result
    progress = Progress(f"{table.name} scanned", high - low + 1, "ids")
    for start in range(low, high + 1, IDS_PER_QUERY):
        end = min(high, start + IDS_PER_QUERY - 1)
        within = rows
        if outer_joined is not None:
            # PostgreSQL does not infer the range of the other table's ids from the join.
            other_id = outer_joined.c.id
            same = (other_id == table.c.id) & other_id.between(start, end)
            within = rows.outerjoin(outer_joined, same)
        statement = sa.select(*selected).select_from(within)
        row = connection.execute(statement.where(table.c.id.between(start, end))).one()
        for name, value in zip(names, row, strict=True):
            if value is not None:
                result[name].add(np.frombuffer(value, dtype=">i4"))
        progress.add(end - start + 1)
    return result


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
