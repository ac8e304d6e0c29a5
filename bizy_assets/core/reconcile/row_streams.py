"""The two streams of rows that the check ``content`` compares, in step.

One is the snapshot's rows as they should be, converted with the zone and the UTC cutover that the
load recorded. Their times come from ``independent_times``. The other is PostgreSQL's rows as they
are. Both are ordered by id, so that only some thousand rows of each are in memory.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.postgres import fetch_batches, id_between
from bizy_assets.core.reconcile.cells import since_2000, unpack_timestamps
from bizy_assets.core.reconcile.independent_times import IndependentTimes
from bizy_assets.core.source import exact_integer
from bizy_assets.core.state import LoadContext, TableLoad, runs
from bizy_assets.core.target import TARGET_TABLES, state_tables
from bizy_assets.core.transform import MISSING_TIMESTAMP, Ids, convert_batch


def compared_columns(contract: Contract) -> tuple[Column, ...]:
    """Return the columns to compare: all except the owner, which has a check of its own."""
    return tuple(column for column in contract.columns if column.rule is not Rule.OWNER)


def source_batches(context: LoadContext) -> Iterator[pa.RecordBatch]:
    """Yield the snapshot's valid rows as they should be, each id once and ascending.

    Times that the snapshot lacks are NULL. Each float column has a column ``exact_integer``.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    contract, conversion = context.contract, context.conversion
    independent = IndependentTimes(contract, conversion)
    without_times = replace(
        contract, columns=tuple(c for c in contract.source_columns if c not in contract.timestamps)
    )
    exact = [exact_integer(c).name for c in contract.source_columns if c.kind is Kind.FLOAT]
    for batch in _in_order(context):
        rows = convert_batch(batch, without_times, conversion).batch
        for name in exact:
            rows = rows.append_column(name, batch.column(name))
        for column in contract.timestamps:
            rows = rows.append_column(column.name, independent.times(batch, column))
        yield rows


def _in_order(context: LoadContext) -> Iterator[pa.RecordBatch]:
    """Yield the snapshot's valid rows in the order of their ids in the target."""
    pieces = [None] if context.table_ids.is_identity else context.table_ids.pieces()
    for piece in pieces:
        yield from context.rows().batches(ordered=True, exact_integers=True, within=piece)


class TargetRows:
    """PostgreSQL's rows, read by ids that ascend from call to call."""

    def __init__(self, connection: sa.Connection, context: LoadContext) -> None:
        query, rows = _query(connection, context), context.table_validation.valid_row_count
        self._batches = fetch_batches(connection, query, expected_rows=rows)

    @cached_property
    def _rest(self) -> pa.RecordBatch | None:
        """The rest of the current batch; the query starts when it is first needed."""
        return next(self._batches, None)

    def start(self) -> None:
        """Start the query, whose rows no longer need the caller's connection if many come."""
        _ = self._rest

    def take(self, ids: Ids) -> pa.Table | None:
        """Return the rows with these ids, or None if no rows are left.

        Rows of other users in between are dropped batch by batch.
        """
        if self._rest is None:
            return None
        pieces = [self._rest.slice(0, 0)]
        while self._rest is not None:
            row_ids = ids_of(self._rest)
            count = int(np.searchsorted(row_ids, ids[-1], side="right"))
            pieces.append(_restrict(self._rest.slice(0, count), row_ids[:count], ids))
            if count < len(row_ids):
                self._rest = self._rest.slice(count)
                break
            self._rest = next(self._batches, None)
        return pa.Table.from_batches(pieces).combine_chunks()

    def close(self) -> None:
        """Close the query."""
        self._batches.close()


def expected_values(column: Column, expected: pa.RecordBatch, actual: pa.Table) -> pa.Array:
    """Return the values that a column should have, given PostgreSQL's rows of the same ids.

    Times are returned as ``cells`` compares them; one that the source lacks is the one that the
    load recorded.
    """
    if column.rule is Rule.EMPTY:
        return pa.nulls(expected.num_rows, actual_values(column, actual).type)
    if column.rule is Rule.MIGRATED_AT:
        return unpack_timestamps(_array(actual, _recorded(column)))
    values = expected.column(column.name)
    if column.kind is not Kind.TIMESTAMP:
        return values
    times = since_2000(values)
    if _recorded(column) in actual.column_names:
        return pc.coalesce(times, unpack_timestamps(_array(actual, _recorded(column))))
    return times


