"""The schema ``bizy_migration``, which stores the migration's own state in the target."""

from weakref import WeakSet

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.errors import SchemaError
from bizy_assets.core.postgres import describe_url, execute
from bizy_assets.core.target.created_objects import ObjectKind, record_created
from bizy_assets.core.target.state_tables import RUNS, STATE_METADATA, STATE_VERSION, VERSION
from bizy_assets.core.target.state_upgrade import upgrade_from_2

_SCHEMA = str(STATE_METADATA.schema)
_DROP_TABLE = sql.SQL("DROP TABLE {}")
_EXISTS = sa.select(sa.func.to_regclass(f"{_SCHEMA}.{VERSION.name}"))

_CURRENT: WeakSet[sa.Transaction] = WeakSet()
"""The transactions that read the version of this release; only the end of a rollback drops it."""


def ensure_state_schema(connection: sa.Connection) -> None:
    """Create the schema and its tables if they are missing, and upgrade those of earlier releases.

    Raises:
        SchemaError: A later release of bizy-assets created them.
    """
    version = _stored_version(connection)
    if version is not None:
        upgrade_state(connection)
        return
    # IF NOT EXISTS would require the privilege to create schemas even if this one exists.
    is_missing = not sa.inspect(connection).has_schema(_SCHEMA)
    if is_missing:
        connection.execute(sa.schema.CreateSchema(_SCHEMA))
    # The first version stored none. The next load rebuilds what its tables stored.
    for name in sa.inspect(connection).get_table_names(schema=_SCHEMA):
        execute(connection, _DROP_TABLE.format(sql.Identifier(_SCHEMA, name)))
    STATE_METADATA.create_all(connection, checkfirst=False)
    connection.execute(sa.insert(VERSION).values(number=STATE_VERSION))
    if is_missing:
        record_created(connection, ObjectKind.SCHEMA, "", [_SCHEMA])


def upgrade_state(connection: sa.Connection) -> None:
    """Upgrade the tables of an earlier release in the caller's transaction, if there are any.

    Raises:
        SchemaError: A later release of bizy-assets created them.
    """
    version = _stored_version(connection)
    if version is not None and version > STATE_VERSION:
        raise _later_release(version)
    if version is not None and version < STATE_VERSION:
        upgrade_from_2(connection)


def has_state(connection: sa.Connection) -> bool:
    """Return True if a migration ever wrote to this target."""
    return sa.inspect(connection).has_table(RUNS.name, schema=_SCHEMA)


def has_current_state(connection: sa.Connection) -> bool:
    """Return True if the target has state tables, and they are of this release's version."""
    return _stored_version(connection) == STATE_VERSION


def require_current_state(connection: sa.Connection) -> None:
    """Check that the state tables can be read, if there are any.

    Raises:
        SchemaError: Another release of bizy-assets created them.
    """
    version = _stored_version(connection)
    if version is not None and version > STATE_VERSION:
        raise _later_release(version)
    if version is not None and version < STATE_VERSION:
        raise SchemaError(
            f"The records of the migration in {describe_url(connection.engine.url)} (schema "
            f"{_SCHEMA}) are of an earlier release of bizy-assets; run the job migrate once, which "
            "upgrades them."
        )


def _stored_version(connection: sa.Connection) -> int | None:
    """Return the version of the state tables; in a transaction that of this release stays."""
    block = connection.get_nested_transaction() or connection.get_transaction()
    if block is not None and block in _CURRENT:
        return STATE_VERSION
    if connection.scalar(_EXISTS) is None:
        return None
    version: int | None = connection.scalar(sa.select(VERSION.c.number))
    if block is not None and version == STATE_VERSION:
        _CURRENT.add(block)
    return version


def _later_release(version: int) -> SchemaError:
    return SchemaError(
        f"The schema {_SCHEMA} of the target was created by a later release of bizy-assets (its "
        f"version is {version}, this release supports {STATE_VERSION}); install that release."
    )
