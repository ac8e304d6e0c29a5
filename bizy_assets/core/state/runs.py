"""What the migration remembers in the target about its runs, in schema ``bizy_migration``.

A check reads here which snapshot, zone and owner a table was loaded with, so that it never
compares with anything else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import COUNTS, RowCounts
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.source import Snapshot
from bizy_assets.core.target import LOADS_TABLE, RUNS_TABLE, STATE_METADATA

COMPLETED = "completed"
FAILED = "failed"
INTERRUPTED = "interrupted"

_NOW = sa.func.timezone("UTC", sa.func.clock_timestamp())


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that loads.

    Attributes:
        number: Its own, ascending from 1; 0 before it is written down.
        run_id: Dagster's run.
        snapshot: What it loads.
        zone: Zone that local times are read in.
        tasks_local_since: Switch of Bizy's clock that is assumed, in UTC.
        user_id: Owner of the rows.
    """

    number: int = 0
    run_id: str
    snapshot: Snapshot
    zone: str
    tasks_local_since: datetime
    user_id: int


@dataclass(frozen=True, kw_only=True)
class TableLoad:
    """A load of one table.

    Attributes:
        table: The table.
        run: The run that did it.
        loaded_at: Time of the migration, in UTC.
        skipped: Ids that the user told it to leave out.
        basis: Hash of all that decides what the rows become.
        counts: How many rows.
    """

    table: str
    run: Run
    loaded_at: datetime
    skipped: tuple[int, ...] = ()
    basis: str = ""
    counts: RowCounts = field(default_factory=RowCounts)

    @property
    def snapshot(self) -> Snapshot:
        """What it was loaded from."""
        return self.run.snapshot


def start_run(connection: sa.Connection, run: Run) -> Run:
    """Writes down that a run loads a snapshot, once however many tables it loads.

    Args:
        connection: Holds the target's lock, so that no other run is alive.
        run: Without its number.

    Returns:
        The run with its number.
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
    same = [RUNS_TABLE.c[name] == value for name, value in values.items()]
    number = connection.scalar(sa.select(RUNS_TABLE.c.id).where(*same))
    if number is None:
        others = RUNS_TABLE.c.outcome.is_(None) & (RUNS_TABLE.c.run_id != run.run_id)
        connection.execute(sa.update(RUNS_TABLE).where(others).values(outcome=INTERRUPTED))
        number = (connection.scalar(sa.select(sa.func.max(RUNS_TABLE.c.id))) or 0) + 1
        connection.execute(sa.insert(RUNS_TABLE).values(id=number, started_at=_NOW, **values))
    return replace(run, number=number)


def end_run(connection: sa.Connection, run_id: str, outcome: str) -> None:
    """Writes down how a run ended; nothing where it loaded nothing."""
    if ever_migrated(connection):
        connection.execute(
            sa.update(RUNS_TABLE)
            .where(RUNS_TABLE.c.run_id == run_id)
            .values(ended_at=_NOW, outcome=outcome)
        )


def ever_migrated(connection: sa.Connection) -> bool:
    """Tells whether any migration ever wrote to this target."""
    return sa.inspect(connection).has_table(RUNS_TABLE.name, schema=STATE_METADATA.schema)


def record_load(connection: sa.Connection, load: TableLoad) -> None:
    """Writes a load down, in the load's own transaction."""
    counts = {name: getattr(load.counts, name) for name in COUNTS}
    values = {
        "loaded_at": utc_naive(load.loaded_at),
        "skipped_ids": list(load.skipped),
        "basis": load.basis,
        **counts,
    }
    key = {"run": load.run.number, "table_name": load.table}
    new = postgresql.insert(LOADS_TABLE).values(**key, **values)
    # A step that is tried again after its commit loads the table once more.
    connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=values))


def latest_load(connection: sa.Connection, table: str) -> TableLoad | None:
    """Returns the last load of a table, or None where it never was loaded."""
    return next(iter(latest_loads(connection, [table])), None)


def latest_loads(connection: sa.Connection, tables: Iterable[str]) -> list[TableLoad]:
    """Returns the last load of each of the tables that ever was loaded, in their order."""
    wanted = list(tables)
    if not wanted or not ever_migrated(connection):
        return []
    found = connection.execute(
        sa.select(LOADS_TABLE, RUNS_TABLE)
        .join_from(LOADS_TABLE, RUNS_TABLE, LOADS_TABLE.c.run == RUNS_TABLE.c.id)
        .where(LOADS_TABLE.c.table_name.in_(wanted))
        .ext(postgresql.distinct_on(LOADS_TABLE.c.table_name))
        .order_by(LOADS_TABLE.c.table_name, LOADS_TABLE.c.run.desc())
    )
    return sorted(map(_load, found), key=lambda load: wanted.index(load.table))


def newest_load(found: Iterable[TableLoad]) -> TableLoad:
    """Returns the newest of some loads; there is at least one."""
    return max(found, key=lambda load: load.loaded_at)


def require_load(connection: sa.Connection, table: str) -> TableLoad:
    """Returns the last load of a table.

    Raises:
        TargetError: It never was loaded.
    """
    load = latest_load(connection, table)
    if load is None:
        raise TargetError(
            f"Table {table} in {describe_url(connection.engine.url)} was never loaded, so there is "
            "nothing to check; run the job migrate first."
        )
    return load


def utc_naive(moment: datetime) -> datetime:
    """Turns an instant into the form that PostgreSQL's ``timestamp`` holds, in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _load(row: sa.Row[Any]) -> TableLoad:
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
        basis=row.basis,
        counts=RowCounts(**{count.name: getattr(row, count.name) for count in fields(RowCounts)}),
    )
