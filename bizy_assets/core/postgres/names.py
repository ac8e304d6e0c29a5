"""Names of tables in statements, always with their schema.

SQLAlchemy writes the schema of a table itself and replaces it on a connection with the option
``schema_translate_map``. These functions do the same for statements that are written by hand.
"""

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres.connection import raw_connection


def table_name(connection: sa.Connection, table: sa.Table) -> sql.Identifier:
    """Return the qualified name of a table for a statement composed with psycopg2."""
    replaced = connection.get_execution_options().get("schema_translate_map") or {}
    return sql.Identifier(str(replaced.get(table.schema, table.schema)), table.name)


def name_text(connection: sa.Connection, table: sa.Table) -> str:
    """Return the quoted and qualified name of a table as a value, for ``to_regclass``."""
    return table_name(connection, table).as_string(raw_connection(connection))
