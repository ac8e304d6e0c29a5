"""Records of runs and table loads, in the target's schema ``bizy_migration``.

A check reads here which snapshot, zone and owner a table was loaded with.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import RowCounts, row_counts
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.source import Snapshot
from bizy_assets.core.target import state_tables

_RUNS, _LOADS = state_tables.RUNS, state_tables.LOADS
_NOW = sa.func.timezone("UTC", sa.func.clock_timestamp())


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that loads the tables of a snapshot for an owner account.

    Its number in the target ascends from 1 and is 0 until it is recorded; ``run_id`` is Dagster's.
    The zone of local times has its IANA name. ``tasks_local_since`` is the UTC cutover, in UTC.
    """

    number: int = 0
    run_id: str
    snapshot: Snapshot
    zone: str
    tasks_local_since: datetime
    user_id: int


@dataclass(frozen=True, kw_only=True)
class TableLoad:
    """A load of one table, at a time in UTC.

    The configuration excluded the ids ``skipped``. The hash of all inputs is the ``fingerprint``,
    see there; it is empty, and there are no counts, until they are known.
    """

    table: str
    run: Run
    loaded_at: datetime
    skipped: tuple[int, ...] = ()
    fingerprint: str = ""
    counts: RowCounts = field(default_factory=RowCounts)

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that was loaded."""
        return self.run.snapshot


def start_run(connection: sa.Connection, run: Run) -> Run:
    """Record the start of a run, once for all tables that it loads, and return it with its number.

    The connection holds the target's lock, so no other run is active.
    """
    values = {
        "run_id": run.run_id,
        "source": str(run.snapshot.source),
        "snapshot_path": str(run.snapshot.path),
        "snapshot_sha256": run.snapshot.sha256,
        "snapshot_taken_at": utc_naive(run.snapshot.taken_at),
        "zone": run.zone,
        "tasks_local_since": utc_naive(run.tasks_local_since),
        "user_id": run.user_id,
    }
    same = [_RUNS.c[name] == value for name, value in values.items()]
    number = connection.scalar(sa.select(_RUNS.c.id).where(*same))
    if number is None:
        others = _RUNS.c.outcome.is_(None) & (_RUNS.c.run_id != run.run_id)
        connection.execute(sa.update(_RUNS).where(others).values(outcome="interrupted"))
        number = (connection.scalar(sa.select(sa.func.max(_RUNS.c.id))) or 0) + 1
        connection.execute(sa.insert(_RUNS).values(id=number, started_at=_NOW, **values))
    return replace(run, number=number)


def end_run(connection: sa.Connection, run_id: str, *, failed: bool) -> None:
    """Record the outcome of a run, if it loaded anything."""
    if ever_migrated(connection):
        connection.execute(
            sa.update(_RUNS)
            .where(_RUNS.c.run_id == run_id)
            .values(ended_at=_NOW, outcome="failed" if failed else "completed")
        )


def ever_migrated(connection: sa.Connection) -> bool:
    """Return True if a migration ever wrote to this target."""
    return sa.inspect(connection).has_table(_RUNS.name, schema=state_tables.STATE_METADATA.schema)


def record_load(connection: sa.Connection, load: TableLoad) -> None:
    """Record a load, in the load's own transaction."""
    counts = {name: getattr(load.counts, name) for name in row_counts.COUNTS}
    values = {
        "loaded_at": utc_naive(load.loaded_at),
        "skipped_ids": list(load.skipped),
        "basis": load.fingerprint,
        **counts,
    }
    key = {"run": load.run.number, "table_name": load.table}
    new = postgresql.insert(_LOADS).values(**key, **values)
    # A step that is retried after its commit loads the table once more.
    connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=values))


def latest_load(connection: sa.Connection, table: str) -> TableLoad | None:
    """Return the last load of a table, or None if it was never loaded."""
    return next(iter(latest_loads(connection, [table])), None)


def latest_loads(connection: sa.Connection, tables: Iterable[str]) -> list[TableLoad]:
    """Return the last load of each table that was ever loaded, in the order given."""
    wanted = list(tables)
    if not wanted or not ever_migrated(connection):
        return []
    rows = connection.execute(
        sa.select(_LOADS, _RUNS)
        .join_from(_LOADS, _RUNS, _LOADS.c.run == _RUNS.c.id)
        .where(_LOADS.c.table_name.in_(wanted))
        .ext(postgresql.distinct_on(_LOADS.c.table_name))
        .order_by(_LOADS.c.table_name, _LOADS.c.run.desc())
    )
    return sorted(map(_table_load, rows), key=lambda load: wanted.index(load.table))


def newest_load(loads: Iterable[TableLoad]) -> TableLoad:
    """Return the newest of one or more loads."""
    return max(loads, key=lambda load: load.loaded_at)


def require_load(connection: sa.Connection, table: str) -> TableLoad:
    """Return the last load of a table.

    Raises:
        TargetError: The table was never loaded.
    """
    load = latest_load(connection, table)
    if load is None:
        raise TargetError(
            f"Table {table} in {describe_url(connection.engine.url)} was never loaded, so there is "
            "nothing to check. Run the job migrate first."
        )
    return load


def utc_naive(moment: datetime) -> datetime:
    """Return an instant as PostgreSQL's ``timestamp`` holds it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _table_load(row: sa.Row[Any]) -> TableLoad:
    return TableLoad(
        table=row.table_name,
        run=Run(
            number=row.run,
            run_id=row.run_id,
            snapshot=Snapshot(
                path=Path(row.snapshot_path),
                source=Path(row.source),
                sha256=row.snapshot_sha256,
                taken_at=row.snapshot_taken_at.replace(tzinfo=UTC),
            ),
            zone=row.zone,
            tasks_local_since=row.tasks_local_since.replace(tzinfo=UTC),
            user_id=row.user_id,
        ),
        loaded_at=row.loaded_at.replace(tzinfo=UTC),
        skipped=tuple(row.skipped_ids),
        fingerprint=row.basis,
        counts=RowCounts(**{count.name: getattr(row, count.name) for count in fields(RowCounts)}),
    )
