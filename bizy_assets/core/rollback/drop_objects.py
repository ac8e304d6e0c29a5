"""Takes out what the migration made in the target beside rows: its user and its objects.

What others use by now stays, and is named: a user who has logged in or to whom something belongs,
a table that has rows, a column that holds values, whatever something else depends on.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.postgres import (
    execute,
    foreign_keys,
    lock_timeout,
    secondary_indexes,
    table_columns,
)
from bizy_assets.core.target import (
    PUBLIC_METADATA,
    STATE_METADATA,
    USERS_TABLE,
    ObjectKind,
    created_objects,
    restore_sequence,
)


@dataclass
class DroppedObjects:
    """What became of the things that the migration made.

    Attributes:
        removed: What is gone, each named.
        left: What stays, each with the reason.
        users: Emails of users that are gone.
    """

    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)


def drop_created(
    connection: sa.Connection, kept: Collection[str], *, lock_wait_seconds: float
) -> DroppedObjects:
    """Takes out the user and every object that the migration made.

    Args:
        connection: In a transaction, with the migration's rows gone.
        kept: Tables in which rows of the migration stay, since they were edited.
        lock_wait_seconds: How long to wait for sessions that lock a table.

    Raises:
        TargetError: Another session did not give its lock back.
    """
    done = DroppedObjects()
    ours = {table for table, _ in created_objects(connection, ObjectKind.TABLE)}
    for _, user_id in created_objects(connection, ObjectKind.USER):
        _remove_user(connection, int(user_id), done)
    # A user who stays has an id that the sequence must not give again.
    kept = {*kept, USERS_TABLE.name} if done.left else kept
    for table in reversed(PUBLIC_METADATA.sorted_tables):
        with lock_timeout(connection, table, seconds=lock_wait_seconds):
            if not table_columns(connection, table.name):
                continue
            if table.name in ours:
                _remove_table(connection, table, done)
                continue
            if table.name not in kept:
                restore_sequence(connection, table.name)
            _remove_parts(connection, table.name, done)
    _remove_own(connection, done)
    return done


def _remove_user(connection: sa.Connection, user_id: int, done: DroppedObjects) -> None:
    users = USERS_TABLE
    found = connection.execute(
        sa.select(users.c.email, users.c.last_login_at).where(users.c.id == user_id)
    ).one_or_none()
    if found is None:
        return
    what = f"user {found.email} (id {user_id})"
    holders = _tables_with_rows_of(connection, user_id)
    if found.last_login_at is not None:
        done.left.append(f"{what}, who has logged in")
    elif holders:
        done.left.append(f"{what}, who owns rows of {', '.join(holders)}")
    else:
        connection.execute(sa.delete(users).where(users.c.id == user_id))
        done.removed.append(what)
        done.users.append(found.email)


def _tables_with_rows_of(connection: sa.Connection, user_id: int) -> list[str]:
    """Names the tables, the backend's others too, in which something belongs to a user."""
    holders = []
    for namespace, table, column in connection.execute(_REFERENCES):
        rows = sa.table(table, sa.column(column), schema=namespace)
        owned = sa.select(sa.exists(sa.select(sa.literal(1)).where(rows.c[column] == user_id)))
        if connection.scalar(owned):
            holders.append(table)
    return sorted(set(holders))


def _remove_parts(connection: sa.Connection, table: str, done: DroppedObjects) -> None:
    """Takes out what the migration added to a table that was there before."""
    for kind, remove in _PARTS.items():
        for of_table, name in created_objects(connection, kind):
            if of_table == table:
                remove(connection, table, name, done)


def _remove_column(connection: sa.Connection, table: str, name: str, done: DroppedObjects) -> None:
    if name not in table_columns(connection, table):
        return
    column: sa.ColumnElement[object] = sa.column(name)
    rows = sa.select(sa.literal(1)).select_from(sa.table(table)).where(column.is_not(None))
    if connection.scalar(sa.select(sa.exists(rows))):
        done.left.append(f"column {table}.{name}, which holds values")
        return
    _drop(
        connection,
        _ALTER.format(sql.Identifier(table), sql.SQL("COLUMN {}").format(sql.Identifier(name))),
        f"column {table}.{name}",
        done,
    )


def _remove_index(connection: sa.Connection, table: str, name: str, done: DroppedObjects) -> None:
    if name in {index.name for index in secondary_indexes(connection, table)}:
        _drop(connection, _INDEX.format(sql.Identifier(name)), f"index {name}", done)


def _remove_constraint(
    connection: sa.Connection, table: str, name: str, done: DroppedObjects
) -> None:
    if name in {key.name for key in foreign_keys(connection, table)}:
        part = sql.SQL("CONSTRAINT {}").format(sql.Identifier(name))
        _drop(connection, _ALTER.format(sql.Identifier(table), part), f"foreign key {name}", done)


def _remove_table(connection: sa.Connection, table: sa.Table, done: DroppedObjects) -> None:
    if connection.scalar(sa.select(sa.exists(sa.select(table.c.id)))):
        done.left.append(f"table {table.name}, which has rows")
        return
    _drop(connection, _TABLE.format(sql.Identifier(table.name)), f"table {table.name}", done)


def _remove_own(connection: sa.Connection, done: DroppedObjects) -> None:
    """Takes out the migration's own schema; one that it found stays, empty of its tables."""
    made = created_objects(connection, ObjectKind.SCHEMA)
    STATE_METADATA.drop_all(connection)
    name = str(STATE_METADATA.schema)
    if made:
        _drop(connection, _SCHEMA.format(sql.Identifier(name)), f"schema {name}", done)


def _drop(
    connection: sa.Connection, statement: sql.Composable, what: str, done: DroppedObjects
) -> None:
    """Drops an object, unless something that we do not know depends on it."""
    try:
        with connection.begin_nested():
            execute(connection, statement)
    except errors.DependentObjectsStillExist:
        done.left.append(f"{what}, which something else depends on")
    else:
        done.removed.append(what)


_ALTER = sql.SQL("ALTER TABLE {} DROP {}")
_INDEX = sql.SQL("DROP INDEX {}")
_TABLE = sql.SQL("DROP TABLE {}")
_SCHEMA = sql.SQL("DROP SCHEMA {}")

_PARTS = {
    ObjectKind.CONSTRAINT: _remove_constraint,
    ObjectKind.INDEX: _remove_index,
    ObjectKind.COLUMN: _remove_column,
}
"""How each kind of part of a table is taken out, in this order."""

_REFERENCES = sa.text(
    """
    SELECT nspname, relname, attname
    FROM pg_constraint
    JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    JOIN pg_class ON pg_class.oid = conrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE confrelid = to_regclass('users') AND contype = 'f' AND cardinality(conkey) = 1
    """
)
