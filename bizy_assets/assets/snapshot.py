"""TODO."""

import dagster as dg

from bizy_assets.core import pipeline
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import bizy_home
from bizy_assets.core.source import SnapshotResult, prune_snapshots
from bizy_assets.core.state import latest_loads
from bizy_assets.metadata import (
    BIZY_FILE,
    GROUP,
    OWNERS,
    SNAPSHOT,
    SQLITE_BACKUP,
    glossary_metadata,
    source_schema,
    table_key,
)
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import loaded_snapshots, snapshots_of, user_errors


@dg.asset(
    key=SQLITE_BACKUP,
    deps=[BIZY_FILE],
    group_name=GROUP,
    kinds={"sqlite"},
    owners=OWNERS,
    metadata=glossary_metadata(SNAPSHOT, source_schema()),
)
def sqlite_backup(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """A snapshot of the Bizy file: one point in time, which everything downstream reads.

    Made with SQLite's online backup, while Bizy may go on writing; the file itself is never
    changed. Proved with `PRAGMA integrity_check` and row counts. The target is looked at first,
    so that a run that could not load ends before it has written anything.
    """
    with user_errors(context):
        wanted = source.settings()
        # What only later assets need is read here too, so that a mistake ends the run at once.
        target.owner()
        target.settings()
        bizy_home()
        with target.writing() as connection:
            backup = pipeline.take_snapshot(connection, wanted)
            with connection.begin():
                loads = latest_loads(connection, BY_TABLE)
            where = describe_url(connection.engine.url)
        removed = []
        if wanted.keep_backups is not None:
            earlier = snapshots_of(context, wanted.path)
            loaded = loaded_snapshots(context, map(table_key, BY_TABLE))
            loaded |= {load.snapshot.path for load in loads}
            removed = prune_snapshots(
                [backup.snapshot, *earlier], keep=wanted.keep_backups, loaded=loaded
            )
    tags = {
        "bizy/source": str(backup.snapshot.source),
        "bizy/target": where,
        "bizy/snapshot": backup.snapshot.sha256,
    }
    context.instance.add_run_tags(context.run.run_id, tags)
    context.log.info(_snapshot_line(backup))
    unknown = _unknown(backup)
    for what, names in unknown.items():
        context.log.info(f"{what}: {', '.join(names)}")
    context.log.info(f"local times are read in {wanted.zone.key} ({wanted.zone_origin})")
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(backup.snapshot.path)),
            "source": dg.MetadataValue.path(str(backup.snapshot.source)),
            "sha256": backup.snapshot.sha256,
            "taken_at": dg.MetadataValue.timestamp(backup.snapshot.taken_at),
            "size": dg.MetadataValue.int(backup.size),
            "seconds": round(backup.seconds, 3),
            "dagster/row_count": sum(backup.rows.values()),
            **{f"rows in {table}": count for table, count in backup.rows.items()},
            **unknown,
            **({"removed": [str(path) for path in removed]} if removed else {}),
        }
    )


def _snapshot_line(backup: SnapshotResult) -> str:
    counts = ", ".join(f"{count:,} {table}" for table, count in backup.rows.items())
    made = backup.snapshot
    return f"{counts} of {made.source} copied to {made.path} ({backup.seconds:.1f} s)"


def _unknown(backup: SnapshotResult) -> dict[str, list[str]]:
    """Names what of the source is not migrated, where there is such."""
    found = {
        "unknown tables ignored": list(backup.unknown_tables),
        "unknown columns ignored": list(backup.unknown_columns),
    }
    return {what: names for what, names in found.items() if names}
