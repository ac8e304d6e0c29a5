"""Loads one table in one transaction: complete and audited, or not at all.

An empty table gets the rows straight from COPY, before its secondary indexes and foreign keys
are built; any other is staged and merged set-wise, so that unchanged rows are not touched.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core import (
    auditing,
    census,
    converting,
    evidence,
    journal,
    merging,
    models,
    rejecting,
    schema,
    sequences,
    switch,
    target,
    waiting,
)
from bizy_assets.core.clock import Clock
from bizy_assets.core.contracts import BY_TABLE, Column, Contract
from bizy_assets.core.converting import Circumstances
from bizy_assets.core.copying import copy_in
from bizy_assets.core.errors import AuditError, SnapshotError
from bizy_assets.core.idsets import IdSet
from bizy_assets.core.journal import Load
from bizy_assets.core.merging import Merged
from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS
from bizy_assets.core.snapshot import Snapshot

_SETTING = sql.SQL("SET LOCAL maintenance_work_mem TO '256MB'")
"""For building indexes, in this transaction only."""

_LOCK = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
"""Others may go on reading, not writing."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to load, and how to read it.

    Attributes:
        snapshot: Where the rows come from.
        zone: Zone of the laptop that wrote them.
        tasks_local_since: Instant from which ``tasks.created_at`` is local time, in UTC.
        owner_id: ``users.id`` of their owner.
        run_id: Dagster's run.
        lock_wait_seconds: How long to wait for sessions that hold locks on the tables.
    """

    snapshot: Snapshot
    zone: ZoneInfo
    tasks_local_since: datetime
    owner_id: int
    run_id: str
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a load did; ``repairs`` counts changed values by rule, ``made`` names new objects."""

    load: Load
    repairs: dict[str, int]
    made: list[str]
    seconds: float


def load_table(connection: sa.Connection, contract: Contract, order: Order) -> Loaded:
    """Loads one table and commits it.

    Args:
        connection: Holds the target's lock; outside a transaction.
        contract: The table.
        order: What to load.

    Raises:
        SnapshotError: The snapshot is gone, altered, or another than the parents' one.
        SchemaError: The table is something else.
        ConflictError: Rows of other owners have the snapshot's ids.
        AuditError: The result is not what it must be.
        TargetError: Another session keeps the table locked.
    """
    started = time.monotonic()
    model = models.tables[contract.table]
    with connection.begin():
        target.confirm_lock(connection, connection.engine.url)
        _require_same_snapshot(connection, contract, order.snapshot)
        with waiting.limited(connection, model, seconds=order.lock_wait_seconds):
            empty = _take(connection, model)
        stream = _Stream(connection, contract, order)
        load = _bring_in(connection, stream, empty=empty)
        with waiting.limited(connection, model, seconds=order.lock_wait_seconds):
            made = schema.ensure_secondary(connection, model)
            sequences.move_past_highest(connection, contract.table)
        if findings := auditing.errors(auditing.gather(connection, load, committed=False)):
            raise AuditError(
                f"Table {contract.table} was not loaded and is as before, since its audit found: "
                + " ".join(findings)
            )
        journal.record(connection, load)
        journal.record_repairs(connection, load, stream.repairs)
        journal.record_rejected(connection, load, rejecting.rows(stream.census, contract))
    return Loaded(
        load=load,
        repairs=dict(Counter(stream.repairs["rule"].to_pylist())),
        made=made,
        seconds=time.monotonic() - started,
    )


def _take(connection: sa.Connection, model: sa.Table) -> bool:
    """Makes the table, keeps others from writing, and returns whether it is empty.

    An empty one loses what is faster built after the data.
    """
    schema.ensure_table(connection, model)
    target.execute(connection, _LOCK.format(sql.Identifier(model.name)))
    empty = bool(connection.scalar(sa.select(~sa.exists(sa.select(model.c.id)))))
    if empty:
        schema.drop_secondary(connection, model)
    return empty


def _bring_in(connection: sa.Connection, stream: "_Stream", *, empty: bool) -> Load:
    """Copies or merges the rows, and returns the record of it."""
    contract, order = stream.contract, stream.order
    target.execute(connection, _SETTING)
    if empty:
        inserted = copy_in(connection, contract.table, stream.schema, stream.batches(fill=True))
        merged = Merged(inserted=inserted, updated=0, unchanged=0)
    else:
        stage = merging.make_stage(connection, contract)
        copy_in(connection, stage.name, stream.schema, stream.batches(fill=False))
        merged = merging.merge(connection, contract, stage, order.owner_id)
    return Load(
        table=contract.table,
        snapshot=order.snapshot,
        zone=order.zone.key,
        tasks_local_since=order.tasks_local_since,
        user_id=order.owner_id,
        run_id=order.run_id,
        loaded_at=stream.migrated_at.replace(tzinfo=UTC),
        source_rows=stream.census.tables[contract.table].rows,
        inserted=merged.inserted,
        updated=merged.updated,
        unchanged=merged.unchanged,
        quarantined=len(stream.census.tables[contract.table].bad_rows),
    )


class _Stream:
    """A table's good rows on their way: read and converted."""

    def __init__(self, connection: sa.Connection, contract: Contract, order: Order) -> None:
        self.contract = contract
        self.order = order
        self.schema = converting.schema(contract.columns)
        self.census = census.of(order.snapshot)
        self.migrated_at: datetime = connection.execute(
            sa.select(sa.func.timezone("UTC", sa.func.now()))
        ).scalar_one()
        self._parents = {
            str(column.references): self._existing(connection, column).array()
            for column in contract.parents
        }
        self._repairs = [converting.REPAIRS.empty_table()]

    def _existing(self, connection: sa.Connection, column: Column) -> IdSet:
        """Returns which parents exist: rows of the same snapshot that are, or will be, loaded."""
        parent = BY_TABLE[str(column.references)]
        ids = evidence.source_ids(self.census, parent)
        if parent is self.contract:
            return ids
        model = models.tables[parent.table]
        own = {"own": model.c.user_id == self.order.owner_id}
        return ids & evidence.ids_where(connection, model, own)["own"]

    @property
    def repairs(self) -> pa.Table:
        """What was changed rather than copied, of the rows that have passed."""
        return pa.concat_tables(self._repairs)

    def batches(self, *, fill: bool) -> Iterator[pa.RecordBatch]:
        """Yields the batches for the target; runs in the thread that feeds COPY."""
        clock = Clock(self.order.zone)
        table = self.census.good(self.contract)
        by = Circumstances(
            clock=clock,
            switch=switch.find(table, clock, self.order.tasks_local_since),
            owner_id=self.order.owner_id,
            migrated_at=int(np.datetime64(self.migrated_at, "us").astype(np.int64)),
            fill=fill,
            parents=self._parents,
        )
        for batch in table.batches():
            converted = converting.convert(batch, self.contract, by)
            self._repairs.append(converted.repairs)
            yield converted.batch


def _require_same_snapshot(
    connection: sa.Connection, contract: Contract, snapshot: Snapshot
) -> None:
    """Makes sure that parents and children come from one point in time.

    Raises:
        TargetError: A parents' table was never loaded.
        SnapshotError: It was loaded from another snapshot.
    """
    for table in contract.loaded_after:
        load = journal.require_latest(connection, table)
        if load.snapshot.sha256 != snapshot.sha256:
            raise SnapshotError(
                f"pg_{contract.table} would load the snapshot {snapshot.path}, but pg_{table} "
                f"was loaded from {load.snapshot.path}, which is another moment; materialize "
                f"pg_{table} and pg_{contract.table} together."
            )
