"""Snapshots as Dagster's event log records them.

Path, source and digest of a snapshot are metadata of the materializations of ``sqlite_backup``, so
that no value passes from asset to asset.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from bizy_assets.core.errors import SnapshotError
from bizy_assets.core.source import Snapshot, verify_snapshot
from bizy_assets.metadata import SQLITE_BACKUP

_PAGE_SIZE = 50
_Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


def snapshot_to_load(context: _Context, source_path: Path) -> Snapshot:
    """Return this run's snapshot, or else the latest one of the source.

    Raises:
        SnapshotError: There is no snapshot, or it is missing or was altered.
    """
    snapshot = snapshot_of_this_run(context) or next(snapshots_of(context, source_path), None)
    if snapshot is None:
        raise SnapshotError(
            f"There is no snapshot of {source_path} yet; materialize sqlite_backup first."
        )
    verify_snapshot(snapshot)
    return snapshot


def snapshot_of_this_run(context: _Context) -> Snapshot | None:
    """Return the snapshot that this run took, if any."""
    recent = itertools.islice(_all_snapshots(context), _PAGE_SIZE)
    return next((snapshot for run_id, snapshot in recent if run_id == context.run.run_id), None)


def snapshots_of(context: _Context, source_path: Path) -> Iterator[Snapshot]:
    """Yield the snapshots of a source, newest first."""
    return (snapshot for _, snapshot in _all_snapshots(context) if snapshot.source == source_path)


def loaded_snapshots(context: _Context, tables: Iterable[dg.AssetKey]) -> set[Path]:
    """Return the snapshots of the last load of each table into each target."""
    latest: dict[str, Path] = {}
    for record in itertools.chain.from_iterable(_materializations(context, key) for key in tables):
        event = record.asset_materialization
        if event is not None and {"dagster/table_name", "snapshot"} <= event.metadata.keys():
            name, path = (str(event.metadata[k].value) for k in ("dagster/table_name", "snapshot"))
            latest.setdefault(name, Path(path))
    return set(latest.values())


def _all_snapshots(context: _Context) -> Iterator[tuple[str, Snapshot]]:
    """Yield every recorded snapshot with the id of its run, newest first."""
    for record in _materializations(context, SQLITE_BACKUP):
        if (snapshot := _parse(record.asset_materialization)) is not None:
            yield record.run_id, snapshot


def _materializations(context: _Context, key: dg.AssetKey) -> Iterator[dg.EventLogRecord]:
    """Yield the materializations of an asset, newest first."""
    cursor = None
    while True:
        page = context.instance.fetch_materializations(key, limit=_PAGE_SIZE, cursor=cursor)
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
