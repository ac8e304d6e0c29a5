"""Servers, disks, files and connections that fail under a run, and the plain run after it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest

from bizy_assets_tests.support import bizy_files, neighbours, pausing, states
from bizy_assets_tests.support.backends import make_every_table
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.processes import PATIENCE, until
from bizy_assets_tests.support.servers import Server

RUN_S_OWN = (
    f"SELECT pid FROM pg_stat_activity WHERE {pausing.RUN} AND application_name NOT LIKE '%% check'"
)
FILL_A_DISK = 'mount -t tmpfs -o size=40k tmpfs "$0"; "$@"; status=$?; ls -A "$0"; exit $status'
"""Runs a command where a folder is a disk of forty kilobytes, then lists what is in it."""


def kill_the_backend(server: Server, backend: int) -> None:
    """Kills one process of a server, which makes the server end all others and recover."""
    kill_all_by_one(server, backend)
    until(lambda: answers(server))


def kill_the_server(server: Server, _backend: int) -> None:
    """Kills a server, and starts it again."""
    kill_all_by_one(server, server.pid)
    server.start("fsync=off")


def kill_all_by_one(server: Server, victim: int) -> None:
    """Kills a process of a server, and waits until all that served sessions are gone."""
    children = psutil.Process(server.pid).children()
    os.kill(victim, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, PATIENCE)
    assert not alive


def answers(server: Server) -> bool:
    try:
        server.connect().close()
    except psycopg2.OperationalError:
        return False
    return True


@pytest.mark.exhaustive
@pytest.mark.parametrize("kill", [kill_the_backend, kill_the_server])
def test_a_server_killed_in_the_middle_of_a_load_has_the_table_as_before(
    elsewhere: Migration, server: Server, tmp_path: Path, kill: Callable[[Server, int], None]
) -> None:
    bizy_files.add_tasks(elsewhere.source, 30_000)
    make_every_table(elsewhere)
    before = elsewhere.server.dump(elsewhere.database, "--table=tasks")
    at_a_row = pausing.gate(elsewhere, ("public", "tasks"), "NEW.id = 5000")
    with at_a_row, pausing.paused(elsewhere, tmp_path, history=server) as process:
        [(backend,)] = elsewhere.query(pausing.WAITING)
        kill(elsewhere.server, backend)
        assert process.wait(PATIENCE) == 1
    assert_lost(tmp_path)
    assert elsewhere.server.dump(elsewhere.database, "--table=tasks") == before
    wanted = states.of_an_undisturbed_run(elsewhere)
    assert states.of(elsewhere)["goals"] == wanted["goals"]
    states.assert_the_next_run_makes(elsewhere, wanted)


def assert_lost(tmp_path: Path) -> None:
    """Makes sure that a run ended with a sentence about its connection, at the first try."""
    said = pausing.said(tmp_path)
    assert "The connection to PostgreSQL at 127.0.0.1" in said
    assert "uncommitted changes were rolled back, run again" in said
    assert "Retrying" not in said
    assert "Traceback" not in said


@pytest.mark.exhaustive
def test_a_connection_lost_between_tables_leaves_one_complete_and_one_as_before(
    migration: Migration, tmp_path: Path
) -> None:
    make_every_table(migration)
    with pausing.paused_in_the_checks(migration, tmp_path, "goals") as (process, let_go):
        migration.query(f"SELECT pg_terminate_backend(pid) FROM ({RUN_S_OWN}) AS run")
        until(lambda: not migration.query(RUN_S_OWN))
        let_go()
        assert process.wait(PATIENCE) == 1
    assert_lost(tmp_path)
    wanted = states.of_an_undisturbed_run(migration)
    found = states.of(migration)
    assert (found["goals"], found["tasks"]) == (wanted["goals"], [])
    assert found["schema"] == wanted["schema"]
    states.assert_the_next_run_makes(migration, wanted)


@pytest.mark.exhaustive
def test_a_disk_that_is_full_while_the_snapshot_is_written_leaves_nothing(
    migration: Migration, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    before = migration.server.dump(migration.database)
    with pausing.running(
        migration.server, tmp_path, *on_a_small_disk(disk), BIZY_BACKUP_DIR=str(disk)
    ) as process:
        assert process.wait(PATIENCE) == 1
    said = pausing.said(tmp_path)
    assert f"The backup folder {disk} has no room for the snapshot" in said
    assert "Traceback" not in said
    # Whatever were left on the disk would be listed last.
    assert said.splitlines()[-1].startswith("Error: Run ")
    assert not list(disk.iterdir())
    assert migration.server.dump(migration.database) == before
    states.assert_the_next_run_makes(migration, states.of_an_undisturbed_run(migration))


def on_a_small_disk(folder: Path) -> list[str]:
    """Returns what runs a command where a folder is a disk that is soon full.

    Where this account may not mount even one for itself, a quota for each file serves.
    """
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    if (
        not shutil.which("unshare")
        or subprocess.run(
            [*alone, "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False
        ).returncode
    ):
        return ["sh", "-c", 'ulimit -f 40; exec "$@"', "sh"]
    return [*alone, "sh", "-c", FILL_A_DISK, str(folder)]


@contextmanager
def replaced(source: Path) -> Iterator[None]:
    """Puts another file in a source's place."""
    other = bizy_files.make(source.with_name("other.db"), tasks=[{"title": "Another life"}])
    other.replace(source)
    yield


@contextmanager
def locked(source: Path) -> Iterator[None]:
    """Lets another program keep everybody else from a source."""
    with neighbours.running(neighbours.HOLD, source, "BEGIN EXCLUSIVE"):
        yield


@pytest.mark.parametrize(
    "disturbed", [locked, pytest.param(replaced, marks=pytest.mark.exhaustive)]
)
def test_what_becomes_of_the_source_after_its_snapshot_changes_nothing(
    migration: Migration, tmp_path: Path, disturbed: Callable[[Path], AbstractContextManager[None]]
) -> None:
    wanted = states.of_an_undisturbed_run(migration)
    make_every_table(migration)
    with (
        pausing.gate(migration, ("public", "users")) as open_gate,
        pausing.paused(migration, tmp_path) as process,
        disturbed(migration.source),
    ):
        open_gate()
        assert process.wait(PATIENCE) == 0, pausing.said(tmp_path)
    assert states.of(migration) == wanted


@pytest.mark.exhaustive
def test_a_source_that_is_locked_and_replaced_meanwhile_is_read_whole(
    migration: Migration, tmp_path: Path
) -> None:
    old = states.of_an_undisturbed_run(migration)
    with ExitStack() as lock, ExitStack() as run:
        lock.enter_context(locked(migration.source))
        process = run.enter_context(pausing.running(migration.server, tmp_path))
        opened = psutil.Process(process.pid).open_files
        pausing.until_it(
            process, tmp_path, lambda: str(migration.source) in {file.path for file in opened()}
        )
        with replaced(migration.source):
            lock.close()
        assert process.wait(PATIENCE) == 0, pausing.said(tmp_path)
    # Which of the two it has opened is its own affair, but not a mixture, and not both.
    assert states.of(migration) in (old, states.of_an_undisturbed_run(migration))
