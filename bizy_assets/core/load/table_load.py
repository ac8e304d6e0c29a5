"""Load one table in one transaction: the table is complete and audited, or as it was before.

An empty table receives its rows straight from COPY, before its secondary indexes and foreign keys
are built. Any other table is merged set-wise from a staging table, so that unchanged rows are not
written. The ledger is updated in the same transaction.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.common import AuditError, CheckResult, IdSet, Progress, RowCounts, log_elapsed
from bizy_assets.core.contracts import BY_TABLE, CONTRACTS, Contract
from bizy_assets.core.load.adoption import AdoptedChange, adopted_changes
from bizy_assets.core.load.merge import create_stage, merge_rows
from bizy_assets.core.load.merge_plan import changed_since_load
from bizy_assets.core.load.preconditions import require_same_owner, require_same_snapshot
from bizy_assets.core.load.row_stream import RowStream
from bizy_assets.core.postgres import catalog, copy_batches, execute, locks, transaction
from bizy_assets.core.reconcile import checks
from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS, TriggerPolicy
from bizy_assets.core.state import (
    LoadContext,
    Run,
    TableLoad,
    build_load_context,
    ledger,
    load_fingerprint,
    row_log,
    runs,
)
from bizy_assets.core.target import TARGET_TABLES, ddl, sequences, state_tables, triggers
from bizy_assets.core.validation import quarantine

_MEMORY = sql.SQL("SET LOCAL maintenance_work_mem TO '256MB'; SET LOCAL work_mem TO '64MB'")
"""Memory of this transaction for building indexes, and for joining a table with its ledger."""


@dataclass(frozen=True, kw_only=True)
class LoadRequest:
    """What to load, and how.

    Attributes:
        run: The run to record, without its number.
        lock_wait_seconds: How long to wait for sessions that hold locks on the tables.
        triggers: What to do about triggers that may change the rows to load.
        adopt: Whether rows of the owner without a ledger entry are adopted.
        skip_ids: For each table, ids of the snapshot to exclude.
    """

    run: Run
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS
    triggers: TriggerPolicy = TriggerPolicy.REFUSE
    adopt: bool = False
    skip_ids: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def for_owner(self, user_id: int) -> "LoadRequest":
        """Return the request for another owner account."""
        return replace(
            self, run=replace(self.run, source=replace(self.run.source, user_id=user_id))
        )


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """The outcome of a load, with the numbers of adjusted values by rule.

    ``created`` names new indexes and foreign keys, ``triggers`` those that were disabled or fired.
    ``adopted_changes`` are the first values that adoption changed. ``results`` of the audit are
    empty if nothing was written, which leaves it to the checks.
    """

    load: TableLoad
    repairs: dict[str, int]
    created: list[str]
    triggers: list[str]
    adopted_changes: list[AdoptedChange]
    results: list[CheckResult]
    seconds: float


def load_table(connection: sa.Connection, contract: Contract, request: LoadRequest) -> LoadResult:
    """Load one table and commit it, on a connection that holds the target's lock.

    Raises:
        SnapshotError: The snapshot is missing, was altered, or is not the one of the parents.
        SchemaError: The table does not match the backend's schema.
        ConflictError: Rows that the migration did not write have the snapshot's ids.
        AuditError: The audit failed; the table is as it was before.
        TargetError: Another session holds a lock on the table.
    """
    started = time.monotonic()
    with transaction(connection):
        require_same_owner(connection, request.run)
        triggers.require_permitted(connection, [TARGET_TABLES[contract.table]], request.triggers)
        run = runs.start_run(connection, request.run)
        require_same_snapshot(connection, contract, run)
    with transaction(connection):
        locks.confirm_lock(connection, connection.engine.url)
        execute(connection, _MEMORY)
        is_first, dropped = _lock_table(connection, contract, request.lock_wait_seconds)
        context = _new_context(connection, contract, run, request)
        changed = None if is_first else _changed_rows(connection, context)
        nothing_changed = changed is not None and not changed
        found: list[str] = []
        if nothing_changed:
            counts = RowCounts(unchanged=context.table_validation.valid_row_count)
        else:
            counts, found = _write_rows(connection, context, request, changed, is_first=is_first)
        validation = context.table_validation
        rejected = len(validation.rejected_rowids)
        counts = replace(counts, source_rows=validation.rows, rejected=rejected)
        load = replace(context.load, counts=counts)
        created = _build_indexes(connection, contract, dropped, request.lock_wait_seconds)
        # Without a write there is nothing to roll back, and the checks read the whole table.
        is_unwritten = nothing_changed and not created
        results = [] if is_unwritten else _audit(connection, replace(context, load=load))
        sequence = sequences.find_sequence(connection, TARGET_TABLES[contract.table])
        load = replace(load, next_id=sequence.next if sequence else 0)
        load = replace(load, seconds=time.monotonic() - started)
        runs.record_load(connection, load)
        repairs = row_log.count_repairs(connection, load)
        changes = adopted_changes(connection, contract, run) if counts.adopted else []
    return LoadResult(
        load=load,
        repairs=repairs,
        created=created,
        triggers=found,
        adopted_changes=changes,
        results=results,
        seconds=time.monotonic() - started,
    )


def _lock_table(
    connection: sa.Connection, contract: Contract, lock_wait_seconds: float
) -> tuple[bool, set[str]]:
    """Create the table if necessary, and lock it against writes.

    Returns whether this is its first load, and the names of the indexes and foreign keys that
    were dropped for it, since they are built faster after the data.
    """
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    dropped: set[str] = set()
    with locks.lock_timeout(connection, table, seconds=lock_wait_seconds):
        ddl.ensure_table(connection, table)
        locks.lock_for_writing(connection, table)
        filled = sa.or_(sa.exists(sa.select(table.c.id)), sa.exists(sa.select(entry.c.id)))
        is_first = not connection.scalar(sa.select(filled))
        if is_first:
            dropped = ddl.drop_indexes_and_keys(connection, table)
    return is_first, dropped


def _new_context(
    connection: sa.Connection, contract: Contract, run: Run, request: LoadRequest
) -> LoadContext:
    """Assemble the inputs of a new load, with its fingerprint."""
    for column in contract.parents:
        ledger.sync_deletions(connection, BY_TABLE[str(column.references)])
    load = TableLoad(
        table=contract.table,
        run=run,
        loaded_at=connection.execute(sa.select(sa.func.now())).scalar_one(),
        skipped=tuple(request.skip_ids.get(contract.table, ())),
    )
    context = build_load_context(connection, load)
    identity = catalog.table_identity(connection, TARGET_TABLES[contract.table])
    fingerprint = load_fingerprint(load, context.parents, context.updates, identity)
    return replace(context, load=replace(load, fingerprint=fingerprint))


def _changed_rows(connection: sa.Connection, context: LoadContext) -> IdSet | None:
    """Return the rows to merge where the previous load wrote all others; None means all rows."""
    load = context.load
    previous = runs.latest_load(connection, load.table, load.run.source.id)
    if previous is None or previous.fingerprint != load.fingerprint:
        return None
    return changed_since_load(connection, context.contract, load.run.source.id)


def _write_rows(
    connection: sa.Connection,
    context: LoadContext,
    request: LoadRequest,
    changed: IdSet | None,
    *,
    is_first: bool,
) -> tuple[RowCounts, list[str]]:
    """Copy or merge rows under the policy for triggers, which are returned with the counts."""
    table = TARGET_TABLES[context.load.table]
    # A deletion sets the parents of rows of other tables to NULL.
    children = {c.table for c in CONTRACTS for p in c.parents if p.references == table.name}
    with locks.lock_timeout(connection, table, seconds=request.lock_wait_seconds):
        tables = [TARGET_TABLES[name] for name in sorted({table.name, *children})]
        disabled = triggers.disable_triggers(connection, tables, request.triggers)
    firing = triggers.find_triggers(connection, [table])
    if is_first and not firing:
        counts = _copy(connection, context)
    else:
        counts = _merge(connection, context, changed, adopt=request.adopt, compare=bool(firing))
    triggers.enable_triggers(connection, disabled)
    return counts, [f"{t} disabled" for t in disabled] + [f"{t} fired" for t in firing]


def _copy(connection: sa.Connection, context: LoadContext) -> RowCounts:
    """Copy all rows into an empty table, and build its ledger."""
    contract, load = context.contract, context.load
    rejected = quarantine.quarantined_rows(context.validation, contract)
    row_log.record_rejected_rows(connection, load, rejected)
    stream = RowStream(context)
    inserted = copy_batches(
        connection,
        TARGET_TABLES[contract.table],
        stream.schema,
        stream.batches(fill_missing=True),
        Progress(f"{contract.table} copied", context.table_validation.valid_row_count),
    )
    with log_elapsed(f"{inserted:,} {contract.table} entered in the ledger"):
        ledger.build_ledger(connection, contract, load.run.number)
    row_log.record_repairs(connection, load, stream.repairs)
    return RowCounts(inserted=inserted)


def _merge(
    connection: sa.Connection,
    context: LoadContext,
    only: IdSet | None,
    *,
    adopt: bool,
    compare: bool,
) -> RowCounts:
    """Stage and merge all rows, or only those that changed in PostgreSQL."""
    contract, load = context.contract, context.load
    # The merge reads the rejected rows: they do not count as deleted in the source.
    rejected = quarantine.quarantined_rows(context.validation, contract)
    row_log.record_rejected_rows(connection, load, rejected)
    staged = context.table_validation.valid_row_count if only is None else len(only)
    stage = create_stage(connection, contract)
    stream = RowStream(context)
    batches = stream.batches(fill_missing=False, only=only)
    progress = Progress(f"{contract.table} staged", staged)
    copy_batches(connection, stage, stream.schema, batches, progress)
    with log_elapsed(f"{staged:,} {contract.table} merged"):
        counts = merge_rows(connection, context, stage, adopt=adopt, only=only, compare=compare)
    if only is None:
        row_log.record_repairs(connection, load, stream.repairs)
    return counts


def _build_indexes(
    connection: sa.Connection, contract: Contract, dropped: set[str], lock_wait_seconds: float
) -> list[str]:
    table = TARGET_TABLES[contract.table]
    with locks.lock_timeout(connection, table, seconds=lock_wait_seconds):
        created = ddl.ensure_indexes_and_keys(connection, table, dropped=dropped)
        sequences.advance_sequence(connection, table)
    return created


def _audit(connection: sa.Connection, context: LoadContext) -> list[CheckResult]:
    """Audit a table before it is committed; raises ``AuditError``."""
    results = checks.audit(connection, context)
    if errors := checks.audit_errors(results):
        raise AuditError(
            f"Table {context.load.table} was not loaded and is unchanged, because its audit "
            f"failed: {' '.join(errors)}",
            results,
        )
    return results
