"""Compares the load of all tables with the floor, in one run on one server.

The floor is what the server itself needs: a binary COPY of the same rows from a file into empty
tables of the same shape, then the same indexes and foreign keys. Beside it stands what the proofs
cost: the census before the load, and comparing every cell after it. Prints seconds, the ratios,
and the peak memory of this process.
"""

import argparse
import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import bizy_data
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core import (
    census,
    content,
    embedded,
    journal,
    loading,
    models,
    schema,
    snapshot,
    target,
    users,
)
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.settings import OwnerSettings

COPY_OUT = sql.SQL("COPY {} TO {} (FORMAT binary)")
COPY_IN = sql.SQL("COPY {} FROM {} (FORMAT binary)")


def main() -> None:
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bizy-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            _run(folder, arguments.tasks, arguments.rounds)
        finally:
            embedded.stop(embedded.cluster_folder(folder))


def _run(folder: Path, tasks: int, rounds: int) -> None:
    source = folder / "tasks.db"
    bizy_data.make(source, tasks)
    made = snapshot.make(source, folder).snapshot
    print(f"{tasks:,} tasks, {source.stat().st_size / 1e6:.0f} MB of SQLite")
    before = _peak_mb()
    ratios = []
    for number in range(rounds):
        url = embedded.database_url(folder, f"load{number}")
        with target.connected(url, purpose="benchmark") as connection:
            proofs = _census(made)
            ours = _load(connection, made, folder, run_id="first")
            proofs += _compare(connection)
            again = _load_again(connection, made, folder)
            floor = _floor(connection, folder)
        ratios.append(ours / floor)
        print(f"load {ours:6.2f} s   floor {floor:6.2f} s   ratio {ours / floor:.2f}")
        print(f"second run of the same source {again:.2f} s, {again / ours:.2f} of the first")
        print(f"census and content {proofs:.2f} s, {proofs / ours:.2f} of the load")
    print(f"median ratio {sorted(ratios)[len(ratios) // 2]:.2f}")
    print(f"peak memory {_peak_mb():.0f} MB, before the loads {before:.0f} MB")


def _census(made: snapshot.Snapshot) -> float:
    """Times a census taken afresh, which the load then uses."""
    census.of.cache_clear()
    started = time.monotonic()
    found = census.of(made)
    seconds = time.monotonic() - started
    if found.bad_values:
        raise SystemExit(f"{found.bad_values:,} bad values")
    print(f"  census {seconds:.2f} s")
    return seconds


def _load(
    connection: sa.Connection, made: snapshot.Snapshot, folder: Path, *, run_id: str
) -> float:
    """Times every table, everything up to their commits."""
    owner = OwnerSettings(email="bench@bizy.local", username="bench", user_id=None)
    target.lock(connection, connection.engine.url, wait_seconds=1)
    user_id = users.ensure(connection, owner, folder).user_id
    order = loading.Order(
        snapshot=made,
        zone=ZoneInfo("America/Los_Angeles"),
        tasks_local_since=datetime(2025, 10, 11, 16, 21, 51, tzinfo=UTC),
        owner_id=user_id,
        run_id=run_id,
    )
    total = 0.0
    for contract in CONTRACTS:
        loaded = loading.load_table(connection, contract, order)
        rows = loaded.load.counts.source_rows
        print(f"  {contract.table:<14} {rows:>10,} rows {loaded.seconds:6.2f} s")
        total += loaded.seconds
    return total


def _load_again(connection: sa.Connection, made: snapshot.Snapshot, folder: Path) -> float:
    """Times a second run of an unchanged source, and makes sure that it writes no row."""
    before = _written(connection)
    seconds = _load(connection, made, folder, run_id="second")
    after = _written(connection)
    if before[0] != after[0]:
        raise SystemExit(f"rows were written: {before[0]}, {after[0]}")
    print(f"  rows written 0, WAL {(after[1] - before[1]) / 1e3:,.0f} kB")
    return seconds


def _written(connection: sa.Connection) -> tuple[list[tuple[object, ...]], int]:
    """Returns how many rows of every table were ever written, and where the WAL ends."""
    with connection.begin():
        # The server gathers what a session did when the session is idle, or is told to.
        connection.execute(sa.text("SELECT pg_stat_force_next_flush()"))
    with connection.begin():
        rows = connection.execute(
            sa.text(
                "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables "
                "WHERE schemaname = 'public' OR relname LIKE 'ledger%' ORDER BY relname"
            )
        )
        found = [tuple(row) for row in rows]
        end = connection.scalar(sa.text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))
    return found, int(end or 0)


def _compare(connection: sa.Connection) -> float:
    """Times the comparison of every cell of all tables."""
    seconds = 0.0
    for contract in CONTRACTS:
        with connection.begin():
            found = content.compare(connection, journal.require_latest(connection, contract.table))
        if found.wrong.count:
            raise SystemExit(f"{contract.table}: {found.wrong.count:,} cells differ")
        seconds += found.seconds
    print(f"  content {seconds:.2f} s")
    return seconds


def _floor(connection: sa.Connection, folder: Path) -> float:
    """Times the server alone with the same rows, indexes and foreign keys."""
    exchange = Path(tempfile.mkdtemp(dir=folder))
    exchange.chmod(0o777)
    files = {contract.table: exchange / contract.table for contract in CONTRACTS}
    with connection.begin():
        for table, file in files.items():
            target.execute(connection, COPY_OUT.format(sql.Identifier(table), _path(file)))
        for table in reversed(files):
            target.execute(connection, sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))
    started = time.monotonic()
    for table, file in files.items():
        with connection.begin():
            schema.ensure_table(connection, models.tables[table])
            target.execute(connection, sql.SQL("SET LOCAL maintenance_work_mem TO '256MB'"))
            target.execute(connection, COPY_IN.format(sql.Identifier(table), _path(file)))
            schema.ensure_secondary(connection, models.tables[table])
    return time.monotonic() - started


def _path(file: Path) -> sql.Literal:
    return sql.Literal(os.fspath(file))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
