"""Restore adopted rows to their content before the migration."""

from typing import Any

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.contracts import Contract
from bizy_assets.core.postgres import catalog, execute, table_name, temporary_id_table
from bizy_assets.core.state import SourceIds
from bizy_assets.core.target import TARGET_TABLES, state_tables


def restore_adopted(
    connection: sa.Connection, contract: Contract, unedited: sa.Table, source: SourceIds | None
) -> int:
    """Restore the adopted rows of a table, or those of one source, and return their number.

    The transaction has deleted the rows that the migration inserted. ``unedited`` is a table of the
    ids of rows that were not edited since the migration wrote them.
    """
    adopted, table = state_tables.ADOPTED, TARGET_TABLES[contract.table]
    entry = state_tables.LEDGERS[contract.table]
    of_table = adopted.c.table_name == contract.table
    if source is not None:
        runs = state_tables.RUNS.c
        of_source = sa.select(runs.id).where(runs.source_id == source.source_id)
        of_table &= adopted.c.run.in_(of_source)
    if not connection.scalar(sa.select(sa.exists().where(of_table))):
        return 0
    in_ledger = sa.exists(sa.select(entry.c.id).where(entry.c.id == adopted.c.id))
    in_target = sa.exists(sa.select(table.c.id).where(table.c.id == adopted.c.id))
    is_unedited = sa.exists(sa.select(unedited.c.id).where(unedited.c.id == adopted.c.id))
    # The migration itself deleted a row that has no ledger entry; its id may be in use again.
    is_restorable = is_unedited | (~in_ledger & ~in_target)
    restorable = temporary_id_table(connection, f"bizy_restorable_{contract.table}")
    ids = sa.select(adopted.c.id).where(of_table, is_restorable)
    restored = connection.execute(sa.insert(restorable).from_select(["id"], ids)).rowcount
    _insert_deleted(connection, contract, restorable)
    _write_previous(connection, contract, restorable)
    # A row that others deleted must not be restored by a later rollback either.
    is_settled = adopted.c.id.in_(sa.select(restorable.c.id)) | (in_ledger & ~in_target)
    connection.execute(sa.delete(adopted).where(of_table, is_settled))
    return restored


def _insert_deleted(connection: sa.Connection, contract: Contract, restorable: sa.Table) -> None:
    """Insert the rows that the migration deleted with Bizy's, still without parents."""
    parents = {column.name for column in contract.parents}
    names = catalog.writable_columns(connection, TARGET_TABLES[contract.table])
    values = [sql.SQL("NULL") if name in parents else _previous(name) for name in names]
    _execute(connection, _INSERT, contract, restorable, names, values)


def _write_previous(connection: sa.Connection, contract: Contract, restorable: sa.Table) -> None:
    names = [column.name for column in contract.columns]
    values = [_previous_or_null(connection, column) for column in TARGET_TABLES[contract.table].c]
    _execute(connection, _UPDATE, contract, restorable, names, values)


def _execute(
    connection: sa.Connection,
    statement: sql.SQL,
    contract: Contract,
    restorable: sa.Table,
    names: list[str],
    values: list[sql.Composable],
) -> None:
    execute(
        connection,
        statement.format(
            table=table_name(connection, TARGET_TABLES[contract.table]),
            name=sql.Literal(contract.table),
            restorable=table_name(connection, restorable),
            columns=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(values),
        ),
    )


def _previous(name: str) -> sql.Composable:
    return sql.SQL("previous.{}").format(sql.Identifier(name))


def _previous_or_null(connection: sa.Connection, column: sa.Column[Any]) -> sql.Composable:
    """Return a column's previous value, or NULL for a parent that no longer exists."""
    value = _previous(column.name)
    key = next(iter(column.foreign_keys), None)
    if key is None:
        return value
    return sql.SQL("(SELECT id FROM {} AS parent WHERE parent.id = {})").format(
        table_name(connection, key.column.table), value
    )


_INSERT = sql.SQL("""
    INSERT INTO {table} ({columns})
    SELECT {values}
    FROM bizy_migration.adopted JOIN {restorable} USING (id)
    CROSS JOIN json_populate_record(NULL::{table}, adopted.before) AS previous
    WHERE adopted.table_name = {name}
      AND NOT EXISTS (SELECT FROM {table} AS existing WHERE existing.id = adopted.id)
""")
_UPDATE = sql.SQL("""
    UPDATE {table} AS target SET ({columns}) = ROW ({values})
    FROM bizy_migration.adopted JOIN {restorable} USING (id)
    CROSS JOIN json_populate_record(NULL::{table}, adopted.before) AS previous
    WHERE adopted.table_name = {name} AND target.id = adopted.id
""")