def inexact_integers(column: Column, expected: pa.RecordBatch) -> pa.Array:
    """Return the integers of a column that no float equals, and NULL for all other values."""
    if column.kind is not Kind.FLOAT:
        return pa.nulls(expected.num_rows, pa.int64())
    return expected.column(exact_integer(column).name)


def actual_values(column: Column, actual: pa.Table) -> pa.Array:
    """Return the values of a column of PostgreSQL's rows, in the same form."""
    values = _array(actual, column.name)
    return unpack_timestamps(values) if column.kind is Kind.TIMESTAMP else values


def ids_of(rows: pa.RecordBatch | pa.Table) -> Ids:
    """Return the ids of rows."""
    return np.asarray(rows.column("id").to_numpy(), dtype=np.int64)


def _query(connection: sa.Connection, context: LoadContext) -> sa.Select[Any]:
    """Select the source's rows by ascending id, with the times that loads gave where it has none.

    Rows of others are among them.
    """
    contract, load = context.contract, context.load
    table = TARGET_TABLES[contract.table]
    columns = [_lossless(c, table.c[c.name]).label(c.name) for c in compared_columns(contract)]
    joined: sa.FromClause = table
    for column in contract.columns:
        if column.rule is Rule.MIGRATED_AT:
            moment = _time_of_a_load(table.c[column.name], load)
            columns.append(_lossless(column, moment).label(_recorded(column)))
        if not column.filled:
            continue
        repair = state_tables.REPAIRS.alias()
        filled = sa.and_(
            repair.c.source_id == load.run.source.id,
            repair.c.table_name == contract.table,
            repair.c.column_name == column.name,
            repair.c.rule == MISSING_TIMESTAMP,
        )
        any_filled = sa.select(sa.exists(sa.select(repair.c.rule).where(filled)))
        if connection.scalar(any_filled):
            row_id = context.ids.target_id(contract.table, repair.c.row_id)
            joined = joined.outerjoin(repair, sa.and_(filled, row_id == table.c.id))
            written = _lossless(column, sa.cast(repair.c.written, sa.DateTime))
            columns.append(written.label(_recorded(column)))
    of_source = id_between(table.c.id, context.within)
    return sa.select(*columns).select_from(joined).where(of_source).order_by(table.c.id)


def _lossless(column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a lossless form: Arrow's timestamps cannot hold PostgreSQL's range."""
    match column.kind:
        case Kind.TIMESTAMP:
            return sa.func.timestamp_send(value)
        case Kind.JSON | Kind.TEXT:
            return sa.cast(value, sa.Text)
        case _:
            return value


def _time_of_a_load(value: sa.ColumnElement[Any], load: TableLoad) -> sa.ColumnElement[Any]:
    """Return the time itself if a load of the table had it, else the time of the last load.

    Unchanged rows keep the time of the load that wrote them, which may be that of another source of
    the owner.
    """
    c, sources = state_tables.LOADS.c, state_tables.SOURCES.c
    of_owner = sa.select(sources.id).where(sources.user_id == load.run.user_id)
    loaded = sa.select(c.loaded_at).where(c.source_id.in_(of_owner), c.table_name == load.table)
    last = sa.literal(runs.utc_naive(load.loaded_at), sa.DateTime)
    return sa.case((value.in_(loaded), value), else_=last)


def _recorded(column: Column) -> str:
    """Return the name of the column with the times that loads recorded for a column."""
    return f"recorded {column.name}"


def _restrict(rows: pa.RecordBatch, row_ids: Ids, ids: Ids) -> pa.RecordBatch:
    position = np.minimum(np.searchsorted(ids, row_ids), len(ids) - 1)
    chosen = ids[position] == row_ids
    return rows if chosen.all() else rows.filter(pa.array(chosen))


def _array(rows: pa.Table, name: str) -> pa.Array:
    return rows.column(name).combine_chunks()
