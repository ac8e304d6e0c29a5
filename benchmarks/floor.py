"""The floor: what the server alone needs for the same rows.

A binary COPY from a file into empty tables of the same shape, then the same indexes and foreign
keys, one transaction a table.
"""

import os
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres.connection import execute
from bizy_assets.core.postgres.names import table_name
from bizy_assets.core.target.ddl import ensure_indexes_and_keys, ensure_table
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import PUBLIC_METADATA

COPY_OUT = sql.SQL("COPY {} TO {} (FORMAT binary)")
COPY_IN = sql.SQL("COPY {} FROM {} (FORMAT binary)")
_MEMORY = sql.SQL("SET LOCAL maintenance_work_mem TO '256MB'")


def seconds(loaded: sa.Connection, empty: sa.Connection, folder: Path) -> float:
    """Copies a loaded target's rows into an empty database, and times that.

    Args:
        loaded: Has the rows; outside a transaction.
        empty: Gets them.
        folder: Where the files may lie; the server's user can enter it.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        Path(name).chmod(0o777)
        files = {table: Path(name) / table.name for table in PUBLIC_METADATA.sorted_tables}
        with loaded.begin():
            for table, file in files.items():
                _copy(loaded, COPY_OUT, table, file)
        with empty.begin():
            ensure_state_schema(empty)
        started = time.monotonic()
        for table, file in files.items():
            with empty.begin():
                ensure_table(empty, table)
                execute(empty, _MEMORY)
                _copy(empty, COPY_IN, table, file)
                ensure_indexes_and_keys(empty, table)
        return time.monotonic() - started


def _copy(connection: sa.Connection, statement: sql.SQL, table: sa.Table, file: Path) -> None:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    what = sql.SQL("{} ({})").format(table_name(connection, table), names)
    execute(connection, statement.format(what, sql.Literal(os.fspath(file))))
