"""Other ways of bringing Bizy's rows into PostgreSQL, each into a database of its own."""

import shutil
import sys
import time
from pathlib import Path

import process
import sqlalchemy as sa
from figures import DUCKDB, PGLOADER, PGLOADER_INDEXED, ROW_BY_ROW, Figure
from server import CHECKOUT, Server

from bizy_assets.core.target.tables import PUBLIC_METADATA

HERE = Path(__file__).parent
ROWS_OF_THE_ORM = 10_000
"""As many as are enough to tell rows by the second."""

_PGLOADER = """
LOAD DATABASE FROM sqlite://{source} INTO postgresql://{user}@unix:{socket}:5432/{database}
WITH include drop, create tables, create indexes, reset sequences,
     prefetch rows = 1000, batch rows = 1000
SET maintenance_work_mem TO '256MB', search_path TO 'pgloader';
"""


def pgloader(server: Server, source: Path, rows: int) -> list[Figure]:
    """Times pgloader, where it is installed, with rows in batches that it survives."""
    program = shutil.which("pgloader")
    if program is None:
        print("pgloader is not installed (apt-get install pgloader): left out", flush=True)
        return []
    url = server.url("pgloader")
    with server.connected("pgloader") as connection, connection.begin():
        connection.exec_driver_sql("CREATE SCHEMA pgloader")
    script = server.folder / "pgloader.load"
    script.write_text(
        _PGLOADER.format(
            source=source, user=url.username, socket=url.query["host"], database=url.database
        )
    )
    ran = process.run([program, "--root-dir", server.folder, script], cwd=server.folder)
    with server.connected("pgloader") as connection:
        seconds = ran.seconds + _add_keys_and_indexes(connection)
    server.forget("pgloader")
    return [
        Figure(PGLOADER, rows, ran.seconds, ran.peak_mb),
        Figure(PGLOADER_INDEXED, rows, seconds, ran.peak_mb),
    ]


def _add_keys_and_indexes(connection: sa.Connection) -> float:
    """Times what the tables then lack of the target's: owner, indexes and foreign keys."""
    started = time.monotonic()
    metadata = sa.MetaData()
    for table in PUBLIC_METADATA.sorted_tables:
        table.to_metadata(
            metadata, schema="pgloader", referred_schema_fn=lambda _, schema, *__: schema
        )
    users = metadata.tables["pgloader.users"]
    with connection.begin():
        loaded = sa.inspect(connection).get_table_names(schema="pgloader")
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem TO '256MB'")
        users.create(connection)
        owner = {"id": 1, "email": "bench@bizy.local", "username": "bench", "hashed_password": ""}
        now = sa.func.now()
        connection.execute(users.insert().values(**owner, created_at=now, updated_at=now))
        tables = [table for table in metadata.sorted_tables if table.name in loaded]
        for table in tables:
            connection.exec_driver_sql(
                f"ALTER TABLE {table.fullname} ADD user_id integer NOT NULL DEFAULT 1"
            )
        for table in tables:
            for item in sorted(table.indexes, key=lambda index: str(index.name)):
                connection.execute(sa.schema.CreateIndex(item))
            for key in table.foreign_key_constraints:
                connection.execute(sa.schema.AddConstraint(key))
    return time.monotonic() - started


def duckdb(server: Server, source: Path, rows: int, python: Path | None) -> list[Figure]:
    """Times DuckDB without key, index, constraint or conversion; its start does not count."""
    if python is None:
        print("no Python with DuckDB was named (--duckdb-python): left out", flush=True)
        return []
    with server.connected("duckdb") as connection, connection.begin():
        connection.exec_driver_sql("CREATE SCHEMA duckdb")
    script = HERE / "duckdb_copy.py"
    ran = process.run([python, script, source, server.libpq("duckdb")], cwd=CHECKOUT)
    server.forget("duckdb")
    return [Figure(DUCKDB, rows, float(ran.out), ran.peak_mb)]


def row_by_row(server: Server, source: Path, tasks: int) -> list[Figure]:
    """Times a migration of some tasks through an ORM; its start does not count."""
    rows = min(tasks, ROWS_OF_THE_ORM)
    with server.connected("orm") as connection, connection.begin():
        connection.exec_driver_sql("CREATE SCHEMA row_by_row")
    url = server.url("orm").render_as_string(hide_password=False)
    ran = process.run(
        [sys.executable, HERE / "row_by_row.py", source, url, str(rows)], cwd=CHECKOUT
    )
    server.forget("orm")
    return [Figure(ROW_BY_ROW, rows, float(ran.out), ran.peak_mb)]
