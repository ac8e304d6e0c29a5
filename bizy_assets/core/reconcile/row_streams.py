"""The two sides that the content of a table is compared on, in step.

One is the snapshot's rows as they should be, by the zone and the switch that the load wrote down:
their times are found by other means than the load's (``rereading`` says which), all other cells
are converted afresh by the load's own code. The other is PostgreSQL's rows as they are. Both come
by ascending id, so that some thousand rows of each are laid side by side however many there are.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.postgres import fetch_batches
from bizy_assets.core.reconcile.cells import since_2000, unpack_timestamps
from bizy_assets.core.reconcile.independent_times import IndependentTimes
from bizy_assets.core.source import SnapshotTable
from bizy_assets.core.state import ParentIds, Run, TableLoad, utc_naive
from bizy_assets.core.target import LOADS_TABLE, REPAIRS_TABLE, TARGET_TABLES
from bizy_assets.core.transform import (
    MISSING_TIMESTAMP,
    ConversionContext,
    Ids,
    TimezoneConverter,
    convert_batch,
    find_cutover,
)


def compared_columns(contract: Contract) -> tuple[Column, ...]:
    """Returns the columns whose cells are compared: all but the owner, which has its own check."""
    return tuple(column for column in contract.columns if column.rule is not Rule.OWNER)


def source_batches(
    contract: Contract, run: Run, table: SnapshotTable, existing: ParentIds
) -> Iterator[pa.RecordBatch]:
    """Yields the snapshot's good rows as they should be, each id once and ascending.

    Times that the snapshot lacks are NULL.

    Args:
        contract: The table.
        run: How its times are read.
        table: The good rows.
        existing: The rows that can be parents.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    zone = ZoneInfo(run.zone)
    clock = TimezoneConverter(zone)
    around = find_cutover(table, clock, run.tasks_local_since)
    again = IndependentTimes(contract, zone, around, clock)
    untimed = replace(
        contract,
        columns=tuple(c for c in contract.source_columns if c not in contract.timestamps),
    )
    by = ConversionContext(
        clock=clock,
        switch=around,
        owner_id=run.user_id,
        migrated_at=0,
        fill=False,
        parents={name: ids.array() for name, ids in existing.items()},
    )
    for batch in table.batches(ordered=True):
        rows = convert_batch(batch, untimed, by).batch
        for column in contract.timestamps:
            rows = rows.append_column(column.name, again.times(batch, column))
        yield rows


class TargetRows:
    """PostgreSQL's rows, taken by ids that ascend from call to call."""

    def __init__(self, connection: sa.Connection, contract: Contract, load: TableLoad) -> None:
        self._batches = fetch_batches(connection, _query(connection, contract, load))

    @cached_property
    def _rest(self) -> pa.RecordBatch | None:
        """What is left of the batch at hand; asked for first when a row is, if ever."""
        return next(self._batches, None)

    def take(self, ids: Ids) -> pa.Table | None:
        """Returns the rows that have these ids; None where no row is left at all.

        Rows in between are others' and are dropped at once, however many they are.
        """
        if self._rest is None:
            return None
        pieces = [self._rest.slice(0, 0)]
        while self._rest is not None:
            have = ids_of(self._rest)
            count = int(np.searchsorted(have, ids[-1], side="right"))
            pieces.append(_only(self._rest.slice(0, count), have[:count], ids))
            if count < len(have):
                self._rest = self._rest.slice(count)
                break
            self._rest = next(self._batches, None)
        return pa.Table.from_batches(pieces).combine_chunks()

    def close(self) -> None:
        """Ends the reading."""
        self._batches.close()


def expected_values(column: Column, expected: pa.RecordBatch, actual: pa.Table) -> pa.Array:
    """Returns what a column should hold; a time that the source lacks is what the load wrote down.

    Args:
        column: The column; times come as ``comparing`` wants them.
        expected: Rows of the snapshot.
        actual: PostgreSQL's rows of the same ids.
    """
    if column.rule is Rule.EMPTY:
        return pa.nulls(expected.num_rows, actual_values(column, actual).type)
    if column.rule is Rule.MIGRATED_AT:
        return unpack_timestamps(_array(actual, _made(column)))
    values = expected.column(column.name)
    if column.kind is not Kind.TIMESTAMP:
        return values
    times = since_2000(values)
    if _made(column) in actual.column_names:
        return pc.coalesce(times, unpack_timestamps(_array(actual, _made(column))))
    return times


def actual_values(column: Column, actual: pa.Table) -> pa.Array:
    """Returns what a column of PostgreSQL's rows holds, in the same form."""
    values = _array(actual, column.name)
    return unpack_timestamps(values) if column.kind is Kind.TIMESTAMP else values


def ids_of(rows: pa.RecordBatch | pa.Table) -> Ids:
    """Returns the ids of rows."""
    return np.asarray(rows.column("id").to_numpy(), dtype=np.int64)


def _query(connection: sa.Connection, contract: Contract, load: TableLoad) -> sa.Select[Any]:
    """Selects the table by ascending id, and beside it the times that the load made up."""
    table = TARGET_TABLES[contract.table]
    columns = [_lossless(c, table.c[c.name]).label(c.name) for c in compared_columns(contract)]
    joined: sa.FromClause = table
    for column in contract.columns:
        if column.rule is Rule.MIGRATED_AT:
            moment = _time_of_a_load(table.c[column.name], load)
            columns.append(_lossless(column, moment).label(_made(column)))
        made = REPAIRS_TABLE.alias()
        filled = sa.and_(
            made.c.source == str(load.snapshot.source),
            made.c.table_name == contract.table,
            made.c.column_name == column.name,
            made.c.rule == MISSING_TIMESTAMP,
        )
        any_filled = sa.select(sa.exists(sa.select(made.c.rule).where(filled)))
        if column.filled and connection.scalar(any_filled):
            joined = joined.outerjoin(made, sa.and_(filled, made.c.source_id == table.c.id))
            written = _lossless(column, sa.cast(made.c.written, sa.DateTime))
            columns.append(written.label(_made(column)))
    return sa.select(*columns).select_from(joined).order_by(table.c.id)


def _lossless(column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Chooses a form that loses nothing: Arrow's timestamps cannot hold PostgreSQL's range."""
    match column.kind:
        case Kind.TIMESTAMP:
            return sa.func.timestamp_send(value)
        case Kind.JSON | Kind.TEXT:
            return sa.cast(value, sa.Text)
        case _:
            return value


def _time_of_a_load(value: sa.ColumnElement[Any], load: TableLoad) -> sa.ColumnElement[Any]:
    """Returns a time itself where some load of the table wrote it, else that of the last load.

    Rows that did not change keep the time of the load that wrote them last, whichever it was.
    """
    c = LOADS_TABLE.c
    loaded = sa.select(c.loaded_at).where(c.table_name == load.table)
    last = sa.literal(utc_naive(load.loaded_at), sa.DateTime)
    return sa.case((value.in_(loaded), value), else_=last)


def _made(column: Column) -> str:
    """Names the column of times that a load made up, beside what the table holds."""
    return f"made {column.name}"


def _only(rows: pa.RecordBatch, have: Ids, wanted_ids: Ids) -> pa.RecordBatch:
    """Returns the rows whose ids are among those wanted, which ascend."""
    place = np.minimum(np.searchsorted(wanted_ids, have), len(wanted_ids) - 1)
    known = wanted_ids[place] == have
    return rows if known.all() else rows.filter(pa.array(known))


def _array(rows: pa.Table, name: str) -> pa.Array:
    return rows.column(name).combine_chunks()
