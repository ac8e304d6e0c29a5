"""Which snapshot a step uses, as Dagster's history tells.

A snapshot's path, source and digest are metadata of ``sqlite_backup``'s materializations; no
value is handed from asset to asset.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from bizy_assets.core.errors import SnapshotError
from bizy_assets.core.source import Snapshot, verify_snapshot
from bizy_assets.metadata import SQLITE_BACKUP

_PAGE = 50
_Context = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


def snapshot_to_load(context: _Context, source_path: Path) -> Snapshot:
    """Returns this run's snapshot, else the latest one of the source.

    Raises:
        SnapshotError: There is none, or it is gone or altered.
    """
    chosen = snapshot_of_this_run(context) or next(snapshots_of(context, source_path), None)
    if chosen is None:
        raise SnapshotError(
            f"There is no snapshot of {source_path} yet; materialize sqlite_backup first."
        )
    verify_snapshot(chosen)
    return chosen


def snapshot_of_this_run(context: _Context) -> Snapshot | None:
    """Returns the snapshot that this run made, if it made one."""
    recent = itertools.islice(_all(context), _PAGE)
    return next((made for run_id, made in recent if run_id == context.run.run_id), None)


def snapshots_of(context: _Context, source_path: Path) -> Iterator[Snapshot]:
    """Yields the snapshots of a source, newest first."""
    return (made for _, made in _all(context) if made.source == source_path)


def loaded_snapshots(context: _Context, tables: Iterable[dg.AssetKey]) -> set[Path]:
    """Returns the snapshots that tables were loaded from last, whatever the target was."""
    latest: dict[str, Path] = {}
    for record in itertools.chain.from_iterable(_records(context, key) for key in tables):
        event = record.asset_materialization
        if event is not None and {"dagster/table_name", "snapshot"} <= event.metadata.keys():
            name, path = (str(event.metadata[k].value) for k in ("dagster/table_name", "snapshot"))
            latest.setdefault(name, Path(path))
    return set(latest.values())


def _all(context: _Context) -> Iterator[tuple[str, Snapshot]]:
    """Yields every snapshot that was ever made with the run that made it, newest first."""
    for record in _records(context, SQLITE_BACKUP):
        if (made := _read(record.asset_materialization)) is not None:
            yield record.run_id, made


def _records(context: _Context, key: dg.AssetKey) -> Iterator[dg.EventLogRecord]:
    """Yields the materializations of an asset, newest first."""
    cursor = None
    while True:
        page = context.instance.fetch_materializations(key, limit=_PAGE, cursor=cursor)
        yield from page.records
        cursor = page.cursor
        if not page.has_more:
            return


def _read(event: dg.AssetMaterialization | None) -> Snapshot | None:
    """Reads a snapshot from the metadata of its materialization."""
    if event is None or not {"path", "source", "sha256", "taken_at"} <= event.metadata.keys():
        return None
    value = {name: str(event.metadata[name].value) for name in ("path", "source", "sha256")}
    taken_at = event.metadata["taken_at"].value
    assert isinstance(taken_at, float)  # noqa: S101
    return Snapshot(
        path=Path(value["path"]),
        source=Path(value["source"]),
        sha256=value["sha256"],
        taken_at=datetime.fromtimestamp(taken_at, UTC),
    )
