"""Migrates a generated fleet with two Celery workers on this machine, and prints what it took.

Everything runs as `make fleet` starts it, in a temporary folder: broker, workers, daemon, UI and an
embedded server. Each file is checked in its run. Only processes that were started here are ended.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import beside
import psutil
import sqlalchemy as sa
from server import CHECKOUT, Server

# The tool is not part of the package.
sys.path.insert(0, str(CHECKOUT))

import dagster as dg
import dagster_graphql

from bizy_assets.core.fleet import read_manifest
from bizy_assets.core.report import collect_fleet
from bizy_assets.core.server import embedded
from bizy_assets.fleet.assets import RECORDED_CHECKS
from bizy_assets.fleet.definitions import defs
from bizy_assets.fleet.services import Fleet
from tools import fleet_files

DEFINITIONS = "bizy_assets.fleet.definitions"
PARTITION = "dagster/partition"
PAUSE = 0.5
NEIGHBOURS = 4
"""Runs before and after the tenth and the last file whose median duration is theirs."""

_BACKFILL = """
mutation ($parameters: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $parameters) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dataclass(frozen=True)
class Round:
    """A backfill of files.

    Attributes:
        files: Its number of files.
        seconds: From the launch until the last run ended.
        working: From the start of the first run, since the daemon looks for backfills now and then.
        runs: The seconds of each run, in the order in which they began.
        cpu: CPU seconds by service.
        events: Number of Dagster's events of one run.
    """

    files: int
    seconds: float
    working: float
    runs: list[float]
    cpu: dict[str, float]
    events: int

    def __str__(self) -> str:
        each = "  ".join(f"{name} {spent / self.files:.2f}" for name, spent in self.cpu.items())
        return (
            f"{self.files:,} files {self.seconds:.1f} s (working {self.working:.1f} s), "
            f"{self.seconds / self.files:.3f} s a file; "
            f"CPU seconds a file: {each}; {self.events} events a run"
        )

    def around(self, place: int) -> float:
        """Returns the median duration of the runs around a place."""
        first = max(0, min(place - 1 - NEIGHBOURS, len(self.runs) - 2 * NEIGHBOURS - 1))
        return statistics.median(self.runs[first : first + 2 * NEIGHBOURS + 1])


class Bench:
    """A fleet of generated files whose services run."""

    def __init__(self, server: Server, fleet: Fleet, instance: dg.DagsterInstance) -> None:
        self._server, self._fleet, self._instance = server, fleet, instance
        port = int(fleet.url().rsplit(":", 1)[1])
        self._ui = dagster_graphql.DagsterGraphQLClient("127.0.0.1", port_number=port)

    def migrate(self, keys: Sequence[str]) -> Round:
        """Migrates files as a backfill from the UI does."""
        before, started = self._cpu(), time.monotonic()
        parameters = {
            "selector": {
                "partitionSetName": "fleet_migrate_partition_set",
                "repositorySelector": {
                    "repositoryName": "__repository__",
                    "repositoryLocationName": DEFINITIONS,
                },
            },
            "partitionNames": list(keys),
        }
        answer = self._ui._execute(_BACKFILL, {"parameters": parameters})
        backfill = answer["launchPartitionBackfill"].get("backfillId")
        if backfill is None:
            raise SystemExit(f"the backfill was refused: {answer}")
        of_backfill = {"dagster/backfill": backfill}
        ended = dg.RunsFilter(tags=of_backfill, statuses=_FINISHED)
        while self._instance.get_runs_count(ended) < len(keys):
            time.sleep(PAUSE)
        seconds = time.monotonic() - started
        after = self._cpu()
        records = self._instance.get_run_records(dg.RunsFilter(tags=of_backfill))
        bad = [r for r in records if r.dagster_run.status is not dg.DagsterRunStatus.SUCCESS]
        if bad:
            raise SystemExit(f"{len(bad):,} runs failed: {_reason(self._instance, bad[0])}")
        records = sorted(records, key=lambda record: float(record.start_time or 0))
        return Round(
            files=len(keys),
            seconds=seconds,
            working=max(float(r.end_time or 0) for r in records)
            - float(records[0].start_time or 0),
            runs=[float(r.end_time or 0) - float(r.start_time or 0) for r in records],
            cpu={name: after[name] - before[name] for name in after},
            events=len(self._instance.all_logs(records[-1].dagster_run.run_id)),
        )

    def _cpu(self) -> dict[str, float]:
        """Returns the CPU seconds that each service and the server have spent so far."""
        services = {
            "workers": [self._fleet.process("worker1"), self._fleet.process("worker2")],
            "daemon": [self._fleet.process("daemon")],
            "webserver": [self._fleet.process("webserver")],
            "PostgreSQL": [_postmaster(self._server)],
        }
        return {name: sum(map(_cpu_of, filter(None, each))) for name, each in services.items()}

    def stop_worker(self) -> None:
        """Ends the second worker, so that one is left."""
        worker = self._fleet.process("worker2")
        if worker is not None:
            family = [worker, *worker.children(recursive=True)]
            worker.terminate()
            psutil.wait_procs(family, 120)

    def start_worker(self) -> None:
        """Starts it again."""
        self._fleet.start(0)

    def require_proved(self, keys: Sequence[str]) -> None:
        """Makes sure that every check of every file has a result, and none has an error."""
        entries = read_manifest().entries
        with self._server.connected("bizy") as connection, connection.begin():
            report = collect_fleet(
                connection, [entries[key] for key in keys], checks=RECORDED_CHECKS
            )
        verdicts = {str(verdict): len(each) for verdict, each in report.by_verdict.items() if each}
        print(f"  every cell compared, {RECORDED_CHECKS} checks a file: {verdicts}", flush=True)
        if {"failed", "incomplete"} & verdicts.keys():
            raise SystemExit("a file is not proved")

    def written(self) -> list[tuple[Any, ...]]:
        """Returns how many rows of every table and ledger were ever written."""
        statement = sa.text(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables "
            "WHERE schemaname = 'public' OR relname LIKE 'ledger%' ORDER BY relname"
        )
        with self._server.connected("bizy") as connection, connection.begin():
            return [tuple(row) for row in connection.execute(statement)]


