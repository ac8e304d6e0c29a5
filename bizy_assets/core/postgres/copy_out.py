"""Reads rows from PostgreSQL as Arrow batches, in bounded memory.

psycopg2 makes a Python object per value, so this goes through a driver that makes columns. It
has a connection of its own, which is made to see the very moment that the first one sees.
"""

from collections.abc import Generator
from contextlib import closing
from typing import Any

import adbc_driver_postgresql.dbapi
import pyarrow as pa
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres.connection import SESSION_SETTINGS, conninfo, raw_connection

_ISOLATED = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_SAME_MOMENT = sql.SQL("SET TRANSACTION SNAPSHOT {}")


def fetch_batches(
    connection: sa.Connection, statement: sa.Select[Any]
) -> Generator[pa.RecordBatch, None, None]:
    """Yields what a query returns.

    Args:
        connection: In a transaction, whose own uncommitted changes the query does not see.
        statement: The query.

    Raises:
        adbc_driver_manager.Error: PostgreSQL cannot be reached or refuses.
    """
    moment = connection.scalar(sa.select(sa.func.pg_export_snapshot()))
    with (
        closing(adbc_driver_postgresql.dbapi.connect(conninfo(connection))) as reader,
        closing(reader.cursor()) as cursor,
    ):
        cursor.execute(_ISOLATED)
        cursor.execute(
            _SAME_MOMENT.format(sql.Literal(moment)).as_string(raw_connection(connection))
        )
        for setting in SESSION_SETTINGS:
            cursor.execute(setting)
        cursor.execute(_query(connection, statement))
        yield from cursor.fetch_record_batch()


def _query(connection: sa.Connection, statement: sa.Select[Any]) -> str:
    """Writes a query out with its values, which the driver's COPY takes no other way."""
    compiled = statement.compile(dialect=connection.dialect)
    with raw_connection(connection).cursor() as cursor:
        return cursor.mogrify(str(compiled), compiled.params).decode()
