"""TODO."""

import dagster as dg
import sqlalchemy as sa

from bizy_assets.core import pipeline
from bizy_assets.core.common import COUNTS
from bizy_assets.core.load import LoadRequest, LoadResult
from bizy_assets.core.settings import SourceSettings, bizy_home
from bizy_assets.core.source import Snapshot
from bizy_assets.resources import BizyTarget
from bizy_assets.runtime import snapshot_to_load


def load_request(
    context: dg.AssetExecutionContext,
    wanted: SourceSettings,
    target: BizyTarget,
    chosen: Snapshot,
    *,
    owner_id: int = 0,
) -> LoadRequest:
    """Returns what to load and how, as the run is configured."""
    how = target.settings()
    return LoadRequest(
        snapshot=chosen,
        zone=wanted.zone,
        tasks_local_since=wanted.tasks_local_since,
        owner_id=owner_id,
        run_id=context.run.run_id,
        lock_wait_seconds=how.lock_wait_seconds,
        adopt=how.adopt,
        skip_ids=how.skip_ids,
    )


def valid_snapshot(
    context: dg.AssetExecutionContext, connection: sa.Connection, wanted: SourceSettings
) -> Snapshot:
    """Return the snapshot to load, if its validation allows it.

    Raises:
        SnapshotError: There is none, or it is gone or altered.
        SourceError: It has unknown columns that are not to be ignored.
        ValidationError: It holds bad values, and the run shall fail then.
    """
    chosen = snapshot_to_load(context, wanted.path)
    pipeline.validate(connection, chosen, wanted, bizy_home())
    return chosen


def load_summary(loaded: LoadResult) -> str:
    """Says what a load did, for a log."""
    counts = loaded.load.counts
    line = (
        f"{counts.source_rows:,} rows: {counts.inserted:,} inserted, {counts.updated:,} updated, "
        f"{counts.unchanged:,} unchanged ({loaded.seconds:.1f} s)"
    )
    for name in COUNTS[4:]:
        if number := getattr(counts, name):
            line += f"; {number:,} {name.replace('_', ' ')}"
    if loaded.repairs:
        line += "; repaired: " + ", ".join(f"{n:,} {rule}" for rule, n in loaded.repairs.items())
    return line
