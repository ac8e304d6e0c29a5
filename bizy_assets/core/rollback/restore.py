"""Puts rows that a migration took over back to what they were before."""

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.contracts import Column, Contract
from bizy_assets.core.postgres import execute, writable_columns
from bizy_assets.core.target import ADOPTED_TABLE, LEDGER_TABLES, TARGET_TABLES


def restore_adopted(connection: sa.Connection, contract: Contract, as_written: sa.Table) -> int:
    """Puts rows back, and returns how many.

    Args:
        connection: In a transaction; the rows of the migration's own are gone already.
        contract: The table.
        as_written: Ids of rows that nobody has edited since.
    """
    adopted = ADOPTED_TABLE
    of_table = adopted.c.table_name == contract.table
    if not connection.scalar(sa.select(sa.exists().where(of_table))):
        return 0
    names = {
        "table": sql.Identifier(contract.table),
        "name": sql.Literal(contract.table),
    }
    model = TARGET_TABLES[contract.table]
    entry = LEDGER_TABLES[contract.table]
    known = sa.exists(sa.select(entry.c.id).where(entry.c.id == adopted.c.id))
    there = sa.exists(sa.select(model.c.id).where(model.c.id == adopted.c.id))
    # Without an entry the migration itself deleted the row; who has its id since then keeps it.
    written = sa.exists().where(as_written.c.id == adopted.c.id)
    back = sa.or_(written, ~known & ~there)
    restored = connection.execute(sa.update(adopted).where(of_table, back).values(run=0)).rowcount
    _insert(connection, contract, names)
    values = sql.SQL(", ").join(_value(column) for column in contract.columns)
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in contract.columns)
    execute(connection, _UPDATE.format(columns=columns, values=values, **names))
    # What somebody else deleted is not brought back by another rollback either.
    settled = sa.or_(adopted.c.run == 0, known & ~there)
    connection.execute(sa.delete(adopted).where(of_table, settled))
    return restored


def _insert(
    connection: sa.Connection, contract: Contract, names: dict[str, sql.Composable]
) -> None:
    """Brings rows back that were deleted as Bizy no longer had them, first without parents."""
    columns = writable_columns(connection, contract.table)
    parents = {column.name for column in contract.parents}
    values = [
        sql.SQL("NULL") if name in parents else sql.SQL("was.{}").format(sql.Identifier(name))
        for name in columns
    ]
    execute(
        connection,
        _INSERT.format(
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=sql.SQL(", ").join(values),
            **names,
        ),
    )


def _value(column: Column) -> sql.Composable:
    """Returns what a column was; a parent that is gone by now is none."""
    name = sql.Identifier(column.name)
    if column.references is None:
        return sql.SQL("was.{}").format(name)
    return sql.SQL("(SELECT id FROM {} AS parent WHERE parent.id = was.{})").format(
        sql.Identifier(column.references), name
    )


_INSERT = sql.SQL(
    """
    INSERT INTO {table} ({columns})
    SELECT {values}
    FROM bizy_migration.adopted AS known, json_populate_record(NULL::{table}, known.before) AS was
    WHERE known.table_name = {name} AND known.run = 0
      AND NOT EXISTS (SELECT FROM {table} AS taken WHERE taken.id = known.id)
    """
)
_UPDATE = sql.SQL(
    """
    UPDATE {table} AS now SET ({columns}) = ROW ({values})
    FROM bizy_migration.adopted AS known, json_populate_record(NULL::{table}, known.before) AS was
    WHERE known.table_name = {name} AND known.run = 0 AND now.id = known.id
    """
)
