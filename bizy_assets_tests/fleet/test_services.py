"""The services of a fleet: started and stopped, and what happens when one dies."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from bizy_assets.core.fleet import read_manifest
from bizy_assets_tests.fleet.conftest import Started, command, processes_of
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server
from tools import fleet_files

SERVICES = ["broker", "worker1", "worker2", "daemon", "webserver"]


# Dagster's own client is behind the package that it asks with.
pytestmark = pytest.mark.filterwarnings("ignore:Using variable_values:DeprecationWarning")


def run_process(started: Started, run_id: str) -> psutil.Process:
    """Return the process that executes a run, once it does."""
    until(lambda: run_id in started.executed())
    return started.process_of(run_id)


def test_no_service_starts_with_a_mistake_in_the_manifest(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet_files.make_fleet(tmp_path, 2, tasks=9)
    (tmp_path / "u00002.db").unlink()
    monkeypatch.setenv("BIZY_FLEET", str(tmp_path / fleet_files.MANIFEST))
    refused = command("start")
    assert refused.status == 1
    assert refused.error.startswith(f"{tmp_path}/fleet.toml has 1 mistake. Line 12: path: There is")
    assert processes_of(home) == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the fleet's targets of ``make`` need, in which they leave their files."""
    for name in ("Makefile", "bizy_assets", "tools", ".venv"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    return tmp_path


def make(checkout: Path, *arguments: str) -> str:
    """Run ``make``, which takes the environment as ready, and return what it shows."""
    quietly = ["make", "--no-print-directory", "--old-file", ".venv/ready"]
    done = subprocess.run(
        [*quietly, *arguments], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.mark.exhaustive
def test_make_starts_generated_files_on_a_server_of_their_own(home: Path, checkout: Path) -> None:
    started = make(checkout, "fleet", "PORT=0")
    assert started.startswith("Started broker, worker1, worker2, daemon, webserver.\n")
    manifest = checkout / ".bizy" / "fleet-sample" / "fleet.toml"
    assert f" BIZY_FLEET={manifest} " in started
    assert len(read_manifest(manifest).entries) == 20
    generated_at = manifest.stat().st_mtime_ns
    assert make(checkout, "fleet").startswith("The fleet runs already.\n")
    assert manifest.stat().st_mtime_ns == generated_at
    stopped = make(checkout, "fleet-stop").splitlines()
    assert set(stopped) == {f"{name}: stopped" for name in (*SERVICES, "PostgreSQL")}
    assert processes_of(home) == []


@pytest.mark.exhaustive
def test_services_start_once_run_files_and_leave_no_process_behind(started: Started) -> None:
    assert command("start").error.startswith("The fleet runs already.\n")
    started.hold("a")
    [killed] = started.launch("a")
    run_process(started, killed).kill()
    until(lambda: started.status(killed) == "FAILURE")
    # The file is free, and there are two workers still.
    [again, other] = started.launch("a", "b")
    started.until_all([other], "SUCCESS")
    started.hold("a").unlink()
    started.until_all([again], "SUCCESS")
    assert sorted(started.executed()) == sorted([killed, again, other])
    assert set(command("stop").error.splitlines()) == {f"{name}: stopped" for name in SERVICES}
    assert command("stop").error == "The fleet does not run.\n"
    assert processes_of(started.fleet.home) == []


@pytest.mark.exhaustive
def test_services_keep_the_settings_that_the_first_was_started_with(
    started: Started, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [settings] = started.fleet.folder.glob("*.json")
    assert settings.stat().st_mode & 0o777 == 0o600
    assert server.password not in settings.read_text()
    worker = started.fleet.process("worker1")
    assert worker is not None
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    with monkeypatch.context() as other:
        fleet_files.make_fleet(tmp_path / "other", 1, tasks=9)
        other.setenv("BIZY_FLEET", str(tmp_path / "other" / fleet_files.MANIFEST))
        other.setenv("DATABASE_URL", server.url("elsewhere"))
        refused = command("start")
    assert (refused.status, refused.error) == (
        1,
        "The fleet runs with another value of BIZY_FLEET, DATABASE_URL; run make fleet-stop "
        "first.\n",
    )
    assert started.fleet.process("worker1") is None
    assert command("start").error.startswith("Started worker1.\n")
    command("stop")
    assert not settings.exists()


@pytest.mark.exhaustive
def test_no_run_is_lost_or_executed_twice_while_the_broker_is_killed(started: Started) -> None:
    runs = started.launch(*(f"k{number}" for number in range(30)))
    for _ in range(3):
        wanted = min(len(started.executed()) + 5, len(runs))
        until(lambda wanted=wanted: len(started.executed()) >= wanted)
        started.kill_broker()
        assert command("start").error.startswith("Started broker.\n")
    started.until_all(runs, "SUCCESS")
    assert sorted(started.executed()) == sorted(runs)


@pytest.mark.exhaustive
def test_a_message_that_the_broker_lost_is_sent_again(started: Started) -> None:
    held = [started.hold("a"), started.hold("b")]
    runs = started.launch("a", "b")
    for run_id in runs:
        run_process(started, run_id)
    runs += started.launch("c")
    with started.broker() as client:
        # Celery has a list for each priority.
        until(lambda: any(client.delete(name) for name in client.keys("dagster*")))
    started.kill_broker()
    command("start")
    for file in held:
        file.unlink()
    started.until_all(runs, "SUCCESS")
    assert sorted(started.executed()) == sorted(runs)


@pytest.mark.exhaustive
def test_a_run_whose_worker_is_killed_fails_within_two_minutes(started: Started) -> None:
    started.hold("a")
    [run_id] = started.launch("a")
    name = started.kill_worker(run_process(started, run_id))
    killed_at = time.monotonic()
    until(lambda: started.status(run_id) == "FAILURE")
    assert time.monotonic() - killed_at < 120
    started.hold("a").unlink()
    assert command("start").error.startswith(f"Started {name}.\n")
    started.until_all(started.launch("a"), "SUCCESS")
    assert started.executed().count(run_id) == 1


@pytest.mark.exhaustive
def test_of_a_hundred_runs_none_is_marked_as_failed_falsely(started: Started) -> None:
    runs = started.launch(*(f"h{number}" for number in range(100)))
    started.until_all(runs, "SUCCESS")
    assert sorted(started.executed()) == sorted(runs)


@pytest.mark.exhaustive
def test_a_run_can_be_terminated(started: Started) -> None:
    started.hold("a")
    [run_id] = started.launch("a")
    run_process(started, run_id)
    started.history.run_coordinator.cancel_run(run_id)
    started.until_all([run_id], "CANCELED")
