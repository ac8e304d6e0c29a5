"""What the migration remembers in the target about its own work, in schema ``bizy_migration``.

A check reads here which snapshot, zone and owner a table was loaded with, so that it never
compares with anything else.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core import converting, models
from bizy_assets.core.copying import copy_in
from bizy_assets.core.errors import TargetError
from bizy_assets.core.snapshot import Snapshot
from bizy_assets.core.urls import describe


@dataclass(frozen=True, kw_only=True)
class Load:
    """A committed load of one table.

    Attributes:
        table: The table.
        snapshot: What it was loaded from.
        zone: Zone that local times were read in.
        tasks_local_since: Switch of Bizy's clock that was assumed, in UTC.
        user_id: Owner of the rows.
        run_id: Dagster's run.
        loaded_at: Time of the migration, in UTC.
        source_rows, inserted, updated, unchanged: How many rows.
    """

    table: str
    snapshot: Snapshot
    zone: str
    tasks_local_since: datetime
    user_id: int
    run_id: str
    loaded_at: datetime
    source_rows: int
    inserted: int
    updated: int
    unchanged: int


def record(connection: sa.Connection, load: Load) -> None:
    """Writes a load down, in the load's own transaction."""
    values = asdict(load)
    del values["snapshot"], values["table"]
    connection.execute(
        sa.insert(models.loads).values(
            table_name=load.table,
            source=str(load.snapshot.source),
            snapshot_path=str(load.snapshot.path),
            snapshot_sha256=load.snapshot.sha256,
            snapshot_taken_at=_naive(load.snapshot.taken_at),
            **{
                name: _naive(value) if isinstance(value, datetime) else value
                for name, value in values.items()
            },
        )
    )


def latest(connection: sa.Connection, table: str) -> Load | None:
    """Returns the last load of a table, or None where it never was loaded."""
    if not sa.inspect(connection).has_table("loads", schema=models.own.schema):
        return None
    c = models.loads.c
    row = connection.execute(
        sa.select(models.loads).where(c.table_name == table).order_by(c.id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Load(
        table=row.table_name,
        snapshot=Snapshot(
            path=Path(row.snapshot_path),
            source=Path(row.source),
            sha256=row.snapshot_sha256,
            taken_at=row.snapshot_taken_at.replace(tzinfo=UTC),
        ),
        zone=row.zone,
        tasks_local_since=row.tasks_local_since.replace(tzinfo=UTC),
        user_id=row.user_id,
        run_id=row.run_id,
        loaded_at=row.loaded_at.replace(tzinfo=UTC),
        source_rows=row.source_rows,
        inserted=row.inserted,
        updated=row.updated,
        unchanged=row.unchanged,
    )


def require_latest(connection: sa.Connection, table: str) -> Load:
    """Returns the last load of a table.

    Raises:
        TargetError: It never was loaded.
    """
    load = latest(connection, table)
    if load is None:
        raise TargetError(
            f"Table {table} in {describe(connection.engine.url)} was never loaded, so there is "
            "nothing to check; run the job migrate first."
        )
    return load


def record_repairs(connection: sa.Connection, load: Load, repairs: pa.Table) -> None:
    """Writes down which of a table's values were changed rather than copied, as it is now.

    Args:
        connection: In the load's transaction.
        load: The load that made them.
        repairs: As ``converting.REPAIRS``.
    """
    names = [*repairs.column_names, "source", "table_name", "run_id"]
    for name, value in (
        ("source", str(load.snapshot.source)),
        ("table_name", load.table),
        ("run_id", load.run_id),
    ):
        repairs = repairs.append_column(name, pa.repeat(value, repairs.num_rows))
    stage = sa.Table(
        "bizy_stage_repairs",
        sa.MetaData(),
        *(sa.Column(name, models.repairs.c[name].type) for name in names),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    stage.create(connection)
    copy_in(connection, stage.name, repairs.schema, repairs.to_batches())
    _delete_outdated(connection, load, stage)
    _insert_new(connection, stage, names)
    stage.drop(connection)


def _delete_outdated(connection: sa.Connection, load: Load, stage: sa.Table) -> None:
    """Deletes what is no longer so; a missing time keeps the time that it was first given."""
    old = models.repairs.c
    same = sa.exists().where(
        *(stage.c[key.name] == old[key.name] for key in models.repairs.primary_key),
        stage.c.rule == old.rule,
        stage.c.raw.is_not_distinct_from(old.raw),
        sa.or_(
            stage.c.rule == converting.MISSING,
            stage.c.written.is_not_distinct_from(old.written),
        ),
    )
    connection.execute(
        sa.delete(models.repairs).where(
            old.source == str(load.snapshot.source), old.table_name == load.table, ~same
        )
    )


def _insert_new(connection: sa.Connection, stage: sa.Table, names: list[str]) -> None:
    chosen = sa.select(*(stage.c[name] for name in names))
    statement = postgresql.insert(models.repairs).from_select(names, chosen)
    connection.execute(statement.on_conflict_do_nothing())


def _naive(moment: datetime) -> datetime:
    """Turns an instant into the form that PostgreSQL's ``timestamp`` holds, in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None)
