"""Compares a migration with what PostgreSQL needs for the same bytes, and with other ways.

For each size everything runs one after the other on one embedded server. A table of each size is
printed as soon as it is measured, and all figures go into a JSON file.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import bizy_data
import figures
import rivals
import runs
import sqlalchemy as sa
from figures import Figure, Size
from server import Server

ROUNDS = 3
SHORT = 2_000_000
"""Tasks up to which everything runs several times."""


def main() -> None:
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, nargs="+", default=[67, 10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--results", type=Path, help="the JSON file")
    parser.add_argument("--duckdb-python", type=Path, help="a Python that has DuckDB")
    arguments = parser.parse_args()
    sizes: list[Size] = []
    for tasks in arguments.tasks:
        rounds = arguments.rounds or (ROUNDS if tasks <= SHORT else 1)
        with tempfile.TemporaryDirectory(prefix="bizy-bench-") as name:
            server = Server(Path(name).resolve())
            try:
                sizes.append(_measured(server, tasks, rounds, arguments.duckdb_python))
            finally:
                server.stop()
        print(figures.table(sizes[-1]), flush=True)
        if arguments.results:
            found = [asdict(size) | {"ratios": size.ratios} for size in sizes]
            arguments.results.write_text(json.dumps(found, indent=1) + "\n")


def _measured(server: Server, tasks: int, rounds: int, duckdb_python: Path | None) -> Size:
    source = server.folder / "tasks.db"
    bizy_data.make(source, tasks)
    # Brings up the server, and Dagster's tables in it, which is nobody's time.
    runs.empty(server)
    found: dict[str, list[Figure]] = {}
    for _ in range(rounds):
        for figure in _round(server, source, tasks, duckdb_python):
            found.setdefault(figure.name, []).append(figure)
        server.forget(runs.TARGET)
        for backup in server.folder.glob("tasks_backup_*.db"):
            backup.unlink()
    with server.connected("postgres") as connection:
        version = str(connection.scalar(sa.text("SHOW server_version")))
    return Size(
        tasks=tasks,
        sqlite_mb=source.stat().st_size / 1e6,
        rounds=rounds,
        processors=os.cpu_count() or 1,
        server=version,
        figures=[figures.median(same) for same in found.values()],
    )


def _round(
    server: Server, source: Path, tasks: int, duckdb_python: Path | None
) -> Iterable[Figure]:
    migrations = runs.migrations(server, source)
    yield from migrations
    rows = max(figure.rows or 0 for figure in migrations)
    yield from runs.load_floor(server, rows)
    yield from runs.copy_alone(server)
    yield from runs.empty(server)
    yield from rivals.pgloader(server, source, rows)
    yield from rivals.duckdb(server, source, rows, duckdb_python)
    yield from rivals.row_by_row(server, source, tasks)
    yield from runs.rollback(server, source, rows)


if __name__ == "__main__":
    main()
