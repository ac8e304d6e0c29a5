"""Queries that return Arrow batches, in bounded memory.

psycopg2 creates a Python object for each value; the ADBC driver creates columns. It uses a
connection of its own, which shares the snapshot of the caller's transaction. It runs queries before
it accepts a statement, so its settings must be part of the connection's start. Some poolers refuse
or ignore them; there psycopg2 reads the rows. It also reads few rows, for which the other
connection would take longer.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, BinaryIO

import adbc_driver_postgresql.dbapi
import psycopg2
import pyarrow as pa
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.common import FORMULA, NUMBER
from bizy_assets.core.postgres.connection import ATTACHED, conninfo, raw_connection
from bizy_assets.core.postgres.session import SEARCH_PATH

_READER = "bizy reader"
"""Key in a connection's ``info``."""

_REPEATABLE_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_USE_SNAPSHOT = sql.SQL("SET TRANSACTION SNAPSHOT {}")

_CSV = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)")

_ROWS = 10_000
"""Rows of a batch that psycopg2 reads."""

_FEW_ROWS = 2_000
"""Rows that psycopg2 reads faster than the driver connects."""

_TYPES = {
    16: pa.bool_(),
    17: pa.binary(),
    20: pa.int64(),
    23: pa.int32(),
    25: pa.string(),
    701: pa.float64(),
}
"""Arrow's types by PostgreSQL's identifiers of types."""


def fetch_batches(
    connection: sa.Connection, statement: sa.Select[Any], *, expected_rows: int
) -> Generator[pa.RecordBatch, None, None]:
    """Yield the result of a query; the caller's transaction has written nothing.

    The expected number of rows decides how they are read.

    Raises:
        adbc_driver_manager.Error: PostgreSQL cannot be reached or refuses the query.
    """
    query = _query(connection, statement)
    has_reader = open_reader(connection, expected_rows=expected_rows)
    reader = connection.info.pop(_READER) if has_reader else None
    yield from _columns(connection, reader, query) if reader else _rows(connection, query)


def open_reader(connection: sa.Connection, *, expected_rows: int) -> bool:
    """Return whether so many rows will be read by a connection of their own, which it opens.

    The caller may use its own one as soon as the first of them has arrived.
    """
    if _READER not in connection.info and expected_rows > _FEW_ROWS:
        reader = _open_reader(connection)
        if reader is not None:
            connection.info[_READER] = reader
    return _READER in connection.info


def copy_csv(connection: sa.Connection, statement: sa.Select[Any], file: BinaryIO) -> None:
    """Write the result of a query to a file as CSV with a header.

    A text that a spreadsheet may take for a formula begins with an apostrophe.
    """
    columns = [_plain(column).label(column.name) for column in statement.subquery("rows").c]
    query = sql.SQL(_query(connection, sa.select(*columns)))
    with raw_connection(connection).cursor() as cursor:
        cursor.copy_expert(_CSV.format(query), file)


def _plain(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    text = sa.cast(value, sa.Text)
    is_formula = text.regexp_match(FORMULA) & ~text.regexp_match(NUMBER)
    return sa.case((is_formula, sa.literal("'") + text), else_=text)


def _open_reader(connection: sa.Connection) -> adbc_driver_postgresql.dbapi.Connection | None:
    """Open the driver's connection, which reads the whole catalog and is kept for later queries.

    Returns None if a new session would not have the settings that its connection string demands.
    """
    dsn = conninfo(connection)
    if not _sets_up(dsn):
        return None
    reader = adbc_driver_postgresql.dbapi.connect(dsn)
    return connection.info[ATTACHED].enter_context(closing(reader))


def _sets_up(dsn: str) -> bool:
    """Return True if a new session has the settings that its connection string demands."""
    try:
        with closing(psycopg2.connect(dsn)) as raw, raw.cursor() as cursor:
            cursor.execute("SHOW search_path")
            return cursor.fetchone() == (", ".join(SEARCH_PATH),)
    except psycopg2.OperationalError:
        return False


def _columns(
    connection: sa.Connection, reader: adbc_driver_postgresql.dbapi.Connection, query: str
) -> Iterator[pa.RecordBatch]:
    snapshot = connection.scalar(sa.select(sa.func.pg_export_snapshot()))
    with closing(reader.cursor()) as cursor:
        cursor.execute(_REPEATABLE_READ)
        cursor.execute(
            _USE_SNAPSHOT.format(sql.Literal(snapshot)).as_string(raw_connection(connection))
        )
        cursor.execute(query)
        try:
            yield from cursor.fetch_record_batch()
        finally:
            cursor.close()
            reader.rollback()
            connection.info[_READER] = reader


def _rows(connection: sa.Connection, query: str) -> Iterator[pa.RecordBatch]:
    with raw_connection(connection).cursor("bizy_rows") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_ROWS):
            description = cursor.description or ()
            schema = pa.schema([(column.name, _TYPES[column.type_code]) for column in description])
            columns = zip(*rows, strict=True)
            arrays = [pa.array(v, f.type) for v, f in zip(columns, schema, strict=True)]
            yield pa.record_batch(arrays, schema)


def _query(connection: sa.Connection, statement: sa.Select[Any]) -> str:
    """Render a query with its values, since the driver's COPY supports no parameters."""
    compiled = statement.compile(
        dialect=connection.dialect,
        schema_translate_map=connection.get_execution_options().get("schema_translate_map") or {},
        render_schema_translate=True,
        compile_kwargs={"render_postcompile": True},
    )
    with raw_connection(connection).cursor() as cursor:
        return cursor.mogrify(str(compiled), compiled.params).decode()
