"""The steps of a migration, one function each, on connections that the caller opens.

Assets, checks and jobs call these functions and report their results.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core import load, reconcile, rollback, source, state, target
from bizy_assets.core.common import CheckResult, TriggerPolicy
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.load import DryRunResult, LoadRequest
from bizy_assets.core.settings import OwnerSettings, SourceSettings, TargetSettings
from bizy_assets.core.source import Snapshot, SnapshotResult
from bizy_assets.core.validation import ValidationResult, quarantine, time_zone


def take_snapshot(
    connection: sa.Connection,
    settings: SourceSettings,
    triggers: TriggerPolicy,
    owner: OwnerSettings | None = None,
) -> SnapshotResult:
    """Back up the source, after a check that the target can be migrated to; write nothing there.

    If an owner is given whose account does not exist, its password is prepared meanwhile.

    Raises:
        ConflictError: The owner's account contradicts the settings.
        SourceError: The source cannot be read, or is not a Bizy file of a known version.
        ConfigurationError: It has local times, and their zone has to be chosen.
        SnapshotError: The snapshot cannot be written or differs from the source.
        TargetError: A table does not match or has triggers, or the role lacks a privilege.
    """
    with connection.begin():
        target.ddl.preflight(connection)
        target.triggers.require_permitted(connection, target.TARGET_TABLES.values(), triggers)
        loads = _loads_of(connection, state.sources.find_source(connection, settings.key))
        if owner is not None and target.find_owner(connection, owner) is None:
            target.prepare_password()
    time_zone.require_chosen_zone(settings)
    # The integrity of a loaded snapshot was verified before the load.
    verified = {load.snapshot.sha256 for load in loads}
    return source.take_snapshot(
        settings.path, settings.backup_dir, settings.ignore_columns, verified
    )


def prune_snapshots(
    connection: sa.Connection,
    snapshots: Iterable[Snapshot],
    key: str,
    *,
    keep: int,
    loaded: Collection[Path],
) -> list[Path]:
    """Delete the oldest snapshots of a source, given newest first, and return the deleted files.

    Besides the number to keep, those stay from which tables of this target (outside a transaction)
    or of others (``loaded``) were loaded last.
    """
    with connection.begin():
        target.upgrade_state(connection)
        loads = _loads_of(connection, state.sources.find_source(connection, key))
    preserved = {*loaded, *(load.snapshot.path for load in loads)}
    return source.prune_snapshots(snapshots, keep=keep, loaded=preserved)


def loaded_source(
    connection: sa.Connection, key: str, *, only: bool = False
) -> state.Source | None:
    """Return the source with a key if it was loaded, or else the one that was loaded last.

    None if no table was ever loaded, or ``only`` this source is wanted and was never loaded.

    Raises:
        SchemaError: Another release of bizy-assets wrote the target's records.
    """
    return _loaded(connection, key, only=only)[0]


def loaded_run(connection: sa.Connection, key: str, *, only: bool = False) -> state.Run | None:
    """Return the run of the newest load of a source, see ``loaded_source``."""
    _, loads = _loaded(connection, key, only=only)
    return state.runs.newest_load(loads).run if loads else None


def require_load(
    connection: sa.Connection, table: str, key: str, *, only: bool = False
) -> state.TableLoad:
    """Return the last load of a table from a source, see ``loaded_source``.

    Raises:
        TargetError: The table was never loaded from it, or it was rolled back.
    """
    _, loads = _loaded(connection, key, only=only)
    return state.runs.require_load_to_verify(connection, table, loads)


def _loaded(
    connection: sa.Connection, key: str, *, only: bool
) -> tuple[state.Source | None, list[state.TableLoad]]:
    """Return the source of ``loaded_source`` with the last load of each of its tables."""
    target.require_current_state(connection)
    source = state.sources.find_source(connection, key)
    loads = _loads_of(connection, source)
    if loads or only:
        return (source if loads else None), loads
    newest = state.sources.newest_source(connection)
    return newest, _loads_of(connection, newest)


def _loads_of(connection: sa.Connection, source: state.Source | None) -> list[state.TableLoad]:
    return state.runs.latest_loads(connection, BY_TABLE, source.id if source else 0)


def prepare_target(connection: sa.Connection, settings: TargetSettings) -> list[str]:
    """Create whatever the loads of a fleet need, commit it, and return the new names.

    The connection holds the target's lock alone. A load of a fleet changes no definition.

    Raises:
        TargetError: A table does not match, has triggers that the policy refuses, or was locked by
            another session for too long, or the role lacks a privilege.
    """
    with connection.begin():
        tables = target.TARGET_TABLES.values()
        target.triggers.require_permitted(connection, tables, settings.triggers)
    return target.prepare_schema(connection, lock_wait_seconds=settings.lock_wait_seconds)


def validate(
    connection: sa.Connection, snapshot: Snapshot, settings: SourceSettings, home: Path
) -> ValidationResult:
    """Validate a snapshot, and apply the policy for rejected rows.

    A snapshot that the target records as loaded without rejected rows is not scanned again. The
    violations are listed in a file in ``BIZY_HOME``.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
        SourceError: It has unknown columns that may not be ignored.
        ConfigurationError: It has local times, and their zone has to be chosen.
        ValidationError: It has violations, and the policy is to fail.
    """
    source.require_known_columns(snapshot, settings.ignore_columns)
    time_zone.require_chosen_zone(settings, snapshot.path)
    with connection.begin():
        validation = state.validation_of(connection, snapshot, settings.key)
    quarantine.enforce(validation, settings.on_bad_row, home)
    return validation


def require_same_owner(connection: sa.Connection, key: str, settings: OwnerSettings) -> None:
    """Check that a source was not migrated for another owner account, before one is created.

    Raises:
        ConflictError: It was, or the account contradicts the settings.
    """
    with connection.begin():
        known = state.sources.find_source(connection, key)
        load.require_same_owner(connection, known, target.find_owner(connection, settings))


ensure_owner = target.ensure_owner
reset_owner_password = target.reset_owner_password
load_table = load.load_table
roll_back = rollback.roll_back
roll_back_source = rollback.roll_back_source
remove_objects = rollback.remove_objects


def load_request(
    snapshot: Snapshot,
    source_settings: SourceSettings,
    target_settings: TargetSettings,
    run_id: str,
    home: Path,
    tables: Collection[str] = tuple(BY_TABLE),
) -> LoadRequest:
    """Combine a snapshot with the settings of a run, whose id is Dagster's, and its tables.

    It has no owner yet, which ``load_table`` and ``dry_run`` determine.
    """
    run = state.Run(
        run_id=run_id,
        source=state.Source(
            key=source_settings.key,
            path=snapshot.source,
            user_id=0,
            id_policy=source_settings.id_policy,
        ),
        snapshot=snapshot,
        zone=source_settings.zone.key,
        zone_origin=source_settings.zone_origin,
        tasks_local_since=source_settings.tasks_local_since,
    )
    return LoadRequest(
        run=run,
        lock_wait_seconds=target_settings.lock_wait_seconds,
        triggers=target_settings.triggers,
        adopt=target_settings.adopt,
        skip_ids=target_settings.skip_ids,
        home=home,
        tables=tables,
        concurrent=source_settings.is_in_fleet,
    )


def check_table(
    connection: sa.Connection, loaded: state.TableLoad, names: Collection[str], *, run_id: str
) -> list[CheckResult]:
    """Run checks of a loaded table by name, in the caller's transaction; read only what they need.

    In the run that loaded the table, rows that other sessions wrote since the load's commit do not
    count as errors of the load: they are edited or deleted rows, which are preserved.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    context = state.build_load_context(connection, loaded)
    run_checks = partial(_check, connection, context, names)
    is_loading = loaded.run.run_id == run_id
    return reconcile.checks.evaluate(connection, context, run_checks, others_write=is_loading)


