"""Load one table in one transaction: the table is complete and audited, or as it was before.

An empty table receives its rows straight from COPY, before its secondary indexes and foreign keys
are built. Any other table is merged set-wise from a staging table, so that unchanged rows are not
written. The ledger is updated in the same transaction.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from bizy_assets.core.common import AuditError, CheckResult, IdPolicy, IdSet, RowCounts
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.load.adoption import AdoptedChanges, find_adopted
from bizy_assets.core.load.request import LoadRequest
from bizy_assets.core.load.row_locking import EvidenceBefore
from bizy_assets.core.load.row_writing import WrittenRows, changed_rows, write_rows
from bizy_assets.core.load.run_start import find_run, start_run
from bizy_assets.core.postgres import (
    advisory_locks,
    catalog,
    locks,
    run_giving_way,
    transaction,
)
from bizy_assets.core.reconcile import checks
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.state import (
    LoadContext,
    Run,
    TableLoad,
    build_load_context,
    id_ranges,
    ledger,
    load_fingerprint,
    row_log,
    runs,
)
from bizy_assets.core.target import (
    TARGET_TABLES,
    ddl,
    ensure_state_schema,
    find_owner_id,
    sequences,
    state_tables,
)
from bizy_assets.core.transform import IdMap
from bizy_assets.core.validation import TableValidation

T = TypeVar("T")

_ENSURE_MEMORY = sa.text("""
    SELECT set_config(
        name, CAST(greatest(pg_size_bytes(current_setting(name)) / 1024, kilobytes) AS text), true)
    FROM (VALUES ('maintenance_work_mem', 256 * 1024), ('work_mem', 64 * 1024))
        AS needed (name, kilobytes)
""")
"""Raises memory for building indexes, and for joining a table with its ledger, if less is set."""


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """The outcome of a load, with the numbers of adjusted values by rule.

    ``created`` names new indexes and foreign keys, ``triggers`` those that were disabled or fired.
    ``adopted`` are the values that adoption changed, if it adopted rows.
    ``renumbered`` lists new rows that got another id although the source keeps its ids. ``results``
    of the audit are empty if nothing was written, which leaves it to the checks.
    """

    load: TableLoad
    repairs: dict[str, int]
    created: list[str]
    triggers: list[str]
    adopted: AdoptedChanges | None
    renumbered: str
    results: list[CheckResult]
    seconds: float


def load_table(
    connection: sa.Connection,
    contract: Contract,
    request: LoadRequest,
    owner: OwnerSettings | None = None,
) -> LoadResult:
    """Load one table and commit it, on a connection that holds the target's lock.

    An account that exists may be given as the ``owner``, in place of that of the request.

    Raises:
        SnapshotError: The snapshot is missing, was altered, or is not the one of the parents.
        SchemaError: The table does not match the backend's schema.
        ConflictError: Rows that the migration did not write have the snapshot's ids.
        AuditError: The audit failed; the table is as it was before.
        TargetError: Other sessions hold locks on the table or wait for those of the load, or the
            owner does not exist.
    """
    started = time.monotonic()

    def load_if_started() -> tuple[LoadRequest, LoadResult | None]:
        owned = request
        if owner is not None:
            ensure_state_schema(connection)
            owned = request.for_owner(find_owner_id(connection, owner))
        run = find_run(connection, contract, owned)
        return owned, _load(connection, contract, owned, run, started) if run else None

    owned, result = _in_transaction(connection, contract, request, load_if_started)
    if result is not None:
        return result
    run = start_run(connection, owned)
    return _in_transaction(
        connection, contract, owned, lambda: _load(connection, contract, owned, run, started)
    )


def _in_transaction(
    connection: sa.Connection, contract: Contract, request: LoadRequest, step: Callable[[], T]
) -> T:
    """Run a step in a transaction, for which no other session waits long if others are loaded."""
    if request.concurrent:
        what = f"The load of {contract.table}"
        return run_giving_way(connection, step, what, seconds=request.lock_wait_seconds)
    with transaction(connection):
        return step()


def ensure_memory(connection: sa.Connection) -> None:
    """Raise the server's limits of memory for this transaction to what a load needs."""
    connection.execute(_ENSURE_MEMORY)


def _load(
    connection: sa.Connection, contract: Contract, request: LoadRequest, run: Run, started: float
) -> LoadResult:
    """Load one table in the open transaction."""
    advisory_locks.confirm_lock(connection, connection.engine.url)
    ensure_memory(connection)
    is_empty = _prepare_table(connection, contract, request)
    context = _new_context(connection, contract, run, request)
    # Without rows to copy, indexes stay, whose keys would lock the backend's users.
    is_empty &= context.table_validation.valid_row_count > 0
    dropped = _drop_indexes(connection, contract, request) if is_empty else set()
    renumbered = _renumbered(connection, context)
    changed = None if is_empty else changed_rows(connection, context)
    nothing_changed = changed is not None and not changed
    if nothing_changed:
        unchanged = RowCounts(unchanged=context.table_validation.valid_row_count)
        written = WrittenRows(counts=unchanged, triggers=[])
    else:
        written = write_rows(connection, context, request, changed, is_empty=is_empty)
    load = replace(context.load, counts=_with_rejected(written.counts, context.table_validation))
    created = _build_indexes(connection, context, dropped, request)
    # Without a write there is nothing to roll back, and the checks read the whole table.
    is_unwritten = nothing_changed and not created
    context = replace(context, load=load)
    results = [] if is_unwritten else _audit(connection, context, request, written.before)
    next_id = _next_id(connection, contract)
    load = replace(load, next_id=next_id, seconds=time.monotonic() - started)
    runs.record_load(connection, load)
    repairs = row_log.count_repairs(connection, load)
    adopted = find_adopted(connection, contract, run, request.home) if load.counts.adopted else None
    renumbered = _renumbered(connection, context) - renumbered
    return LoadResult(
        load=load,
        repairs=repairs,
        created=created,
        triggers=written.triggers,
        adopted=adopted,
        renumbered=context.table_ids.label(renumbered) if renumbered else "",
        results=results,
        seconds=time.monotonic() - started,
    )


