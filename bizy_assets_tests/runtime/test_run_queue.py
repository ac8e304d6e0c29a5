"""Runs that write queue up, and one whose process was killed makes way for the next."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import dagster as dg
import psutil
import pytest
import yaml

from bizy_assets.runtime.run_launcher import ProcessAwareRunLauncher, this_process
from bizy_assets_tests.support.backends import make_every_table
from bizy_assets_tests.support.commands import run_command
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.pausing import MIGRATE, RUN, WAITING, gate, until_it
from bizy_assets_tests.support.processes import kill, started, until
from bizy_assets_tests.support.servers import history_of

LAUNCH = ("dagster", "job", "launch", *MIGRATE[3:])
PORT = f"SELECT client_port FROM pg_stat_activity WHERE {RUN}"


@pytest.fixture
def history(migration: Migration, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's history as the project's settings make it, looked at every second."""
    settings = yaml.safe_load((CHECKOUT / "dagster.yaml").read_text())
    settings["run_monitoring"]["poll_interval_seconds"] = 1
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(yaml.safe_dump(settings))
    migration.setenv(DAGSTER_HOME=str(home), DAGSTER_POSTGRES_URL=history_of(migration.server))
    with dg.DagsterInstance.get() as instance:
        yield instance


@contextmanager
def daemon(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs Dagster's daemon, which launches what is queued."""
    with started("dagster-daemon", "run", output=tmp_path / "out") as process:
        try:
            yield process
        finally:
            kill_all(process)


def launch(history: dg.DagsterInstance) -> str:
    """Puts a migration into the queue, and returns the run's id."""
    known = {run.run_id for run in history.get_runs()}
    launched = run_command(*LAUNCH)
    assert launched.status == 0, launched.error
    [run_id] = {run.run_id for run in history.get_runs()} - known
    return run_id


def status(history: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = history.get_run_by_id(run_id)
    assert run is not None
    return run.status


def run_of(migration: Migration, daemon: "subprocess.Popen[bytes]") -> psutil.Process:
    """Returns the process whose connections to the target the run has."""
    ports = {port for (port,) in migration.query(PORT)}
    [found] = [
        child
        for child in psutil.Process(daemon.pid).children(recursive=True)
        if ports & {connection.laddr.port for connection in child.net_connections("tcp")}
    ]
    return found


def kill_all(daemon: "subprocess.Popen[bytes]") -> None:
    """Kills the daemon, its code server and the run, in sessions of their own as they are."""
    if daemon.poll() is None:
        process = psutil.Process(daemon.pid)
        for each in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        daemon.wait()


def assert_it_makes_way(history: dg.DagsterInstance, killed: str, queued: str) -> None:
    """Makes sure that the one is marked failed, and that the other then runs to its end."""
    until(lambda: status(history, killed) is dg.DagsterRunStatus.FAILURE)
    until(lambda: history.get_run_by_id(queued).is_finished)
    assert status(history, queued) is dg.DagsterRunStatus.SUCCESS
    ended, began = history.get_run_record_by_id(killed), history.get_run_record_by_id(queued)
    assert ended.end_time < began.start_time


@contextmanager
def one_runs_and_one_waits(
    migration: Migration, history: dg.DagsterInstance, tmp_path: Path
) -> Iterator[tuple["subprocess.Popen[bytes]", ExitStack, str, str]]:
    """Has the daemon launch the first of two migrations, and holds that up in its middle.

    Yields:
        The daemon, what lets the first go on when it is closed, and the ids of both runs.
    """
    make_every_table(migration)
    first, second = launch(history), launch(history)
    with daemon(tmp_path) as process, ExitStack() as held:
        held.enter_context(gate(migration, ("public", "tasks")))
        until_it(process, tmp_path, lambda: migration.query(WAITING))
        assert status(history, second) is dg.DagsterRunStatus.QUEUED
        yield process, held, first, second


@pytest.mark.exhaustive
def test_a_run_whose_process_is_killed_leaves_the_queue(
    migration: Migration, history: dg.DagsterInstance, tmp_path: Path
) -> None:
    with one_runs_and_one_waits(migration, history, tmp_path) as (process, held, killed, queued):
        run_of(migration, process).kill()
        held.close()
        assert_it_makes_way(history, killed, queued)


@pytest.mark.exhaustive
def test_a_run_that_is_killed_with_all_of_dagster_leaves_the_queue(
    migration: Migration, history: dg.DagsterInstance, tmp_path: Path
) -> None:
    with one_runs_and_one_waits(migration, history, tmp_path) as (process, _, killed, queued):
        kill_all(process)
    with daemon(tmp_path):
        assert_it_makes_way(history, killed, queued)


@pytest.mark.exhaustive
def test_a_run_that_is_killed_on_a_terminal_does_not_keep_the_queue(
    migration: Migration, history: dg.DagsterInstance, tmp_path: Path
) -> None:
    make_every_table(migration)
    command = started(*MIGRATE, output=tmp_path / "out")
    with gate(migration, ("public", "tasks")), command as process:
        until_it(process, tmp_path, lambda: migration.query(WAITING))
        kill(process)
    [killed] = history.get_runs()
    queued = launch(history)
    with daemon(tmp_path):
        assert_it_makes_way(history, killed.run_id, queued)


def judged(run_id: str, tag: str, name: str = ".dagster/bizy_worker") -> str:
    run = dg.DagsterRun("migrate", run_id=run_id, tags={name: tag})
    return ProcessAwareRunLauncher().check_run_worker_health(run).status.value


def test_a_run_is_dead_only_when_its_own_process_is_certainly_gone() -> None:
    mine = this_process()
    machine, number, started = mine.split(" ")
    one, other = str(uuid4()), str(uuid4())
    reused = f"{machine} {number} {int(started) - 3600}"
    assert judged(one, f"{one} {mine}") == "RUNNING"
    assert judged(one, f"{one} {reused}") == "FAILED"
    # The tags of earlier releases.
    assert judged(one, f"{one} {reused}", "bizy/worker") == "FAILED"
    assert judged(one, f"{one} {reused}", "bizy/process") == "FAILED"
    assert judged(one, f"{one} other-{reused}") == "RUNNING"
    assert judged(one, f"{other} {reused}") == "RUNNING"
    assert judged(one, "") == "RUNNING"
