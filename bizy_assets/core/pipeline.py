"""The steps of a migration, one function each, on connections that the caller opens.

Assets, checks and jobs call these functions and report their results.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core import load, rollback, source, target
from bizy_assets.core.common import CheckResult
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.load import LoadRequest, LoadResult
from bizy_assets.core.reconcile import (
    AUDITS,
    CONTENT,
    check_content,
    collect_evidence,
    compare_cells,
)
from bizy_assets.core.settings import OwnerSettings, SourceSettings
from bizy_assets.core.source import Snapshot, SnapshotResult
from bizy_assets.core.state import (
    TableLoad,
    build_load_context,
    latest_loads,
    ledger_states,
    validation_of,
    verified_digests,
)
from bizy_assets.core.validation import ValidationResult, enforce

__all__ = [
    "check_table",
    "dry_run",
    "ensure_owner",
    "load_table",
    "roll_back",
    "take_snapshot",
    "validate",
]


def take_snapshot(connection: sa.Connection, settings: SourceSettings) -> SnapshotResult:
    """Back up the source, after a check that the target can be migrated to.

    Args:
        connection: To the target, outside a transaction; nothing is written.
        settings: Settings of the source.

    Raises:
        SourceError: The source cannot be read, or is not a Bizy file of a known version.
        SnapshotError: The snapshot cannot be written or differs from the source.
        TargetError: A table of the target does not match, or the role lacks a privilege.
    """
    with connection.begin():
        target.preflight(connection, connection.engine.url.username)
        loads = latest_loads(connection, BY_TABLE)
    return source.take_snapshot(
        settings.path, settings.backup_dir, settings.ignore_columns, verified_digests(loads)
    )


def validate(
    connection: sa.Connection, snapshot: Snapshot, settings: SourceSettings, home: Path
) -> ValidationResult:
    """Validate a snapshot, and apply the policy for rejected rows.

    Args:
        connection: To the target, outside a transaction; its records may prove the bytes valid.
        snapshot: The snapshot.
        settings: Settings of the source.
        home: ``BIZY_HOME``, for the list of violations.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
        SourceError: It has unknown columns that may not be ignored.
        ValidationError: It has violations, and the policy is to fail.
    """
    source.require_known_columns(snapshot, settings.ignore_columns)
    with connection.begin():
        validation = validation_of(connection, snapshot)
    enforce(validation, settings.on_bad_row, home)
    return validation


ensure_owner = target.ensure_owner
dry_run = load.dry_run_migration
roll_back = rollback.roll_back


def load_table(
    connection: sa.Connection, contract: Contract, request: LoadRequest, owner: OwnerSettings
) -> LoadResult:
    """Load one table for an owner account that exists, and commit it.

    Args:
        connection: Holds the target's lock; outside a transaction.
        contract: The table.
        request: What to load; its owner is replaced by the account's id.
        owner: Settings of the owner account.

    Raises:
        TargetError: The owner account does not exist, or as ``load.load_table``.
    """
    with connection.begin():
        target.ensure_state_schema(connection)
        owner_id = target.find_owner_id(connection, owner)
    return load.load_table(connection, contract, replace(request, owner_id=owner_id))


def check_table(
    connection: sa.Connection, loaded: TableLoad, names: Collection[str]
) -> Iterator[CheckResult]:
    """Run checks of a loaded table, and read only what they need.

    Args:
        connection: In a transaction.
        loaded: The table's last load.
        names: Names of the checks.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    context = build_load_context(connection, loaded)
    states = ledger_states(connection, context.contract, loaded.snapshot.source)
    if audits := [check for name, check in AUDITS.items() if name in names]:
        evidence = collect_evidence(connection, context, states)
        yield from (check(evidence) for check in audits)
    if CONTENT in names:
        yield check_content(compare_cells(connection, context, states), loaded)
