"""Loads one table in one transaction: complete and audited, or not at all.

An empty table gets the rows straight from COPY, before its secondary indexes and foreign keys
are built; any other is staged and merged set-wise, so that unchanged rows are not touched. The
ledger is kept in the same transaction.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.common import AuditError, CheckResult, Progress, RowCounts, log_elapsed
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.errors import ConflictError, SnapshotError
from bizy_assets.core.load.adoption import AdoptedChange, adopted_changes
from bizy_assets.core.load.merge import create_stage, merge_rows
from bizy_assets.core.load.merge_plan import changed_since_load
from bizy_assets.core.load.row_stream import RowStream
from bizy_assets.core.postgres import (
    LOCK_TABLE,
    confirm_lock,
    copy_batches,
    copy_ids,
    describe_url,
    execute,
    lock_timeout,
    table_identity,
    temporary_id_table,
    transaction,
)
from bizy_assets.core.reconcile import audit, audit_errors
from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS
from bizy_assets.core.source import Snapshot
from bizy_assets.core.state import (
    Run,
    TableLoad,
    build_ledger,
    count_repairs,
    is_ledger_empty,
    latest_load,
    load_fingerprint,
    record_load,
    record_rejected_rows,
    record_repairs,
    require_load,
    start_run,
    sync_deletions,
)
from bizy_assets.core.target import (
    TARGET_TABLES,
    advance_sequence,
    drop_indexes_and_keys,
    ensure_indexes_and_keys,
    ensure_table,
)
from bizy_assets.core.validation import quarantined_rows

_SETTINGS = sql.SQL("SET LOCAL maintenance_work_mem TO '256MB'; SET LOCAL work_mem TO '64MB'")
"""For building indexes and for joining a table with its ledger, in this transaction only."""


@dataclass(frozen=True, kw_only=True)
class LoadRequest:
    """What to load, and how.

    Attributes:
        snapshot: Where the rows come from.
        zone: Zone of the laptop that wrote them.
        tasks_local_since: Instant from which ``tasks.created_at`` is local time, in UTC.
        owner_id: ``users.id`` of their owner.
        run_id: Dagster's run.
        lock_wait_seconds: How long to wait for sessions that hold locks on the tables.
        adopt: Whether the owner's rows that the ledger does not know are taken over.
        skip_ids: For each table, ids of the snapshot to leave out.
    """

    snapshot: Snapshot
    zone: ZoneInfo
    tasks_local_since: datetime
    owner_id: int
    run_id: str
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS
    adopt: bool = False
    skip_ids: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """What a load did.

    Attributes:
        load: What was written down about it.
        repairs: How many values were changed rather than copied, by rule.
        made: Names of new indexes and foreign keys.
        taken_over: Cells that changed as rows were taken over, the first few.
        verdicts: What its audit found; nothing where it wrote nothing, which is for the checks.
        seconds: How long it took.
    """

    load: TableLoad
    repairs: dict[str, int]
    made: list[str]
    taken_over: list[AdoptedChange]
    verdicts: list[CheckResult]
    seconds: float


def load_table(connection: sa.Connection, contract: Contract, order: LoadRequest) -> LoadResult:
    """Loads one table and commits it.

    Args:
        connection: Holds the target's lock; outside a transaction, but for a rehearsal.
        contract: The table.
        order: What to load.

    Raises:
        SnapshotError: The snapshot is gone, altered, or another than the parents' one.
        SchemaError: The table is something else.
        ConflictError: Rows that are not the migration's have the snapshot's ids.
        AuditError: The result is not what it must be.
        TargetError: Another session keeps the table locked.
    """
    started = time.monotonic()
    with transaction(connection):
        _require_same_snapshot(connection, contract, order.snapshot)
        _require_same_owner(connection, contract, order)
        run = _begin(connection, order)
    with transaction(connection):
        confirm_lock(connection, connection.engine.url)
        work = _TableLoader(connection, contract, order, run)
        work.take()
        load = work.bring_in()
        work.finish()
        # What was not written to cannot be taken back; the checks look at all of it afresh.
        verdicts = [] if work.idle else _audit(connection, load)
        record_load(connection, load)
        repairs = count_repairs(connection, load)
        taken_over = adopted_changes(connection, contract, run) if load.counts.adopted else []
    return LoadResult(
        load=load,
        repairs=repairs,
        made=work.made,
        taken_over=taken_over,
        verdicts=verdicts,
        seconds=time.monotonic() - started,
    )


def _audit(connection: sa.Connection, load: TableLoad) -> list[CheckResult]:
    """Judges what a load made, before it is committed.

    Raises:
        AuditError: It is not what it must be.
    """
    verdicts = audit(connection, load)
    if findings := audit_errors(verdicts):
        raise AuditError(
            f"Table {load.table} was not loaded and is as before, since its audit found: "
            + " ".join(findings),
            verdicts,
        )
    return verdicts


class _TableLoader:
    """One table's load, from its lock to its last index; all in one transaction."""

    def __init__(
        self, connection: sa.Connection, contract: Contract, order: LoadRequest, run: Run
    ) -> None:
        self.connection = connection
        self.contract = contract
        self.order = order
        self.run = run
        self.model = TARGET_TABLES[contract.table]
        self.made: list[str] = []
        self._dropped: set[str] = set()
        self._empty = False
        self._unchanged = False

    @property
    def idle(self) -> bool:
        """Whether every row and index was as the last load left it, so that nothing was written."""
        return self._unchanged and not self.made

    def take(self) -> None:
        """Makes the table, keeps others from writing, and finds what rows there can be.

        An empty table loses what is faster built after the data.
        """
        connection = self.connection
        with lock_timeout(connection, self.model, seconds=self.order.lock_wait_seconds):
            ensure_table(connection, self.model)
            execute(connection, LOCK_TABLE.format(sql.Identifier(self.model.name)))
            no_row = ~sa.exists(sa.select(self.model.c.id))
            self._empty = bool(connection.scalar(sa.select(no_row)))
            self._empty = self._empty and is_ledger_empty(connection, self.contract)
            if self._empty:
                self._dropped = drop_indexes_and_keys(connection, self.model)
        for column in self.contract.parents:
            sync_deletions(connection, BY_TABLE[str(column.references)])
        self.load = TableLoad(
            table=self.contract.table,
            run=self.run,
            loaded_at=_now(connection),
            skipped=tuple(self.order.skip_ids.get(self.contract.table, ())),
        )
        self.stream = RowStream(connection, self.load)
        place = table_identity(connection, self.contract.table)
        self.load = replace(
            self.load, basis=load_fingerprint(self.load, self.stream.parents, place)
        )

    def bring_in(self) -> TableLoad:
        """Copies or merges the rows, and returns the record of it."""
        connection, contract, stream = self.connection, self.contract, self.stream
        execute(connection, _SETTINGS)
        # First, since rows that are kept out are not taken for deleted ones.
        rejected = quarantined_rows(stream.census, contract)
        record_rejected_rows(connection, self.load, rejected)
        found = stream.census.tables[contract.table]
        if self._empty:
            batches = stream.batches(fill=True)
            progress = Progress(f"{contract.table} copied", found.valid_row_count)
            inserted = copy_batches(connection, contract.table, stream.schema, batches, progress)
            with log_elapsed(f"{inserted:,} {contract.table} entered in the ledger"):
                build_ledger(connection, contract, self.run.number)
            record_repairs(connection, self.load, stream.repairs)
            counts = RowCounts(inserted=inserted)
        else:
            counts = self._merge(found.valid_row_count)
        counts = replace(counts, source_rows=found.rows, quarantined=len(found.rejected_rowids))
        self.load = replace(self.load, counts=counts)
        return self.load

    def _merge(self, good_rows: int) -> RowCounts:
        """Merges all rows, or only touched ones where the others would become the same again."""
        connection, contract, stream = self.connection, self.contract, self.stream
        last = latest_load(connection, contract.table)
        scope = only = None
        if last is not None and last.basis == self.load.basis:
            source = str(self.run.snapshot.source)
            only = changed_since_load(connection, contract, source=source)
            self._unchanged = not only
            if self._unchanged:
                return RowCounts(unchanged=good_rows)
            scope = temporary_id_table(connection, f"bizy_scope_{contract.table}")
            copy_ids(connection, scope.name, only)
        stage = create_stage(connection, contract)
        batches = stream.batches(fill=False, only=only)
        staged = good_rows if only is None else len(only)
        progress = Progress(f"{contract.table} staged", staged)
        copy_batches(connection, stage.name, stream.schema, batches, progress)
        with log_elapsed(f"{staged:,} {contract.table} merged"):
            counts = merge_rows(
                connection,
                contract,
                stage,
                self.run,
                good_rows=good_rows,
                adopt=self.order.adopt,
                scope=scope,
            )
        if scope is None:
            record_repairs(connection, self.load, stream.repairs)
        return counts

    def finish(self) -> None:
        """Builds what is built after the data."""
        with lock_timeout(self.connection, self.model, seconds=self.order.lock_wait_seconds):
            self.made = ensure_indexes_and_keys(self.connection, self.model, dropped=self._dropped)
            advance_sequence(self.connection, self.contract.table)


