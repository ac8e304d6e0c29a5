"""The start of a run, with its first table: record it, and give every row of the source an id."""

import sqlalchemy as sa

from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.load.allocation import allocate_ids
from bizy_assets.core.load.preconditions import (
    require_no_other_source,
    require_same_owner,
    require_same_snapshot,
)
from bizy_assets.core.load.request import LoadRequest
from bizy_assets.core.load.reused_ids import find_candidates
from bizy_assets.core.postgres import advisory_locks, transaction
from bizy_assets.core.state import Run, runs, sources, validation_of
from bizy_assets.core.target import TARGET_TABLES, triggers


def find_run(connection: sa.Connection, contract: Contract, request: LoadRequest) -> Run | None:
    """Return the run of a load if it may load this table, None if it is not started yet.

    Raises:
        SnapshotError: The snapshot is not the one of the parents.
        ConflictError: The source was loaded for another owner.
        TargetError: The policy for triggers refuses.
    """
    known = sources.find_source(connection, request.run.source.key)
    require_same_owner(connection, known, request.run.user_id)
    triggers.require_permitted(connection, [TARGET_TABLES[contract.table]], request.triggers)
    require_same_snapshot(connection, contract, known, request.run)
    return runs.find_run(connection, request.run, known)


def start_run(connection: sa.Connection, request: LoadRequest) -> Run:
    """Record the start of the run of a load, and commit it.

    The rows of all tables that the run loads get their ids before the first table is loaded, so
    none is loaded if another one cannot be.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
        ConflictError: The owner has another source, or rows that the migration did not write have
            the snapshot's ids.
    """
    with transaction(connection):
        snapshot, key = request.run.snapshot, request.run.source.key
        validation = validation_of(connection, snapshot, key).without(request.skip_ids)
        valid = {
            contract.table: validation.valid_ids(contract)
            for contract in CONTRACTS
            if contract.table in request.tables
        }
        loads = runs.latest_loads_of_key(connection, valid, key)
        candidates = find_candidates(connection, snapshot, loads)
    # Other runs wait for this transaction.
    with transaction(connection):
        advisory_locks.allocation_lock(connection, wait_seconds=request.lock_wait_seconds)
        run = runs.start_run(connection, request.run)
        if not loads:
            require_no_other_source(connection, run.source)
        allocate_ids(
            connection,
            run,
            valid,
            candidates,
            adopt=request.adopt,
            lock_wait_seconds=request.lock_wait_seconds,
        )
    return run
