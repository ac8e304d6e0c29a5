"""Fixtures: a home for a fleet, and its services."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil
import pytest
from dagster_graphql import DagsterGraphQLClient

from bizy_assets.core.server import broker
from bizy_assets.fleet.services import Fleet
from bizy_assets_tests.support.commands import Command, run_command
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server, history_of

STAND_IN = "bizy_assets_tests.fleet.stand_in"


def command(name: str) -> Command:
    """Run ``start`` or ``stop`` as ``make`` does."""
    options = ["--port", "0", "--module-name", STAND_IN]
    return run_command("python", "-m", "bizy_assets.fleet", name, *options)


@dataclass
class Started:
    """A fleet whose services run, with its history."""

    fleet: Fleet
    history: dg.DagsterInstance
    folder: Path

    def launch(self, *keys: str) -> list[str]:
        """Launch a run for each partition, as the UI does, and return the ids."""
        self.history.add_dynamic_partitions("bizy_files", keys)
        ui = DagsterGraphQLClient("127.0.0.1", port_number=int(self.fleet.url().split(":")[-1]))
        return [
            ui.submit_job_execution("fleet_migrate", tags={"dagster/partition": key})
            for key in keys
        ]

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
    """A home that another account may enter."""
    above = Path(tempfile.mkdtemp(dir=folder))
    above.chmod(0o755)
    monkeypatch.setenv("BIZY_HOME", str(above / "home"))
    yield above / "home"
    broker.stop_broker(above / "home")


@pytest.fixture
def started(
    home: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Started]:
    """A fleet that runs the stand-in."""
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", history_of(server))
    monkeypatch.setenv("BIZY_TEST_FOLDER", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    monkeypatch.setenv("BIZY_FLEET", "fleet.toml")
    fleet = Fleet(home, STAND_IN)
    try:
        told = command("start")
        assert told.status == 0, told.error
        assert told.error.startswith("Started broker, worker1, worker2, daemon, webserver.\n")
        monkeypatch.setenv("DAGSTER_HOME", str(fleet.folder / "dagster"))
        with dg.DagsterInstance.get() as history:
            yield Started(fleet, history, tmp_path)
    finally:
        for held in tmp_path.glob("hold-*"):
            held.unlink()
        command("stop")