def _check(
    connection: sa.Connection,
    context: state.LoadContext,
    names: Collection[str],
    states: state.ledger.LedgerStates,
) -> Iterator[CheckResult]:
    with ExitStack() as stack:
        if reconcile.CONTENT in names:
            # While rows are compared, PostgreSQL can answer the other questions.
            diff = stack.enter_context(reconcile.comparison(connection, context, states))
        if audits := [check for name, check in reconcile.checks.AUDITS.items() if name in names]:
            evidence = reconcile.collect_evidence(connection, context, states)
            yield from (check(evidence) for check in audits)
        if reconcile.BACKEND_ACCEPTS in names:
            yield reconcile.check_backend_accepts(connection, context, states)
        if reconcile.CONTENT in names:
            yield reconcile.check_content(diff(), context)


def dry_run(
    connection: sa.Connection,
    source_settings: SourceSettings,
    target_settings: TargetSettings,
    owner: OwnerSettings,
    home: Path,
    *,
    run_id: str,
) -> DryRunResult:
    """Run the whole migration in a transaction and roll it back; keep neither snapshot nor files.

    The connection holds the target's lock. Violations are listed in a file in ``BIZY_HOME``.

    Raises:
        BizyError: As ``take_snapshot`` and ``validate``; the result has errors of later steps.
    """
    triggers = target_settings.triggers
    with _temporary_snapshot(connection, source_settings, triggers, owner) as snapshot:
        validation = validate(connection, snapshot, source_settings, home)
        request = load_request(snapshot, source_settings, target_settings, run_id, home)
        values, _ = reconcile.check_values(validation, source_settings.on_bad_row, home)
        return replace(
            load.dry_run_migration(connection, request, owner, home),
            zone=time_zone.check_time_zone(snapshot, source_settings),
            snapshot_results=[values, reconcile.check_orphans(validation)],
        )


@contextmanager
def _temporary_snapshot(
    connection: sa.Connection,
    settings: SourceSettings,
    triggers: TriggerPolicy,
    owner: OwnerSettings,
) -> Iterator[Snapshot]:
    """Take a snapshot as the migration does, and delete it and its new folders afterwards."""
    folder = settings.backup_dir
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    snapshot = take_snapshot(connection, settings, triggers, owner).snapshot
    try:
        yield snapshot
    finally:
        snapshot.path.unlink(missing_ok=True)
        for path in missing:
            # Other processes may have created files there.
            with suppress(OSError):
                path.rmdir()
