"""Times the migration of one file by the core's functions, alone and beside rows of others."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from server import Server

from bizy_assets.checks.tables import checks_of
from bizy_assets.core import pipeline
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.fleet import ManifestEntry, read_entry
from bizy_assets.core.postgres import advisory_locks
from bizy_assets.core.settings import TargetSettings
from tools import fleet_files


@dataclass(frozen=True)
class Target:
    """A database into which files are migrated, one after the other."""

    server: Server
    database: str

    def prepare(self) -> None:
        """Creates what the loads need."""
        with self.server.connected(self.database) as connection:
            advisory_locks.acquire_lock(connection, connection.engine.url, wait_seconds=1)
            pipeline.prepare_target(connection, TargetSettings.read())

    def migrate(self, entry: ManifestEntry) -> float:
        """Migrates a file as a run of a fleet does, with all its checks; returns the seconds."""
        started = time.perf_counter()
        settings = TargetSettings.read()
        backup_dir = self.server.folder / "snapshots" / self.database / entry.key
        source, owner = entry.source_settings(backup_dir=backup_dir), entry.owner_settings()
        home = self.server.folder
        with (
            self.server.connected(self.database) as connection,
            self.server.connected(self.database) as reader,
        ):
            advisory_locks.acquire_lock(
                connection, connection.engine.url, wait_seconds=1, shared=True
            )
            advisory_locks.acquire_source_lock(connection, entry.key, wait_seconds=1)
            snapshot = pipeline.take_snapshot(connection, source, settings.triggers).snapshot
            pipeline.validate(connection, snapshot, source, home)
            pipeline.ensure_owner(connection, owner, home, lock_wait_seconds=1, concurrent=True)
            run_id = f"{entry.key} {started}"
            request = pipeline.load_request(snapshot, source, settings, run_id, home)
            checking = reader.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            for contract in CONTRACTS:
                load = pipeline.load_table(connection, contract, request, owner).load
                with checking.begin():
                    results = pipeline.check_table(
                        checking, load, checks_of(contract), run_id=run_id
                    )
                if errors := [text for result in results for text in result.errors]:
                    raise SystemExit(f"{entry.key}: {errors}")
        return time.perf_counter() - started


def ratio(folder: Path, tasks: int, others: int, rounds: int) -> float:
    """Returns how long a file takes beside this many rows of others, of the time alone."""
    server = Server(folder)
    fleet_files.make_fleet(folder / "files", rounds + 1, tasks=tasks)
    fleet_files.make_fleet(folder / "large", 1, tasks=others)
    entries = [read_entry(f"u{n:05}", folder / "files/fleet.toml") for n in range(1, rounds + 2)]
    large = read_entry("u00001", folder / "large/fleet.toml")
    try:
        alone, beside = Target(server, "alone"), Target(server, "beside")
        for target in (alone, beside):
            target.prepare()
        seconds = beside.migrate(_renamed(large))
        print(f"file of {others:,} tasks: {seconds:.1f} s", flush=True)
        with server.connected("beside") as connection:
            outside = connection.execution_options(isolation_level="AUTOCOMMIT")
            outside.exec_driver_sql("CHECKPOINT")
        # The first file brings everything up.
        pairs = [(alone.migrate(entry), beside.migrate(entry)) for entry in entries][1:]
    finally:
        server.stop()
    return _ratio(pairs)


def _renamed(entry: ManifestEntry) -> ManifestEntry:
    return replace(entry, key="large", email="large@example.org", username="large")


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    medians = [statistics.median(each) for each in zip(*pairs, strict=True)]
    print(f"one file: alone {medians[0]:.3f} s, beside {medians[1]:.3f} s", flush=True)
    return medians[1] / medians[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=67)
    parser.add_argument("--others", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--bound", type=float, help="the highest ratio that is well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bizy-fleet-") as name:
        folder = Path(name).resolve()
        found = ratio(folder, arguments.tasks, arguments.others, arguments.rounds)
    print(f"beside {arguments.others:,} rows / alone: {found:.2f}")
    if arguments.bound is not None and found > arguments.bound:
        raise SystemExit(f"That is more than {arguments.bound}.")