def _with_rejected(counts: RowCounts, validation: TableValidation) -> RowCounts:
    rejected = len(validation.rejected_rowids)
    return replace(counts, source_rows=validation.rows, rejected=rejected)


def _prepare_table(connection: sa.Connection, contract: Contract, request: LoadRequest) -> bool:
    """Create the table if necessary, and lock it against writes, unless others are loaded too.

    Returns whether it is empty.
    """
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    if request.concurrent:
        return False
    with locks.lock_timeout(connection, table, seconds=request.lock_wait_seconds):
        ddl.ensure_table(connection, table)
        locks.lock_for_writing(connection, table)
        filled = sa.or_(sa.exists(sa.select(table.c.id)), sa.exists(sa.select(entry.c.id)))
        return not connection.scalar(sa.select(filled))


def _drop_indexes(connection: sa.Connection, contract: Contract, request: LoadRequest) -> set[str]:
    """Drop the indexes and foreign keys of an empty table, which are built faster after the data.

    Returns their names.
    """
    table = TARGET_TABLES[contract.table]
    with locks.lock_timeout(connection, table, seconds=request.lock_wait_seconds):
        return ddl.drop_indexes_and_keys(connection, table)


def _new_context(
    connection: sa.Connection, contract: Contract, run: Run, request: LoadRequest
) -> LoadContext:
    """Assemble the inputs of a new load, with its fingerprint."""
    for column in contract.parents:
        parents = BY_TABLE[str(column.references)]
        ledger.sync_deletions(connection, parents, id_ranges.read_ids(connection, run.source.id))
    loaded_at, transaction_id = connection.execute(_time_and_transaction(run, contract)).one()
    load = TableLoad(
        table=contract.table,
        run=run,
        loaded_at=loaded_at,
        skipped=tuple(request.skip_ids.get(contract.table, ())),
    )
    context = build_load_context(connection, load)
    identity = catalog.table_identity(connection, TARGET_TABLES[contract.table])
    fingerprint = load_fingerprint(
        load, context.parents, context.updates, context.ids, identity, transaction_id
    )
    return replace(context, load=replace(load, fingerprint=fingerprint))


def _time_and_transaction(run: Run, contract: Contract) -> sa.Select[tuple[Any, str]]:
    """Return the query for the time and the transaction's number of a load.

    The time stays if a run loads a table again, since rows that are not written again have it. The
    number is in the form in which PostgreSQL shows it for written rows.
    """
    c = state_tables.LOADS.c
    is_same = (c.run_id == run.number) & (c.table_name == contract.table)
    before = sa.select(sa.func.timezone("UTC", c.loaded_at)).where(is_same).scalar_subquery()
    transaction_id = sa.cast(sa.func.pg_current_xact_id(), ledger.TransactionId)
    loaded_at: sa.ColumnElement[Any] = sa.func.coalesce(before, sa.func.now())
    return sa.select(loaded_at, sa.cast(transaction_id, sa.Text))


def _renumbered(connection: sa.Connection, context: LoadContext) -> IdSet:
    """Return the rows in the ledger that have another id, though the source keeps its ids."""
    shifted = IdMap(each for each in context.table_ids.ranges if each.shift)
    result = IdSet()
    if shifted.ranges and context.load.run.source.id_policy is IdPolicy.KEEP:
        ids = ledger.ledger_states(connection, context.contract, context.ids).entries.array()
        result.add(ids[shifted.to_source(ids.astype(np.int64))[1]])
    return result


def _build_indexes(
    connection: sa.Connection, context: LoadContext, dropped: set[str], request: LoadRequest
) -> list[str]:
    table = TARGET_TABLES[context.load.table]
    if request.concurrent:
        return []
    with locks.lock_timeout(connection, table, seconds=request.lock_wait_seconds):
        created = ddl.ensure_indexes_and_keys(connection, table, dropped=dropped)
        highest = max((high for _, high in context.within), default=0)
        sequences.advance_sequence(
            connection, table, past=highest, lock_wait_seconds=request.lock_wait_seconds
        )
    return created


def _next_id(connection: sa.Connection, contract: Contract) -> int:
    """Return the id from which on rows of a table are younger than this load, 0 if unknown."""
    sequence = sequences.find_sequence(connection, TARGET_TABLES[contract.table])
    return sequence.next if sequence else 0


def _audit(
    connection: sa.Connection,
    context: LoadContext,
    request: LoadRequest,
    before: EvidenceBefore | None,
) -> list[CheckResult]:
    """Audit a table before it is committed; raises ``AuditError``."""
    evidence = before.after(connection, context) if before else None
    results = checks.audit(connection, context, concurrent=request.concurrent, evidence=evidence)
    if errors := checks.audit_errors(results):
        raise AuditError(
            f"Table {context.load.table} was not loaded and is unchanged, because its audit "
            f"failed: {' '.join(errors)}",
            results,
        )
    return results
