"""The asset ``sqlite_backup``: a snapshot of the Bizy file."""

import dagster as dg
import sqlalchemy as sa

from bizy_assets import metadata
from bizy_assets.core import pipeline
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import SourceSettings, TargetSettings, bizy_home
from bizy_assets.core.source import SnapshotResult
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import log_lines, snapshot_history, user_errors


@dg.asset(
    key=metadata.SQLITE_BACKUP,
    deps=[metadata.BIZY_FILE],
    kinds={"sqlite"},
    **metadata.asset_options(metadata.glossary.SNAPSHOT, metadata.source_schema()),
)
def sqlite_backup(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """A snapshot of the Bizy file at one point in time, which all downstream assets read.

    Taken with SQLite's online backup while Bizy may continue to write; the file itself is never
    changed. Verified with `PRAGMA integrity_check` and row counts. The target is checked first, so
    that a run that could not load fails before it writes anything.
    """
    with user_errors(context):
        settings = source.settings()
        triggers = _require_valid_settings(target).triggers
        with target.writing() as connection:
            result = pipeline.take_snapshot(connection, settings, triggers)
            removed = _prune(context, connection, settings, result)
            target_name = describe_url(connection.engine.url)
    ignored = _ignored(result)
    # Filters in the UI.
    tags = {
        "bizy/source": str(result.snapshot.source),
        "bizy/target": target_name,
        "bizy/snapshot": result.snapshot.sha256,
    }
    context.instance.add_run_tags(context.run.run_id, tags)
    _log(context, settings, result, ignored)
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(result.snapshot.path)),
            "source": dg.MetadataValue.path(str(result.snapshot.source)),
            "sha256": result.snapshot.sha256,
            "taken_at": dg.MetadataValue.timestamp(result.snapshot.taken_at),
            "size": dg.MetadataValue.int(result.size),
            "seconds": round(result.seconds, 3),
            "dagster/row_count": sum(result.rows.values()),
            **{f"rows in {table}": count for table, count in result.rows.items()},
            **ignored,
            **({"removed": removed} if removed else {}),
        }
    )


def _require_valid_settings(target: BizyTarget) -> TargetSettings:
    """Read the settings that only later assets need, so that an invalid one fails the run now."""
    target.owner()
    bizy_home()
    return target.settings()


def _prune(
    context: dg.AssetExecutionContext,
    connection: sa.Connection,
    settings: SourceSettings,
    result: SnapshotResult,
) -> list[str]:
    """Delete old snapshots, if the settings limit their number, and return their paths."""
    if settings.keep_backups is None:
        return []
    removed = pipeline.prune_snapshots(
        connection,
        [result.snapshot, *snapshot_history.snapshots_of(context, settings.path)],
        settings.key,
        keep=settings.keep_backups,
        loaded=snapshot_history.loaded_snapshots(context, map(metadata.table_key, BY_TABLE)),
    )
    return [str(path) for path in removed]


def _ignored(result: SnapshotResult) -> dict[str, list[str]]:
    """Return the names of tables and columns that are not migrated, if any."""
    ignored = {
        "unknown tables ignored": list(result.unknown_tables),
        "unknown columns ignored": list(result.unknown_columns),
    }
    return {title: names for title, names in ignored.items() if names}


def _log(
    context: dg.AssetExecutionContext,
    settings: SourceSettings,
    result: SnapshotResult,
    ignored: dict[str, list[str]],
) -> None:
    rows = ", ".join(f"{table} {count:,}" for table, count in result.rows.items())
    snapshot = result.snapshot
    log_lines(
        context,
        f"copied {snapshot.source} to {snapshot.path} in {result.seconds:.1f} s (rows: {rows})",
    )
    for title, names in ignored.items():
        log_lines(context, f"{title}: {', '.join(names)}")
    log_lines(context, f"time zone of local times: {settings.zone.key} ({settings.zone_origin})")
