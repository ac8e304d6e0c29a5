"""Fixtures: a home for a fleet, and its services."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil
import pytest
import redis
from dagster_graphql import DagsterGraphQLClient

from bizy_assets.core.server import broker
from bizy_assets.fleet.services import WORKERS, Fleet
from bizy_assets_tests.support.commands import Command, run_forked
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server, history_of
from tools import fleet_files

STAND_IN = "bizy_assets_tests.fleet.stand_in"


def command(name: str, definitions: str = STAND_IN) -> Command:
    """Run ``start`` or ``stop`` as ``make`` does."""
    options = ["--port", "0", "--module-name", definitions]
    return run_forked("python", "-m", "bizy_assets.fleet", name, *options)


@dataclass
class Started:
    """A fleet whose services run, with its history."""

    fleet: Fleet
    history: dg.DagsterInstance
    folder: Path

    def launch(self, *keys: str) -> list[str]:
        """Launch a run for each partition, as the UI does, and return the ids."""
        self.history.add_dynamic_partitions("bizy_files", keys)
        return [self.submit("fleet_migrate", {"dagster/partition": key}) for key in keys]

    def submit(self, job: str, tags: dict[str, str] | None = None) -> str:
        """Launch a run as the UI does, and return its id."""
        ui = DagsterGraphQLClient("127.0.0.1", port_number=int(self.fleet.url().split(":")[-1]))
        return ui.submit_job_execution(job, tags=tags)

    def process_of(self, run_id: str) -> psutil.Process:
        """Return the process that executes a run."""
        run = self.history.get_run_by_id(run_id)
        assert run is not None
        return psutil.Process(int(run.tags[".dagster/bizy_worker"].split()[2]))

    def kill_worker(self, process: psutil.Process) -> str:
        """Kill a worker with a process of its own that executes a run, and return its name."""
        worker = process.parent()
        assert worker is not None
        os.killpg(worker.pid, signal.SIGKILL)
        psutil.wait_procs([worker, process])
        [name] = [name for name in WORKERS if self.fleet.process(name) is None]
        return name

    def broker(self) -> redis.Redis:
        """Return a client of the broker."""
        socket = broker.broker_folder(self.fleet.home) / "redis.sock"
        return redis.Redis(unix_socket_path=str(socket))

    def kill_broker(self) -> None:
        process = broker.broker_process(broker.broker_folder(self.fleet.home))
        assert process is not None
        process.kill()
        psutil.wait_procs([process])

    def hold(self, key: str) -> Path:
        """Let runs of a partition wait until the returned file is removed."""
        file = self.folder / f"hold-{key}"
        file.touch()
        return file

    def executed(self) -> list[str]:
        """Return the ids of runs that were executed, each as often as it was."""
        record = self.folder / "executed"
        return record.read_text().split() if record.exists() else []

    def status(self, run_id: str) -> str:
        run = self.history.get_run_by_id(run_id)
        assert run is not None
        return run.status.value

    def until_all(self, run_ids: list[str], status: str) -> None:
        """Wait until all runs have ended, and make sure how."""
        for run_id in run_ids:
            until(lambda run_id=run_id: self.history.get_run_by_id(run_id).is_finished)
        assert {self.status(run_id) for run_id in run_ids} == {status}


def processes_of(home: Path) -> list[str]:
    """Return the commands of all processes with this home."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("BIZY_HOME") == str(home) and process.status() != "zombie":
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that another account may enter, whose services are stopped at the end."""
    above = Path(tempfile.mkdtemp(dir=folder))
    above.chmod(0o755)
    monkeypatch.setenv("BIZY_HOME", str(above / "home"))
    yield above / "home"
    Fleet(above / "home", STAND_IN).stop()


@pytest.fixture
def started(
    home: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Started]:
    """A fleet that runs the stand-in."""
    monkeypatch.setenv("TEST_FOLDER", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    fleet_files.make_fleet(tmp_path / "files", 1, tasks=9)
    monkeypatch.setenv("BIZY_FLEET", str(tmp_path / "files" / fleet_files.MANIFEST))
    with running(Fleet(home, STAND_IN), server, tmp_path, monkeypatch) as fleet:
        try:
            yield fleet
        finally:
            for held in tmp_path.glob("hold-*"):
                held.unlink()


@contextmanager
def running(
    fleet: Fleet, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Started]:
    """Start the services of a fleet, and stop them at the end."""
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", history_of(server))
    try:
        told = command("start", fleet.definitions)
        assert told.status == 0, told.error
        assert told.error.startswith("Started broker, worker1, worker2, daemon, webserver.\n")
        monkeypatch.setenv("DAGSTER_HOME", str(fleet.folder / "dagster"))
        with dg.DagsterInstance.get() as history:
            yield Started(fleet, history, folder)
    finally:
        command("stop", fleet.definitions)
