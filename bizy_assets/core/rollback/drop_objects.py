"""Drop the objects that the migration created in the target, and delete its owner account.

Objects in use are kept and listed: an owner account that has logged in or owns other rows, a
table with rows, a column with values, and any object that another one depends on.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.postgres import catalog, execute, locks, name_text, table_name
from bizy_assets.core.state import Source, id_ranges
from bizy_assets.core.target import (
    PUBLIC_METADATA,
    USERS_TABLE,
    ObjectKind,
    created_objects,
    forget_created,
    password_file,
    sequences,
    state_tables,
)


@dataclass
class DroppedObjects:
    """Objects such as ``table goals`` that a rollback dropped, or kept with the reason.

    ``password_files`` are those of the deleted owner accounts.
    """

    dropped: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    password_files: list[Path] = field(default_factory=list)


def drop_created(
    connection: sa.Connection,
    home: Path,
    edited_tables: Collection[str],
    *,
    lock_wait_seconds: float,
) -> DroppedObjects:
    """Delete the owner account and drop every object that the migration created.

    The transaction has deleted the migration's rows, except edited rows in ``edited_tables``.

    Raises:
        TargetError: Another session did not release its lock in time.
    """
    result = DroppedObjects()
    created_tables = {table for table, _ in created_objects(connection, ObjectKind.TABLE)}
    for _, user_id in created_objects(connection, ObjectKind.USER):
        _delete_owner(connection, home, int(user_id), result, lock_wait_seconds)
    # The id of an owner account that stays must not be issued again either.
    used_tables = {*edited_tables, USERS_TABLE.name} if result.kept else edited_tables
    for table in reversed(PUBLIC_METADATA.sorted_tables):
        with locks.lock_timeout(connection, table, seconds=lock_wait_seconds):
            if not catalog.has_table(connection, table):
                continue
            if table.name in created_tables:
                _drop_table(connection, table, result)
                continue
            if table.name not in used_tables:
                sequences.restore_sequence(connection, table)
            _drop_additions(connection, table, result)
    _drop_state_schema(connection, result)
    return result


def changed_tables(connection: sa.Connection) -> set[str]:
    """Return the names of the tables whose definition ``drop_created`` may change."""
    kinds = (ObjectKind.TABLE, *_DROP_ADDITION)
    names = {table for kind in kinds for table, _ in created_objects(connection, kind)}
    tables = [table for table in PUBLIC_METADATA.sorted_tables if table.name in names]
    return names | {key.referred_table.name for t in tables for key in t.foreign_key_constraints}


def forget_source(
    connection: sa.Connection,
    home: Path,
    source: Source,
    edited_tables: Collection[str],
    *,
    lock_wait_seconds: float,
) -> DroppedObjects:
    """Delete the records of a source, and its owner account unless that is in use or not created.

    The transaction has deleted the source's rows, except those in ``edited_tables``, which are
    released.

    Raises:
        TargetError: Another session did not release its lock in time.
    """
    result = DroppedObjects()
    # After the last source, a sequence would return to where it was, and issue ids that stay.
    moves = state_tables.SEQUENCE_MOVES
    connection.execute(sa.delete(moves).where(moves.c.table_name.in_(edited_tables)))
    ids = id_ranges.read_ids(connection, source.id)
    for name, entry in state_tables.LEDGERS.items():
        connection.execute(sa.delete(entry).where(ids.has_entry(entry, name)))
    adopted, runs = state_tables.ADOPTED, state_tables.RUNS.c
    of_source = sa.select(runs.id).where(runs.source_id == source.id)
    connection.execute(sa.delete(adopted).where(adopted.c.run.in_(of_source)))
    for table in state_tables.STATE_METADATA.sorted_tables:
        if "source_id" in table.c:
            connection.execute(sa.delete(table).where(table.c.source_id == source.id))
    sources = state_tables.SOURCES.c
    connection.execute(sa.delete(state_tables.SOURCES).where(sources.id == source.id))
    is_shared = connection.scalar(
        sa.select(sa.exists(sa.select(sources.id).where(sources.user_id == source.user_id)))
    )
    created = {int(user_id) for _, user_id in created_objects(connection, ObjectKind.USER)}
    if source.user_id in created and not is_shared:
        _delete_owner(connection, home, source.user_id, result, lock_wait_seconds)
        if result.dropped:
            forget_created(connection, ObjectKind.USER, str(source.user_id))
    return result


def lock_owner(connection: sa.Connection, user_id: int) -> None:
    """Lock an owner account, so that no other session can use it or refer to it any more."""
    locks.lock_rows(connection, USERS_TABLE, USERS_TABLE.c.id == user_id, to_delete=True)


def _delete_owner(
    connection: sa.Connection,
    home: Path,
    user_id: int,
    result: DroppedObjects,
    lock_wait_seconds: float,
) -> None:
    users = USERS_TABLE
    # Rows that another session commits until then keep the account; the deletion would reach them.
    locks.acquire_in_turns(
        connection,
        lambda: lock_owner(connection, user_id),
        f"A row of {users.name}",
        [users.name],
        seconds=lock_wait_seconds,
    )
    user = connection.execute(
        sa.select(users.c.email, users.c.last_login_at).where(users.c.id == user_id)
    ).one_or_none()
    if user is None:
        return
    name = f"owner account {user.email} (id {user_id})"
    if user.last_login_at is not None:
        result.kept.append(f"{name}, which has logged in")
    elif tables := _tables_with_rows_of(connection, user_id):
        result.kept.append(f"{name}, which owns rows of {', '.join(tables)}")
    else:
        result.password_files.append(password_file(home, connection, user.email))
        connection.execute(sa.delete(users).where(users.c.id == user_id))
        result.dropped.append(name)


def _tables_with_rows_of(connection: sa.Connection, user_id: int) -> list[str]:
    """Return the tables, also those that Bizy does not know, with rows of a user."""
    tables = set()
    name = {"users": name_text(connection, USERS_TABLE)}
    for schema, table, column in connection.execute(_REFERENCES_TO_USERS, name):
        rows = sa.table(table, sa.column(column), schema=schema)
        of_user = sa.select(sa.literal(1)).where(rows.c[column] == user_id)
        if connection.scalar(sa.select(sa.exists(of_user))):
            tables.add(table)
    return sorted(tables)


def _drop_additions(connection: sa.Connection, table: sa.Table, result: DroppedObjects) -> None:
    """Drop what the migration added to a table that existed before."""
    for kind, drop in _DROP_ADDITION.items():
        for of_table, name in created_objects(connection, kind):
            if of_table == table.name:
                drop(connection, table, name, result)


def _drop_constraint(
    connection: sa.Connection, table: sa.Table, name: str, result: DroppedObjects
) -> None:
    if name in {key.name for key in catalog.foreign_keys(connection, table)}:
        names = (table_name(connection, table), sql.Identifier(name))
        _drop(connection, _CONSTRAINT.format(*names), f"foreign key {name}", result)


def _drop_index(
    connection: sa.Connection, table: sa.Table, name: str, result: DroppedObjects
) -> None:
    if name in {index.name for index in catalog.secondary_indexes(connection, table)}:
        qualified = sql.Identifier(str(table.schema), name)
        _drop(connection, _INDEX.format(qualified), f"index {name}", result)


def _drop_column(
    connection: sa.Connection, table: sa.Table, name: str, result: DroppedObjects
) -> None:
    if name not in catalog.table_columns(connection, table):
        return
    column: sa.ColumnElement[object] = sa.column(name)
    values = sa.select(sa.literal(1)).select_from(table).where(column.is_not(None))
    if connection.scalar(sa.select(sa.exists(values))):
        result.kept.append(f"column {table.name}.{name}, which contains values")
        return
    names = (table_name(connection, table), sql.Identifier(name))
    _drop(connection, _COLUMN.format(*names), f"column {table.name}.{name}", result)


def _drop_table(connection: sa.Connection, table: sa.Table, result: DroppedObjects) -> None:
    if connection.scalar(sa.select(sa.exists(sa.select(table.c.id)))):
        result.kept.append(f"table {table.name}, which contains rows")
        return
    statement = _TABLE.format(table_name(connection, table))
    _drop(connection, statement, f"table {table.name}", result)


def _drop_state_schema(connection: sa.Connection, result: DroppedObjects) -> None:
    """Drop the migration's own tables, and their schema unless it existed before."""
    is_created = created_objects(connection, ObjectKind.SCHEMA)
    state_tables.STATE_METADATA.drop_all(connection)
    if is_created:
        name = str(state_tables.STATE_METADATA.schema)
        _drop(connection, _SCHEMA.format(sql.Identifier(name)), f"schema {name}", result)


def _drop(
    connection: sa.Connection, statement: sql.Composable, name: str, result: DroppedObjects
) -> None:
    """Drop an object, unless an object that Bizy does not know depends on it."""
    try:
        with connection.begin_nested():
            execute(connection, statement)
    except errors.DependentObjectsStillExist:
        result.kept.append(f"{name}, which other objects depend on")
    else:
        result.dropped.append(name)


_CONSTRAINT = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
_INDEX = sql.SQL("DROP INDEX {}")
_COLUMN = sql.SQL("ALTER TABLE {} DROP COLUMN {}")
_TABLE = sql.SQL("DROP TABLE {}")
_SCHEMA = sql.SQL("DROP SCHEMA {}")

_DROP_ADDITION = {
    ObjectKind.CONSTRAINT: _drop_constraint,
    ObjectKind.INDEX: _drop_index,
    ObjectKind.COLUMN: _drop_column,
}
"""The function that drops an addition of each kind, in the order of dropping."""

_REFERENCES_TO_USERS = sa.text("""
    SELECT nspname, relname, attname
    FROM pg_constraint
    JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    JOIN pg_class ON pg_class.oid = conrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE confrelid = to_regclass(:users) AND contype = 'f' AND cardinality(conkey) = 1
""")
