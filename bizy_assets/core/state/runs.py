"""Records of runs and table loads, in the target's schema ``bizy_migration``.

A check reads here which snapshot, zone and owner a table was loaded with.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import RowCounts, cures, row_counts
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.source import Snapshot
from bizy_assets.core.state import sources
from bizy_assets.core.state.sources import Source
from bizy_assets.core.target import has_current_state, state_tables

_RUNS, _LOADS = state_tables.RUNS, state_tables.LOADS
_NOW = sa.func.timezone("UTC", sa.func.clock_timestamp())


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that loads the tables of a snapshot of a source.

    Its number in the target ascends from 1 and is 0 until it is recorded; ``run_id`` is Dagster's.
    The zone of local times has its IANA name, and its origin is shown to users if it is known.
    ``tasks_local_since`` is the UTC cutover, in UTC.
    """

    number: int = 0
    run_id: str
    source: Source
    snapshot: Snapshot
    zone: str
    zone_origin: str | None = None
    tasks_local_since: datetime

    @property
    def user_id(self) -> int:
        """The id of the user who owns the rows."""
        return self.source.user_id


@dataclass(frozen=True, kw_only=True)
class TableLoad:
    """A load of one table, at a time in UTC.

    The configuration excluded the ids ``skipped``. The ``fingerprint`` has a hash of all inputs,
    see there; it is empty, and there are no counts, until they are known. An id of the table from
    ``next_id`` on is younger than the load. Earlier releases did not record the duration.
    """

    table: str
    run: Run
    loaded_at: datetime
    skipped: tuple[int, ...] = ()
    fingerprint: str = ""
    counts: RowCounts = field(default_factory=RowCounts)
    seconds: float | None = None
    next_id: int = 0

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that was loaded."""
        return self.run.snapshot


def find_run(connection: sa.Connection, run: Run, source: Source | None) -> Run | None:
    """Return a run with its number if its start is recorded; ``source`` is as the target has it."""
    if source is None or source.user_id != run.user_id:
        return None
    same = [_RUNS.c[name] == value for name, value in _values(run, source).items()]
    number = connection.scalar(sa.select(_RUNS.c.id).where(*same))
    return None if number is None else replace(run, number=number, source=source)


def start_run(connection: sa.Connection, run: Run) -> Run:
    """Record the start of a run and its source, and return it with its number.

    The connection holds a lock under which no other run of the source is active, and no other
    session records runs.
    """
    source = sources.ensure_source(connection, run.source)
    is_other = _RUNS.c.outcome.is_(None) & (_RUNS.c.dagster_run_id != run.run_id)
    others = is_other & (_RUNS.c.source_id == source.id)
    connection.execute(sa.update(_RUNS).where(others).values(outcome="interrupted"))
    number = (connection.scalar(sa.select(sa.func.max(_RUNS.c.id))) or 0) + 1
    values = _values(run, source)
    connection.execute(sa.insert(_RUNS).values(id=number, started_at=_NOW, **values))
    return replace(run, number=number, source=source)


def _values(run: Run, source: Source) -> dict[str, object]:
    return {
        "source_id": source.id,
        "dagster_run_id": run.run_id,
        "snapshot_path": str(run.snapshot.path),
        "snapshot_sha256": run.snapshot.sha256,
        "snapshot_taken_at": utc_naive(run.snapshot.taken_at),
        "zone": run.zone,
        "zone_origin": run.zone_origin,
        "tasks_local_since": utc_naive(run.tasks_local_since),
    }


def end_run(connection: sa.Connection, run_id: str, *, failed: bool) -> None:
    """Record the outcome of a run, if it loaded anything."""
    if has_current_state(connection):
        connection.execute(
            sa.update(_RUNS)
            .where(_RUNS.c.dagster_run_id == run_id)
            .values(ended_at=_NOW, outcome="failed" if failed else "completed")
        )


def record_load(connection: sa.Connection, load: TableLoad) -> None:
    """Record a load, in the load's own transaction."""
    values = {
        "source_id": load.run.source.id,
        "loaded_at": utc_naive(load.loaded_at),
        "seconds": load.seconds,
        "skipped_ids": list(load.skipped),
        "fingerprint": load.fingerprint,
        "next_id": load.next_id,
        **{name: getattr(load.counts, name) for name in row_counts.COUNTS},
    }
    key = {"run_id": load.run.number, "table_name": load.table}
    new = postgresql.insert(_LOADS).values(**key, **values)
    # A step that is retried after its commit loads the table once more.
    connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=values))


def latest_load(connection: sa.Connection, table: str, source_id: int) -> TableLoad | None:
    """Return the last load of a table from a source, or None if there was none."""
    return next(iter(latest_loads(connection, [table], source_id)), None)