def _begin(connection: sa.Connection, order: LoadRequest) -> Run:
    run = Run(
        run_id=order.run_id,
        snapshot=order.snapshot,
        zone=order.zone.key,
        tasks_local_since=order.tasks_local_since,
        user_id=order.owner_id,
    )
    return start_run(connection, run)


def _now(connection: sa.Connection) -> datetime:
    """Returns the transaction's own time."""
    return connection.execute(sa.select(sa.func.now())).scalar_one()


def _require_same_owner(connection: sa.Connection, contract: Contract, order: LoadRequest) -> None:
    """Makes sure that rows that were migrated for one user are not taken for another's.

    Raises:
        ConflictError: The table was loaded from this source for another user.
    """
    last = latest_load(connection, contract.table)
    if last is None or last.snapshot.source != order.snapshot.source:
        return
    if last.run.user_id != order.owner_id:
        raise ConflictError(
            f"Table {contract.table} in {describe_url(connection.engine.url)} was migrated from "
            f"{last.snapshot.source} for user {last.run.user_id}, but this run is for user "
            f"{order.owner_id}; set DEFAULT_USER_EMAIL to that user's again, or run the job "
            "rollback first."
        )


def _require_same_snapshot(
    connection: sa.Connection, contract: Contract, snapshot: Snapshot
) -> None:
    """Makes sure that parents and children come from one point in time.

    Raises:
        TargetError: A parents' table was never loaded.
        SnapshotError: It was loaded from another snapshot.
    """
    for table in contract.loaded_after:
        load = require_load(connection, table)
        if load.snapshot.sha256 != snapshot.sha256:
            raise SnapshotError(
                f"pg_{contract.table} would load the snapshot {snapshot.path}, but pg_{table} "
                f"was loaded from {load.snapshot.path}, which is another moment; materialize "
                f"pg_{table} and pg_{contract.table} together."
            )
