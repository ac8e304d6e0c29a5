"""TODO."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from bizy_assets.core.common import IdSet, Progress

IDS_PER_QUERY = 1_000_000
"""Ids per aggregate: 4 MB of packed numbers, of which a query has a dozen."""


def ids_where(
    connection: sa.Connection,
    table: sa.Table,
    conditions: Mapping[str, sa.ColumnElement[bool]],
    *,
    joined: sa.FromClause | None = None,
    beside: sa.Table | None = None,
) -> dict[str, IdSet]:
    """Returns for each condition the ids of the rows that fulfil it, from one scan.

    Args:
        connection: In a transaction.
        table: Whose rows.
        conditions: By name.
        joined: The table with others that conditions speak of, each row once.
        beside: One with the same ids, of which each row is joined to the row with its id.
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
    progress = Progress(f"{table.name} looked through", high - low + 1, "ids")
    for start in range(low, high + 1, IDS_PER_QUERY):
        end = min(high, start + IDS_PER_QUERY - 1)
        within = rows
        if beside is not None:
            # PostgreSQL does not conclude from the one's ids to the other's by itself.
            same = (beside.c.id == table.c.id) & beside.c.id.between(start, end)
            within = rows.outerjoin(beside, same)
        statement = sa.select(*selected).select_from(within)
        row = connection.execute(statement.where(table.c.id.between(start, end))).one()
        for name, value in zip(names, row, strict=True):
            if value is not None:
                result[name].add(np.frombuffer(value, dtype=">i4"))
        progress.add(end - start + 1)
    return result


def temporary_table(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Makes a temporary table, gone at the transaction's end."""
    table = sa.Table(
        name, sa.MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP"
    )
    table.create(connection)
    return table


def temporary_id_table(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Makes a temporary table whose key is the ``id`` of a row."""
    key = sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
    return temporary_table(connection, name, key, *columns)
