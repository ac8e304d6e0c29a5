"""Queries that return Arrow batches, in bounded memory.

psycopg2 creates a Python object for each value; the ADBC driver creates columns. It uses a
connection of its own, which shares the snapshot of the caller's transaction.
"""

from collections.abc import Generator
from contextlib import closing
from typing import Any

import adbc_driver_postgresql.dbapi
import pyarrow as pa
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres.connection import (
    ATTACHED,
    SESSION_SETTINGS,
    conninfo,
    raw_connection,
)

_READER = "bizy reader"
"""Key in a connection's ``info``."""

_REPEATABLE_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_USE_SNAPSHOT = sql.SQL("SET TRANSACTION SNAPSHOT {}")


def fetch_batches(
    connection: sa.Connection, statement: sa.Select[Any]
) -> Generator[pa.RecordBatch, None, None]:
    """Yield the result of a query, which does not see what the caller's transaction has written.

    Raises:
        adbc_driver_manager.Error: PostgreSQL cannot be reached or refuses the query.
    """
    snapshot = connection.scalar(sa.select(sa.func.pg_export_snapshot()))
    reader = connection.info.pop(_READER, None) or _open_reader(connection)
    with closing(reader.cursor()) as cursor:
        cursor.execute(_REPEATABLE_READ)
        cursor.execute(
            _USE_SNAPSHOT.format(sql.Literal(snapshot)).as_string(raw_connection(connection))
        )
        for setting in SESSION_SETTINGS:
            cursor.execute(setting)
        cursor.execute(_query(connection, statement))
        try:
            yield from cursor.fetch_record_batch()
        finally:
            cursor.close()
            reader.rollback()
            connection.info[_READER] = reader


def _open_reader(connection: sa.Connection) -> adbc_driver_postgresql.dbapi.Connection:
    """Open the driver's connection, which reads the whole catalog and is kept for later queries."""
    reader = adbc_driver_postgresql.dbapi.connect(conninfo(connection))
    return connection.info[ATTACHED].enter_context(closing(reader))


def _query(connection: sa.Connection, statement: sa.Select[Any]) -> str:
    """Render a query with its values, since the driver's COPY supports no parameters."""
    compiled = statement.compile(dialect=connection.dialect)
    with raw_connection(connection).cursor() as cursor:
        return cursor.mogrify(str(compiled), compiled.params).decode()
