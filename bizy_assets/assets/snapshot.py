"""The asset ``sqlite_backup``: a snapshot of the Bizy file."""

import inspect
from typing import Any

import dagster as dg
import sqlalchemy as sa

from bizy_assets import metadata
from bizy_assets.core import pipeline
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import SourceSettings, TargetSettings, bizy_home
from bizy_assets.core.source import SnapshotResult
from bizy_assets.core.validation import time_zone
from bizy_assets.metadata import SINGLE_FILE, Scope
from bizy_assets.resources import BizySource, BizyTarget, SourceResource, TargetResource
from bizy_assets.runtime import (
    log_details,
    log_lines,
    snapshot_history,
    tag_run,
    user_errors,
)


def take_snapshot(
    context: dg.AssetExecutionContext, scope: Scope, source: SourceResource, target: TargetResource
) -> dg.MaterializeResult[None]:
    """A snapshot of the Bizy file at one point in time, which all downstream assets read.

    Taken with SQLite's online backup while Bizy may continue to write; the file itself is never
    changed. Verified with `PRAGMA integrity_check` and row counts. The target is checked first, so
    that a run that could not load fails before it writes anything.
    """
    with user_errors(context):
        settings = source.settings()
        triggers = _require_valid_settings(target).triggers
        owner = None if settings.is_in_fleet else target.owner()
        with target.writing() as connection:
            result = pipeline.take_snapshot(connection, settings, triggers, owner)
            removed = _prune(context, scope, connection, settings, result)
            target_name = describe_url(connection.engine.url)
    tag_run(context, target_name, result.snapshot)
    shown = time_zone.show_local_times(result.snapshot, settings)
    _log(context, scope, settings, result, shown)
    details = {"zone": settings.zone_label, "times": shown}
    return dg.MaterializeResult(scope.sqlite_backup, metadata=_metadata(result, removed) | details)


def snapshot_options(scope: Scope) -> metadata.ScopedOptions:
    """Return the options of the asset."""
    return {
        "key": scope.sqlite_backup,
        "deps": [scope.upstream],
        "partitions_def": scope.partitions_def,
        "kinds": {"sqlite"},
        "description": inspect.getdoc(take_snapshot),
        **metadata.asset_options(
            metadata.glossary.SOURCE, metadata.glossary.SNAPSHOT, metadata.source_schema()
        ),
    }


@dg.asset(**snapshot_options(SINGLE_FILE))
def sqlite_backup(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """Take a snapshot of the single file."""
    return take_snapshot(context, SINGLE_FILE, source, target)


def _metadata(result: SnapshotResult, removed: list[str]) -> dict[str, Any]:
    return {
        "path": dg.MetadataValue.path(str(result.snapshot.path)),
        "source": dg.MetadataValue.path(str(result.snapshot.source)),
        "sha256": result.snapshot.sha256,
        "taken_at": dg.MetadataValue.timestamp(result.snapshot.taken_at),
        "size": dg.MetadataValue.int(result.size),
        "seconds": round(result.seconds, 3),
        "dagster/row_count": sum(result.rows.values()),
        "rows": _rows(result),
        **_ignored(result),
        **({"deleted_snapshots": removed} if removed else {}),
    }


def _require_valid_settings(target: TargetResource) -> TargetSettings:
    """Read the settings that only later assets need, so that an invalid one fails the run now."""
    target.owner()
    bizy_home()
    return target.settings()


def _prune(
    context: dg.AssetExecutionContext,
    scope: Scope,
    connection: sa.Connection,
    settings: SourceSettings,
    result: SnapshotResult,
) -> list[str]:
    """Delete old snapshots, if the settings limit their number, and return their paths."""
    if settings.keep_backups is None:
        return []
    removed = pipeline.prune_snapshots(
        connection,
        [result.snapshot, *snapshot_history.snapshots_of(context, scope, settings.path)],
        settings.key,
        keep=settings.keep_backups,
        loaded=snapshot_history.loaded_snapshots(context, map(scope.table, BY_TABLE)),
    )
    return [str(path) for path in removed]


def _ignored(result: SnapshotResult) -> dict[str, list[str]]:
    """Return the names of tables and columns that are not migrated, if any."""
    ignored = {
        "unknown_tables_ignored": list(result.unknown_tables),
        "unknown_columns_ignored": list(result.unknown_columns),
    }
    return {title: names for title, names in ignored.items() if names}


def _rows(result: SnapshotResult) -> str:
    return ", ".join(f"{table} {count:,}" for table, count in result.rows.items())


def _log(
    context: dg.AssetExecutionContext,
    scope: Scope,
    settings: SourceSettings,
    result: SnapshotResult,
    shown: list[str],
) -> None:
    snapshot = result.snapshot
    log_details(
        context,
        f"copied {snapshot.source} to {snapshot.path} in {result.seconds:.1f} s "
        f"(rows: {_rows(result)})",
    )
    if not context.has_partition_key:
        for title, names in _ignored(result).items():
            log_lines(context, f"{title.replace('_', ' ')}: {', '.join(names)}")
    log_details(context, f"time zone of local times: {settings.zone_label}")
    if shown:
        # The first run of a file shows them to everybody, since its zone may be wrong.
        earlier = snapshot_history.snapshots_of(context, scope, settings.path)
        is_shown = not context.has_partition_key and next(earlier, None) is None
        log = log_lines if is_shown else log_details
        log(context, f"local times are read as: {', '.join(shown)}")
