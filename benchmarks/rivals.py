"""Other ways of bringing Bizy's rows into PostgreSQL, each into a database of its own."""

import shutil
import sys
from pathlib import Path

import process
from figures import DUCKDB, PGLOADER, ROW_BY_ROW, Figure
from server import CHECKOUT, Server

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
    server.forget("pgloader")
    return [Figure(PGLOADER, rows, ran.seconds, ran.peak_mb)]


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
