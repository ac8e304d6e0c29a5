"""Records about single values: adjusted values and rejected rows.

Both tables describe the last load of each source. Records that still apply are not rewritten.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import copy_batches, id_between, temporary_table
from bizy_assets.core.state.id_ranges import SourceIds
from bizy_assets.core.state.runs import TableLoad, utc_naive
from bizy_assets.core.target import TARGET_TABLES, state_tables
from bizy_assets.core.transform import MISSING_TIMESTAMP, SIGHTINGS_SCHEMA


def record_repairs(
    connection: sa.Connection, load: TableLoad, ids: SourceIds, repairs: pa.Table
) -> None:
    """Record the adjusted values of a load (``REPAIRS_SCHEMA``), once all of its rows were read.

    New rows need not be written yet: they get the times that the load has for them.
    """
    if not repairs.num_rows:
        _delete(connection, state_tables.REPAIRS, load)
        return
    with _staged(connection, state_tables.REPAIRS, load, repairs) as stage:
        _read_filled_times(connection, load, ids, stage)
        same = stage.c.written.is_not_distinct_from(state_tables.REPAIRS.c.written)
        _replace(connection, state_tables.REPAIRS, load, stage, same)


def _read_filled_times(
    connection: sa.Connection, load: TableLoad, ids: SourceIds, stage: sa.Table
) -> None:
    """Read the times that rows have where the source has none: a row keeps its first one."""
    table = TARGET_TABLES[load.table]
    for column in BY_TABLE[load.table].columns:
        if column.filled:
            time = sa.func.to_char(table.c[column.name], "YYYY-MM-DD HH24:MI:SS.US")
            connection.execute(
                sa.update(stage)
                .where(
                    stage.c.rule == MISSING_TIMESTAMP,
                    stage.c.column_name == column.name,
                    ids.target_id(load.table, stage.c.row_id) == table.c.id,
                    id_between(table.c.id, ids.within(load.table)),
                )
                .values(written=time)
            )


def count_repairs(connection: sa.Connection, load: TableLoad) -> dict[str, int]:
    """Return the number of a load's adjusted values by rule."""
    c = state_tables.REPAIRS.c
    rows = connection.execute(
        sa.select(c.rule, sa.func.count())
        .where(c.source_id == load.run.source.id, c.table_name == load.table)
        .group_by(c.rule)
        .order_by(c.rule)
    )
    return {rule: count for rule, count in rows}  # noqa: C416 - mypy does not take rows for pairs


def first_sightings(connection: sa.Connection, load: TableLoad, rule: str) -> pa.Table:
    """Return the values that a rule adjusted (``SIGHTINGS_SCHEMA``), before a load records its own.

    A record stays that of the run that first wrote it, so its snapshot is the first known to have
    the value.
    """
    c, runs = state_tables.REPAIRS.c, state_tables.RUNS
    taken_at = sa.func.min(runs.c.snapshot_taken_at)
    rows = (
        sa.select(c.row_id, c.raw, taken_at.label("taken_at"))
        .join(runs, sa.and_(runs.c.source_id == c.source_id, runs.c.dagster_run_id == c.run_id))
        .where(c.source_id == load.run.source.id, c.table_name == load.table, c.rule == rule)
        .group_by(c.row_id, c.raw)
        .subquery()
    )
    # One value for each column, which is not a Python row for each record.
    columns = [
        sa.func.array_agg(postgresql.aggregate_order_by(column, rows.c.row_id)) for column in rows.c
    ]
    found = [values or [] for values in connection.execute(sa.select(*columns)).one()]
    return pa.table(found, schema=SIGHTINGS_SCHEMA)


def adjusted_ids(
    connection: sa.Connection, load: TableLoad, rules: Sequence[str]
) -> dict[str, IdSet]:
    """Return the ids of the rows with a value that one of some rules adjusted, by rule."""
    c = state_tables.REPAIRS.c
    id_ = sa.func.int4send(sa.cast(c.row_id, sa.Integer))
    packed = sa.func.string_agg(id_, sa.literal_column("''::bytea"))
    result = {rule: IdSet() for rule in rules}
    rows = connection.execute(
        sa.select(c.rule, packed)
        .where(
            c.source_id == load.run.source.id,
            c.table_name == load.table,
            c.rule.in_(list(result)),
        )
        .group_by(c.rule)
    )
    for rule, ids in rows:
        result[rule].add(np.frombuffer(ids, dtype=">i4"))
    return result


def record_rejected_rows(connection: sa.Connection, load: TableLoad, rejected: pa.Table) -> None:
    """Record the rejected rows of a load and the reasons.

    The rows have the schema ``VIOLATIONS`` and the whole row as JSON in ``row``.
    """
    if not rejected.num_rows:
        _delete(connection, state_tables.REJECTED_ROWS, load)
        return
    moment = pa.scalar(utc_naive(load.loaded_at), pa.timestamp("us"))
    # Its name in the table.
    rejected = rejected.rename_columns({"rowid": "position"})
    rejected = rejected.append_column("rejected_at", pa.repeat(moment, rejected.num_rows))
    with _staged(connection, state_tables.REJECTED_ROWS, load, rejected) as stage:
        c = state_tables.REJECTED_ROWS.c
        same = sa.and_(
            stage.c.row_id.is_not_distinct_from(c.row_id),
            sa.cast(stage.c.row, sa.Text) == sa.cast(c.row, sa.Text),
        )
        _replace(connection, state_tables.REJECTED_ROWS, load, stage, same)


def count_rejected_rows(connection: sa.Connection, load: TableLoad) -> int:
    """Return the number of recorded rejected rows of a load's table."""
    c = state_tables.REJECTED_ROWS.c
    statement = sa.select(sa.func.count(c.position.distinct())).where(
        c.source_id == load.run.source.id, c.table_name == load.table
    )
    return int(connection.execute(statement).scalar_one())


@contextmanager
def _staged(
    connection: sa.Connection, table: sa.Table, load: TableLoad, rows: pa.Table
) -> Iterator[sa.Table]:
    """Copy records of a load into a temporary table with the same columns."""
    for name, value in (
        ("source_id", pa.scalar(load.run.source.id, pa.int32())),
        ("table_name", load.table),
        ("run_id", load.run.run_id),
    ):
        rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
    columns = (sa.Column(name, table.c[name].type) for name in rows.column_names)
    stage = temporary_table(connection, f"bizy_stage_{table.name}", *columns)
    copy_batches(connection, stage, rows.schema, rows.to_batches())
    yield stage
    stage.drop(connection)


def _replace(
    connection: sa.Connection,
    table: sa.Table,
    load: TableLoad,
    stage: sa.Table,
    same: sa.ColumnElement[bool],
) -> None:
    """Delete records that no longer apply and insert new ones; leave the others unwritten.

    ``same`` is the condition of an unchanged record, besides its key, rule and raw value.
    """
    applies = sa.exists().where(
        *(stage.c[key.name] == table.c[key.name] for key in table.primary_key),
        stage.c.rule == table.c.rule,
        stage.c.raw.is_not_distinct_from(table.c.raw),
        same,
    )
    _delete(connection, table, load, ~applies)
    names = [column.name for column in stage.columns]
    new = postgresql.insert(table).from_select(names, sa.select(stage))
    connection.execute(new.on_conflict_do_nothing())


def _delete(
    connection: sa.Connection, table: sa.Table, load: TableLoad, *where: sa.ColumnElement[bool]
) -> None:
    of_load = (table.c.source_id == load.run.source.id, table.c.table_name == load.table)
    connection.execute(sa.delete(table).where(*of_load, *where))