def _cpu_of(process: psutil.Process) -> float:
    """Returns the CPU seconds of a process, with those of its children, alive or ended."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        times = each.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _postmaster(server: Server) -> psutil.Process:
    folder = embedded.embedded_cluster_folder(server.folder)
    [pid_file] = [*folder.rglob("postmaster.pid")]
    return psutil.Process(int(pid_file.read_text().split()[0]))


def _reason(instance: dg.DagsterInstance, record: dg.RunRecord) -> str:
    entries = instance.all_logs(
        record.dagster_run.run_id,
        of_type={dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE},
    )
    return "\n".join(str(entry.user_message) + str(entry.dagster_event) for entry in entries)


@contextmanager
def _started(folder: Path) -> Iterator[Bench]:
    server = Server(folder)
    # Names of the same instance, as the fleet's commands use it.
    home = folder / "fleet" / "dagster"
    os.environ |= {"DAGSTER_HOME": str(home), "BIZY_FLEET": str(folder / "files/fleet.toml")}
    for name in ("BIZY_FLEET_BROKER", "BIZY_BACKUP_DIR"):
        os.environ.pop(name, None)
    fleet = Fleet(folder, DEFINITIONS)
    try:
        fleet.start(0)
        with dg.DagsterInstance.get() as instance:
            prepared = defs.resolve_job_def("fleet_prepare").execute_in_process(instance=instance)
            if not prepared.success:
                raise SystemExit("the target could not be prepared")
            yield Bench(server, fleet, instance)
    finally:
        if os.environ.get("BENCH_KEEP_LOGS"):
            for log in (folder / "fleet" / "logs").iterdir():
                Path(os.environ["BENCH_KEEP_LOGS"], log.name).write_bytes(log.read_bytes())
        fleet.stop()
        server.stop()


def _measure(folder: Path, files: int, tasks: int) -> dict[str, tuple[float, float]]:
    """Measures everything that needs the services; returns figures and their aims."""
    some = max(10, files // 10)
    fleet_files.make_fleet(folder / "files", files + 2 * some, tasks=tasks)
    with _started(folder) as bench:
        keys = list(read_manifest().entries)
        all_, alone, beside_ = keys[:files], keys[files : files + some], keys[files + some :]
        first = bench.migrate(all_)
        print(f"first run: {first}", flush=True)
        bench.require_proved(all_)
        before = bench.written()
        second = bench.migrate(all_)
        print(f"unchanged second run: {second}", flush=True)
        bench.require_proved(all_)
        if bench.written() != before:
            raise SystemExit(f"rows were written: {before}, {bench.written()}")
        print("  rows written: 0")
        two = bench.migrate(beside_)
        print(f"two workers: {two}", flush=True)
        bench.stop_worker()
        one = bench.migrate(alone)
        print(f"one worker: {one}", flush=True)
    return {
        "seconds for all files": (first.seconds, 600 * files / 1000),
        "second run / first": (second.seconds / first.seconds, 0.5),
        "one worker / two, at least": (one.working / two.working, 1.6),
        "last file / tenth": (first.around(files) / first.around(10), 1.1),
    }


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--tasks", type=int, default=67)
    parser.add_argument("--others", type=int, default=1_000_000, help="rows of others; 0: skip")
    parser.add_argument("--rounds", type=int, default=9, help="files beside them")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bizy-fleet-") as name:
        found = _measure(Path(name).resolve(), arguments.files, arguments.tasks)
    if arguments.others:
        with tempfile.TemporaryDirectory(prefix="bizy-fleet-") as name:
            ratio = beside.ratio(
                Path(name).resolve(), arguments.tasks, arguments.others, arguments.rounds
            )
        found[f"beside {arguments.others:,} rows / alone"] = (ratio, 1.2)
    print("\n| figure | measured | aim |\n|---|--:|--:|")
    for name, (value, aim) in found.items():
        print(f"| {name} | {value:.2f} | {aim:g} |")


if __name__ == "__main__":
    main()
