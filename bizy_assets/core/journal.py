"""What the migration remembers in the target about its own work, in schema ``bizy_migration``.

A check reads here which snapshot, zone and owner a table was loaded with, so that it never
compares with anything else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core import converting, models
from bizy_assets.core.contracts import BY_TABLE
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
        source_rows, inserted, updated, unchanged, quarantined: How many rows.
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
    quarantined: int


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
        quarantined=row.quarantined,
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
    with _staged(connection, models.repairs, load, repairs) as stage:
        _take_given_times(connection, load, stage)
        same = stage.c.written.is_not_distinct_from(models.repairs.c.written)
        _replace(connection, models.repairs, load, stage, same)


def _take_given_times(connection: sa.Connection, load: Load, stage: sa.Table) -> None:
    """Corrects what was written for missing times: a row keeps the time that it has already."""
    model = models.tables[load.table]
    for column in BY_TABLE[load.table].columns:
        if column.filled:
            given = sa.func.to_char(model.c[column.name], "YYYY-MM-DD HH24:MI:SS.US")
            connection.execute(
                sa.update(stage)
                .where(
                    stage.c.rule == converting.MISSING,
                    stage.c.column_name == column.name,
                    stage.c.source_id == model.c.id,
                )
                .values(written=given)
            )


def record_rejected(connection: sa.Connection, load: Load, rejected: pa.Table) -> None:
    """Writes down which of a table's rows were kept out and why, as it is now.

    Args:
        connection: In the load's transaction.
        load: The load that kept them out.
        rejected: ``census.FINDINGS`` with the whole row as JSON in ``row``.
    """
    moment = pa.scalar(_naive(load.loaded_at), pa.timestamp("us"))
    rejected = rejected.append_column("rejected_at", pa.repeat(moment, rejected.num_rows))
    with _staged(connection, models.rejected_rows, load, rejected) as stage:
        kept = models.rejected_rows.c
        same = sa.and_(
            stage.c.source_id.is_not_distinct_from(kept.source_id),
            sa.cast(stage.c.row, sa.Text) == sa.cast(kept.row, sa.Text),
        )
        _replace(connection, models.rejected_rows, load, stage, same)


def rejected_count(connection: sa.Connection, load: Load) -> int:
    """Returns how many rows of a load's table are written down as kept out."""
    c = models.rejected_rows.c
    statement = sa.select(sa.func.count(c.position.distinct())).where(
        c.source == str(load.snapshot.source), c.table_name == load.table
    )
    return int(connection.execute(statement).scalar_one())


@contextmanager
def _staged(
    connection: sa.Connection, table: sa.Table, load: Load, rows: pa.Table
) -> Iterator[sa.Table]:
    """Brings rows about a load into a temporary table of the same columns."""
    for name, value in (
        ("source", str(load.snapshot.source)),
        ("table_name", load.table),
        ("run_id", load.run_id),
    ):
        rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
    stage = sa.Table(
        f"bizy_stage_{table.name}",
        sa.MetaData(),
        *(sa.Column(name, table.c[name].type) for name in rows.column_names),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    stage.create(connection)
    copy_in(connection, stage.name, rows.schema, rows.to_batches())
    yield stage
    stage.drop(connection)


def _replace(
    connection: sa.Connection,
    table: sa.Table,
    load: Load,
    stage: sa.Table,
    same: sa.ColumnElement[bool],
) -> None:
    """Deletes what is no longer so and inserts what is new; the rest is not touched.

    Args:
        connection: In the load's transaction.
        table: What was written down so far.
        load: Which source and table it is about.
        stage: What holds now.
        same: When an entry still holds, beside its key, its rule and its value.
    """
    holds = sa.exists().where(
        *(stage.c[key.name] == table.c[key.name] for key in table.primary_key),
        stage.c.rule == table.c.rule,
        stage.c.raw.is_not_distinct_from(table.c.raw),
        same,
    )
    # A source that was moved goes on under another name; its owner's rows are the same.
    sources = sa.select(models.loads.c.source).where(
        models.loads.c.table_name == load.table, models.loads.c.user_id == load.user_id
    )
    about = (table.c.source.in_(sources), table.c.table_name == load.table)
    connection.execute(sa.delete(table).where(*about, ~holds))
    names = [column.name for column in stage.columns]
    new = postgresql.insert(table).from_select(names, sa.select(stage))
    connection.execute(new.on_conflict_do_nothing())


def _naive(moment: datetime) -> datetime:
    """Turns an instant into the form that PostgreSQL's ``timestamp`` holds, in UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None)
