"""The schema ``bizy_migration``, which stores the migration's own state in the target."""

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.errors import SchemaError
from bizy_assets.core.postgres import execute
from bizy_assets.core.target.created_objects import ObjectKind, record_created
from bizy_assets.core.target.state_tables import STATE_METADATA, STATE_VERSION, VERSION

_DROP_TABLE = sql.SQL("DROP TABLE {}")


def ensure_state_schema(connection: sa.Connection) -> None:
    """Create the schema and its tables if they are missing.

    Raises:
        SchemaError: A later release of bizy-assets created them.
    """
    schema = str(STATE_METADATA.schema)
    # IF NOT EXISTS would require the privilege to create schemas even if this one exists.
    is_missing = not sa.inspect(connection).has_schema(schema)
    if is_missing:
        connection.execute(sa.schema.CreateSchema(schema))
    # The first version of the tables stored none.
    stored = sa.inspect(connection).has_table(VERSION.name, schema=schema)
    version = connection.scalar(sa.select(VERSION.c.number)) if stored else None
    if version is not None and version > STATE_VERSION:
        raise SchemaError(
            f"The schema {schema} of the target was created by a later release of bizy-assets (its "
            f"version is {version}, this release supports {STATE_VERSION}); install that release."
        )
    if version is None:
        # The next load rebuilds what tables of the first version stored.
        for name in sa.inspect(connection).get_table_names(schema=schema):
            execute(connection, _DROP_TABLE.format(sql.Identifier(schema, name)))
    STATE_METADATA.create_all(connection, checkfirst=True)
    if version is None:
        connection.execute(sa.insert(VERSION).values(number=STATE_VERSION))
    if is_missing:
        record_created(connection, ObjectKind.SCHEMA, "", [schema])