def latest_loads(
    connection: sa.Connection, tables: Iterable[str], source_id: int
) -> list[TableLoad]:
    """Return the last load of each table that was loaded from a source, in the order given."""
    return _latest(connection, tables, _LOADS.c.source_id == source_id) if source_id else []


def latest_loads_of_key(
    connection: sa.Connection, tables: Iterable[str], key: str
) -> list[TableLoad]:
    """Return the same for the source with a key, which may not be known."""
    return _latest(connection, tables, state_tables.SOURCES.c.key == key)


def _latest(
    connection: sa.Connection, tables: Iterable[str], of_source: sa.ColumnElement[bool]
) -> list[TableLoad]:
    wanted = list(tables)
    if not wanted:
        return []
    runs = [column for column in _RUNS.c if column.name not in {"id", "source_id"}]
    rows = connection.execute(
        sa.select(_LOADS, *runs, *sources.COLUMNS)
        .join_from(_LOADS, _RUNS, _LOADS.c.run_id == _RUNS.c.id)
        .join(state_tables.SOURCES, state_tables.SOURCES.c.id == _LOADS.c.source_id)
        .where(of_source, _LOADS.c.table_name.in_(wanted))
        .ext(postgresql.distinct_on(_LOADS.c.table_name))
        .order_by(_LOADS.c.table_name, _LOADS.c.run_id.desc())
    )
    return sorted(map(_table_load, rows), key=lambda load: wanted.index(load.table))


def first_next_id(connection: sa.Connection, table: str, source_id: int) -> int | None:
    """Return ``next_id`` of the first load of a table from a source, or None if there was none."""
    of_table = (_LOADS.c.source_id == source_id, _LOADS.c.table_name == table)
    first: int | None = connection.scalar(sa.select(sa.func.min(_LOADS.c.next_id)).where(*of_table))
    return first


def newest_load(loads: Iterable[TableLoad]) -> TableLoad:
    """Return the newest of one or more loads."""
    return max(loads, key=lambda load: load.loaded_at)


def require_load(connection: sa.Connection, table: str, source_id: int) -> TableLoad:
    """Return the last load of a table from a source.

    Raises:
        TargetError: The table was never loaded from it.
    """
    return _require(connection, table, latest_loads(connection, [table], source_id))


def _require(connection: sa.Connection, table: str, loads: Iterable[TableLoad]) -> TableLoad:
    load = next((load for load in loads if load.table == table), None)
    if load is None:
        raise TargetError(
            f"Table {table} in {describe_url(connection.engine.url)} was never loaded, so there is "
            f"nothing to check. Start {cures.job('migrate')} first."
        )
    return load


def require_load_to_verify(
    connection: sa.Connection, table: str, loads: Sequence[TableLoad]
) -> TableLoad:
    """Return the last load of a table, one of those of a source, if its rows are still there.

    The error is the same for all tables, unless one of several was never loaded.

    Raises:
        TargetError: The table was never loaded from it, or the load was rolled back.
    """
    if not loads:
        raise nothing_to_verify(connection)
    load = _require(connection, table, loads)
    if not load.fingerprint:
        raise TargetError(
            f"The migration of {load.run.source.path} into {describe_url(connection.engine.url)} "
            "was rolled back, except for rows that were edited, so there is nothing to verify. "
            f"Start {cures.job('migrate')} to load its rows again, or finish the rollback: "
            f"{cures.job('rollback', '--keep-edited')} with keep_edited: true."
        )
    return load


def nothing_to_verify(connection: sa.Connection) -> TargetError:
    """Return the error of a verification before any migration, or after a rollback."""
    return TargetError(
        f"The Bizy file was never loaded into {describe_url(connection.engine.url)}, or its "
        f"migration was rolled back, so there is nothing to verify. Start {cures.job('migrate')} "
        "first."
    )


def utc_naive(moment: datetime) -> datetime:
    """Return an instant as PostgreSQL's ``timestamp`` holds it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _table_load(row: sa.Row[Any]) -> TableLoad:
    return TableLoad(
        table=row.table_name,
        run=Run(
            number=row.run_id,
            run_id=row.dagster_run_id,
            source=sources.source_of(row),
            snapshot=Snapshot(
                path=Path(row.snapshot_path),
                source=Path(row.path),
                sha256=row.snapshot_sha256,
                taken_at=row.snapshot_taken_at.replace(tzinfo=UTC),
            ),
            zone=row.zone,
            zone_origin=row.zone_origin,
            tasks_local_since=row.tasks_local_since.replace(tzinfo=UTC),
        ),
        loaded_at=row.loaded_at.replace(tzinfo=UTC),
        skipped=tuple(row.skipped_ids),
        fingerprint=row.fingerprint,
        counts=RowCounts(**{count.name: getattr(row, count.name) for count in fields(RowCounts)}),
        seconds=row.seconds,
        next_id=row.next_id,
    )
