"""What the migration writes down about single values: those that it changed, and those it kept out.

Both lists hold what is so now: entries that still hold are not touched, others come and go with
the load that found them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import copy_batches, temporary_table
from bizy_assets.core.state.runs import TableLoad, utc_naive
from bizy_assets.core.target import REJECTED_ROWS_TABLE, REPAIRS_TABLE, TARGET_TABLES
from bizy_assets.core.transform import MISSING_TIMESTAMP


def record_repairs(connection: sa.Connection, load: TableLoad, repairs: pa.Table) -> None:
    """Writes down which of a table's values were changed rather than copied, as it is now.

    Args:
        connection: In the load's transaction, with the rows written.
        load: The load that made them.
        repairs: As ``converting.REPAIRS``.
    """
    with _staged(connection, REPAIRS_TABLE, load, repairs) as stage:
        _take_given_times(connection, load, stage)
        same = stage.c.written.is_not_distinct_from(REPAIRS_TABLE.c.written)
        _replace(connection, REPAIRS_TABLE, load, stage, same)


def _take_given_times(connection: sa.Connection, load: TableLoad, stage: sa.Table) -> None:
    """Corrects what was written for missing times: a row keeps the time that it has already."""
    model = TARGET_TABLES[load.table]
    for column in BY_TABLE[load.table].columns:
        if column.filled:
            given = sa.func.to_char(model.c[column.name], "YYYY-MM-DD HH24:MI:SS.US")
            connection.execute(
                sa.update(stage)
                .where(
                    stage.c.rule == MISSING_TIMESTAMP,
                    stage.c.column_name == column.name,
                    stage.c.source_id == model.c.id,
                )
                .values(written=given)
            )


def count_repairs(connection: sa.Connection, load: TableLoad) -> dict[str, int]:
    """Returns how many of a load's values were changed rather than copied."""
    c = REPAIRS_TABLE.c
    rows = connection.execute(
        sa.select(c.rule, sa.func.count())
        .where(c.source == str(load.snapshot.source), c.table_name == load.table)
        .group_by(c.rule)
        .order_by(c.rule)
    )
    return {rule: count for rule, count in rows}  # noqa: C416 - rows are no pairs to mypy


def record_rejected_rows(connection: sa.Connection, load: TableLoad, rejected: pa.Table) -> None:
    """Writes down which of a table's rows were kept out and why, as it is now.

    Args:
        connection: In the load's transaction.
        load: The load that kept them out.
        rejected: ``VIOLATIONS`` with the whole row as JSON in ``row``.
    """
    moment = pa.scalar(utc_naive(load.loaded_at), pa.timestamp("us"))
    rejected = rejected.rename_columns({"rowid": "position"})
    rejected = rejected.append_column("rejected_at", pa.repeat(moment, rejected.num_rows))
    with _staged(connection, REJECTED_ROWS_TABLE, load, rejected) as stage:
        kept = REJECTED_ROWS_TABLE.c
        same = sa.and_(
            stage.c.source_id.is_not_distinct_from(kept.source_id),
            sa.cast(stage.c.row, sa.Text) == sa.cast(kept.row, sa.Text),
        )
        _replace(connection, REJECTED_ROWS_TABLE, load, stage, same)


def count_rejected_rows(connection: sa.Connection, load: TableLoad) -> int:
    """Returns how many rows of a load's table are written down as kept out."""
    c = REJECTED_ROWS_TABLE.c
    statement = sa.select(sa.func.count(c.position.distinct())).where(
        c.source == str(load.snapshot.source), c.table_name == load.table
    )
    return int(connection.execute(statement).scalar_one())


@contextmanager
def _staged(
    connection: sa.Connection, table: sa.Table, load: TableLoad, rows: pa.Table
) -> Iterator[sa.Table]:
    """Brings rows about a load into a temporary table of the same columns."""
    for name, value in (
        ("source", str(load.snapshot.source)),
        ("table_name", load.table),
        ("run_id", load.run.run_id),
    ):
        rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
    columns = (sa.Column(name, table.c[name].type) for name in rows.column_names)
    stage = temporary_table(connection, f"bizy_stage_{table.name}", *columns)
    copy_batches(connection, stage.name, rows.schema, rows.to_batches())
    yield stage
    stage.drop(connection)


def _replace(
    connection: sa.Connection,
    table: sa.Table,
    load: TableLoad,
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
    about = (table.c.source == str(load.snapshot.source), table.c.table_name == load.table)
    connection.execute(sa.delete(table).where(*about, ~holds))
    names = [column.name for column in stage.columns]
    new = postgresql.insert(table).from_select(names, sa.select(stage))
    connection.execute(new.on_conflict_do_nothing())
