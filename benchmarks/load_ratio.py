"""Compares the load of all tables with the floor, in one run on one server; quick.

Beside it stand a second load of the same source, which must write no row, and what the proofs
cost: the census before the load, and comparing every cell after it. Ends with 1 where the median
ratio is above a bound.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import bizy_data
import floor
import sqlalchemy as sa
from server import Server

from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.core.load import LoadRequest, load_table
from bizy_assets.core.pipeline import require_load
from bizy_assets.core.postgres.advisory_locks import acquire_lock
from bizy_assets.core.process import prepare_process
from bizy_assets.core.reconcile.cell_diff import comparison
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.source.snapshot import Snapshot, take_snapshot
from bizy_assets.core.state.ledger import ledger_states
from bizy_assets.core.state.load_context import build_load_context
from bizy_assets.core.state.runs import Run
from bizy_assets.core.state.sources import Source
from bizy_assets.core.target.owner import ensure_owner
from bizy_assets.core.validation.scan import validate


def main() -> None:
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bound", type=float, help="the highest median ratio that is well")
    arguments = parser.parse_args()
    # As every process of Dagster is.
    prepare_process()
    with tempfile.TemporaryDirectory(prefix="bizy-bench-") as name:
        server = Server(Path(name).resolve())
        try:
            ratio = _median_ratio(server, arguments.tasks, arguments.rounds)
        finally:
            server.stop()
    if arguments.bound is not None and ratio > arguments.bound:
        raise SystemExit(f"The load takes {ratio:.2f} of the floor, more than {arguments.bound}.")


def _median_ratio(server: Server, tasks: int, rounds: int) -> float:
    source = server.folder / "tasks.db"
    bizy_data.make(source, tasks)
    made = take_snapshot(source, server.folder).snapshot
    print(f"{tasks:,} tasks, {source.stat().st_size / 1e6:.0f} MB of SQLite")
    ratios = []
    for _ in range(rounds):
        with server.connected("loaded") as connection, server.connected("floor") as empty:
            proofs = _census(made)
            ours = _load(connection, made, server.folder, run_id="first")
            proofs += _compare(connection)
            again = _load_again(connection, made, server.folder)
            least = floor.seconds(connection, empty, server.folder)
        server.forget("loaded", "floor")
        ratios.append(ours / least)
        print(f"load {ours:6.2f} s   floor {least:6.2f} s   ratio {ours / least:.2f}")
        print(f"second load of the same source {again:.2f} s, {again / ours:.2f} of the first")
        print(f"census and content {proofs:.2f} s, {proofs / ours:.2f} of the load")
    ratio = statistics.median(ratios)
    print(f"median ratio {ratio:.2f}")
    return ratio


def _census(made: Snapshot) -> float:
    """Times a census taken afresh, whose result the load then uses."""
    validate.cache_clear()
    started = time.monotonic()
    found = validate(made)
    seconds = time.monotonic() - started
    if found.violation_count:
        raise SystemExit(f"{found.violation_count:,} bad values")
    print(f"  census {seconds:.2f} s")
    return seconds


def _load(connection: sa.Connection, made: Snapshot, folder: Path, *, run_id: str) -> float:
    """Times every table, everything up to their commits."""
    owner = OwnerSettings(email="bench@bizy.local", username="bench", user_id=None)
    acquire_lock(connection, connection.engine.url, wait_seconds=1)
    user_id = ensure_owner(connection, owner, folder, lock_wait_seconds=60).user_id
    run = Run(
        run_id=run_id,
        source=Source(key=str(made.source), path=made.source, user_id=user_id),
        snapshot=made,
        zone="America/Los_Angeles",
        tasks_local_since=datetime(2025, 10, 11, 16, 21, 51, tzinfo=UTC),
    )
    order = LoadRequest(run=run, home=folder)
    total = 0.0
    for contract in CONTRACTS:
        loaded = load_table(connection, contract, order)
        rows = loaded.load.counts.source_rows
        print(f"  {contract.table:<14} {rows:>10,} rows {loaded.seconds:6.2f} s")
        total += loaded.seconds
    return total


def _load_again(connection: sa.Connection, made: Snapshot, folder: Path) -> float:
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
            load = require_load(connection, contract.table, key="")
            context = build_load_context(connection, load)
            states = ledger_states(connection, contract, context.ids)
            with comparison(connection, context, states) as result:
                found = result()
        if found.wrong.count:
            raise SystemExit(f"{contract.table}: {found.wrong.count:,} cells differ")
        seconds += found.seconds
    print(f"  content {seconds:.2f} s")
    return seconds


if __name__ == "__main__":
    main()
