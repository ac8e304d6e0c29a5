"""TODO."""

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.errors import SchemaError
from bizy_assets.core.postgres import execute
from bizy_assets.core.target.created_objects import ObjectKind, record_created
from bizy_assets.core.target.state_tables import STATE_METADATA, STATE_VERSION, VERSION_TABLE

_DROP_TABLE = sql.SQL("DROP TABLE {}")


def ensure_state_schema(connection: sa.Connection) -> None:
    """Makes the migration's own schema and tables where they are missing.

    Raises:
        SchemaError: A later release of bizy-assets made them.
    """
    own = str(STATE_METADATA.schema)
    # IF NOT EXISTS would demand the right to create schemas even where there is nothing to make.
    missing = not sa.inspect(connection).has_schema(own)
    if missing:
        connection.execute(sa.schema.CreateSchema(own))
    found = _state_version(connection)
    if found is not None and found > STATE_VERSION:
        raise SchemaError(
            f"The schema {own} of the target was made by a later release of bizy-assets (its "
            f"version is {found}, this release knows {STATE_VERSION}); install that release."
        )
    if found is None:
        # What the first version remembered, the next load finds out again.
        for name in sa.inspect(connection).get_table_names(schema=own):
            execute(connection, _DROP_TABLE.format(sql.Identifier(own, name)))
    STATE_METADATA.create_all(connection, checkfirst=True)
    if found is None:
        connection.execute(sa.insert(VERSION_TABLE).values(number=STATE_VERSION))
    if missing:
        record_created(connection, ObjectKind.SCHEMA, "", [own])


def _state_version(connection: sa.Connection) -> int | None:
    """Returns the version of the migration's own tables; the first had none."""
    if not sa.inspect(connection).has_table(VERSION_TABLE.name, schema=STATE_METADATA.schema):
        return None
    return connection.scalar(sa.select(VERSION_TABLE.c.number))
