"""Copies a Bizy file's goals and tasks into PostgreSQL by DuckDB, with nothing around them.

Runs in an environment of its own. Takes the file, and PostgreSQL's address in libpq's own form;
prints the seconds that it took.
"""

import importlib
import sys
import time
from pathlib import Path

import duckdb

EXTENSIONS = ("duckdb_extension_sqlite_scanner", "duckdb_extension_postgres_scanner")


def main() -> None:
    """Copies."""
    source, target = sys.argv[1:]
    connection = duckdb.connect()
    for name in EXTENSIONS:
        package = Path(str(importlib.import_module(name).__file__)).parent
        [extension] = package.rglob("*.duckdb_extension")
        connection.execute(f"LOAD '{extension}'")
    connection.execute(f"ATTACH '{source}' AS bizy (TYPE sqlite, READ_ONLY)")
    connection.execute(f"ATTACH '{target}' AS target (TYPE postgres)")
    started = time.monotonic()
    for table in ("goals", "tasks"):
        connection.execute(f"CREATE TABLE target.duckdb.{table} AS SELECT * FROM bizy.{table}")
    print(time.monotonic() - started)


if __name__ == "__main__":
    main()
