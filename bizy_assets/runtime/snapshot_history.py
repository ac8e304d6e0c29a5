"""Snapshots as Dagster's event log records them.

Path, source and digest of a snapshot are metadata of the materializations of ``sqlite_backup``, so
that no value passes from asset to asset. A run of a partition finds the snapshots of its partition.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from bizy_assets.core.errors import SnapshotError
from bizy_assets.core.source import Snapshot, verify_snapshot
from bizy_assets.metadata import Scope
from bizy_assets.runtime.messages import Context

_PAGE_SIZE = 50
_PLANNED = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED


def snapshot_to_load(context: Context, scope: Scope, source_path: Path) -> Snapshot:
    """Return this run's snapshot, or else the latest one of the source.

    Raises:
        SnapshotError: There is no snapshot, or it is missing or was altered, or it belongs to a
            re-executed run and is not the latest one.
    """
    snapshot = snapshot_of_this_run(context, scope, source_path)
    snapshot = snapshot or next(snapshots_of(context, scope, source_path), None)
    if snapshot is None:
        raise SnapshotError(
            f"There is no snapshot of {source_path} yet; materialize sqlite_backup first."
        )
    verify_snapshot(snapshot)
    return snapshot


def snapshot_of_this_run(context: Context, scope: Scope, source_path: Path) -> Snapshot | None:
    """Return the snapshot that this run took, or else the run that it re-executes; None if neither.

    Raises:
        SnapshotError: The re-executed run's snapshot is not the latest of the source. Loading it
            would undo what was loaded since.
    """
    if (snapshot := _snapshot_taken_by(context, scope, context.run.run_id)) is not None:
        return snapshot
    taken = (_snapshot_taken_by(context, scope, run_id) for run_id in _reexecuted_runs(context))
    snapshot = next(filter(None, taken), None)
    if snapshot is not None and snapshot != next(snapshots_of(context, scope, source_path), None):
        raise SnapshotError(
            f"The snapshot {snapshot.path} of the run that this one re-executes is no longer the "
            f"latest of {source_path}; start a new run."
        )
    return snapshot


def is_from_earlier_run(context: Context, scope: Scope) -> bool:
    """Return True unless this run took a snapshot itself."""
    return _snapshot_taken_by(context, scope, context.run.run_id) is None


def will_materialize(context: Context, assets: Collection[dg.AssetKey]) -> bool:
    """Return True if this run materializes any of the assets, now or later."""
    planned = _events(context, context.run.run_id, _PLANNED)
    return any(event.asset_key in assets for event in planned)


def evaluations_of(context: Context) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield the results of the checks of this run so far."""
    for event in _events(context, context.run.run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        yield event.asset_check_evaluation_data


def snapshots_of(context: Context, scope: Scope, source_path: Path) -> Iterator[Snapshot]:
    """Yield the snapshots of a source, newest first."""
    recorded = _materializations(context, scope.sqlite_backup)
    snapshots = (_parse(record.asset_materialization) for record in recorded)
    # A partition is one source, whose path may change.
    return (
        each
        for each in snapshots
        if each is not None and (context.has_partition_key or each.source == source_path)
    )


def loaded_snapshots(context: Context, tables: Iterable[dg.AssetKey]) -> set[Path]:
    """Return the snapshots of the last load of each table into each target."""
    latest: dict[str, Path] = {}
    for record in itertools.chain.from_iterable(_materializations(context, key) for key in tables):
        event = record.asset_materialization
        if event is not None and {"dagster/table_name", "snapshot"} <= event.metadata.keys():
            name, path = (str(event.metadata[k].value) for k in ("dagster/table_name", "snapshot"))
            latest.setdefault(name, Path(path))
    return set(latest.values())


def _reexecuted_runs(context: Context) -> Iterator[str]:
    """Yield the id of the run that this one re-executes, of the one that that re-executes, etc."""
    run: dg.DagsterRun | None = context.run
    while run is not None and run.parent_run_id is not None:
        yield run.parent_run_id
        run = context.instance.get_run_by_id(run.parent_run_id)


def _snapshot_taken_by(context: Context, scope: Scope, run_id: str) -> Snapshot | None:
    if _TAKEN.keys() != {run_id}:
        _TAKEN.clear()
        if (snapshot := _read_snapshot_of(context, scope, run_id)) is not None:
            _TAKEN[run_id] = snapshot
    return _TAKEN.get(run_id)


_TAKEN: dict[str, Snapshot] = {}
"""The last snapshot that was looked up, by its run, which takes no other."""


def _read_snapshot_of(context: Context, scope: Scope, run_id: str) -> Snapshot | None:
    for event in _events(context, run_id, dg.DagsterEventType.ASSET_MATERIALIZATION):
        if event.asset_key == scope.sqlite_backup:
            return _parse(event.step_materialization_data.materialization)
    return None


def _events(
    context: Context, run_id: str, event_type: dg.DagsterEventType
) -> Iterator[dg.DagsterEvent]:
    entries = context.instance.all_logs(run_id, of_type=event_type)
    return (entry.dagster_event for entry in entries if entry.dagster_event is not None)


def _materializations(context: Context, key: dg.AssetKey) -> Iterator[dg.EventLogRecord]:
    """Yield the materializations of an asset, in the partition of this run if any, newest first."""
    partitions = [context.partition_key] if context.has_partition_key else None
    records = dg.AssetRecordsFilter(asset_key=key, asset_partitions=partitions)
    cursor = None
    while True:
        page = context.instance.fetch_materializations(records, limit=_PAGE_SIZE, cursor=cursor)
        yield from page.records
        cursor = page.cursor
        if not page.has_more:
            return


def _parse(event: dg.AssetMaterialization | None) -> Snapshot | None:
    """Parse a snapshot from the metadata of its materialization, unless some is missing."""
    if event is None or not {"path", "source", "sha256", "taken_at"} <= event.metadata.keys():
        return None
    texts = {name: str(event.metadata[name].value) for name in ("path", "source", "sha256")}
    taken_at = event.metadata["taken_at"].value
    assert isinstance(taken_at, float)  # noqa: S101
    return Snapshot(
        path=Path(texts["path"]),
        source=Path(texts["source"]),
        sha256=texts["sha256"],
        taken_at=datetime.fromtimestamp(taken_at, UTC),
    )
