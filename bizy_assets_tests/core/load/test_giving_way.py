"""A run whose locks others wait for gives way to them, however much it still has to do."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from bizy_assets.core.common import PROGRESS_LOGGER
from bizy_assets.core.errors import TargetError
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.pipelines import BLOCKED_BY, Pipeline
from bizy_assets_tests.support.poolers import pooled_url, pooler
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server
from bizy_assets_tests.support.sessions import LONGER, backend, each_time

AS_SLOW_AS_MANY_ROWS = "SELECT pg_sleep(60)"
EDIT = "UPDATE tasks SET title = 'by hand' WHERE id = %s"


@contextmanager
def slow_and_waited_for(
    target: Pipeline, after: str, edit: str, *ids: int
) -> Iterator[list[Future[None]]]:
    """Lets a row be edited whenever a run has executed a statement, and the next one be slow.

    ``ids`` are those of the rows; after the last of them the run is undisturbed.
    """
    todo, edits = list(ids), list[Future[None]]()

    def write(row: int) -> None:
        with backend(target, LONGER) as cursor:
            cursor.execute(edit, [row])

    def disturb(run: Any) -> None:
        if not todo:
            return
        edits.append(pool.submit(write, todo.pop()))
        with run.cursor() as cursor:
            # A pooler identifies sessions by other numbers.
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
            until(lambda: target.query(BLOCKED_BY, pid))
            cursor.execute(AS_SLOW_AS_MANY_ROWS)

    with ThreadPoolExecutor(1) as pool, each_time(after, disturb):
        yield edits


@pytest.fixture
def name(target: Pipeline, files: dict[str, Path]) -> str:
    """Migrates a file, and changes all of its tasks."""
    [name, *_] = files
    target.migrate_all(files, name)
    bizy_files.change(files[name], "UPDATE tasks SET title = 'by Bizy'")
    return name


@pytest.fixture
def task(target: Pipeline, name: str) -> int:  # noqa: ARG001 - its tasks
    return int(target.query("SELECT min(id) FROM tasks")[0][0])


@pytest.fixture
def notes(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Captures what the core logs."""
    PROGRESS_LOGGER.addHandler(caplog.handler)
    yield caplog
    PROGRESS_LOGGER.removeHandler(caplog.handler)


def test_a_load_gives_way(
    target: Pipeline,
    files: dict[str, Path],
    name: str,
    task: int,
    notes: pytest.LogCaptureFixture,
) -> None:
    with slow_and_waited_for(target, r"UPDATE public\.tasks SET", EDIT, task) as edits:
        [result] = target.migrate_all(files, name)
    [edit] = edits
    assert edit.exception() is None
    assert result.errors == []
    assert "The load of tasks gave way to an unnamed session (pid " in notes.text
    assert target.query("SELECT title FROM tasks WHERE id = %s", task) == [("by hand",)]
    assert target.query("SELECT DISTINCT title FROM tasks WHERE id <> %s", task) == [("by Bizy",)]
    assert target.verify(name) == []


def test_a_load_does_not_give_way_to_a_run_that_waits_for_its_source(
    target: Pipeline, files: dict[str, Path], name: str, notes: pytest.LogCaptureFixture
) -> None:
    def start() -> None:
        with target.writing(name):
            pass

    def wait(run: Any) -> None:
        pool.submit(start)
        until(lambda: target.query(BLOCKED_BY, run.info.backend_pid))
        with run.cursor() as cursor:
            # Longer than others would have to wait.
            cursor.execute("SELECT pg_sleep(2)")

    with ThreadPoolExecutor(1) as pool, each_time(r"UPDATE public\.tasks SET", wait):
        target.migrate_all(files, name)
    assert "gave way" not in notes.text


def test_a_load_behind_a_pooler_gives_way(
    server: Server, target: Pipeline, files: dict[str, Path], name: str, task: int
) -> None:
    with (
        pooler(server, "session") as port,
        slow_and_waited_for(target, r"UPDATE public\.tasks SET", EDIT, task) as edits,
    ):
        url = pooled_url(server, target.url.rpartition("/")[2], port)
        [result] = replace(target, url=url).migrate_all(files, name)
    assert [each.exception() for each in edits] == [None]
    assert result.errors == []
    assert target.query("SELECT title FROM tasks WHERE id = %s", task) == [("by hand",)]


def test_a_load_that_always_has_to_give_way_ends(
    target: Pipeline,
    files: dict[str, Path],
    name: str,
    task: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIZY_LOCK_WAIT_SECONDS", "0.1")
    before = target.dump()
    edit = "UPDATE tasks SET title = title WHERE id = %s"
    with (
        slow_and_waited_for(target, r"UPDATE public\.tasks SET", edit, *[task] * 99) as edits,
        pytest.raises(TargetError, match=r"gave way 2 times .* nothing of it was kept"),
    ):
        target.migrate_all(files, name)
    assert [each.exception() for each in edits] == [None] * 2
    assert target.dump() == before


def test_a_rollback_gives_way(target: Pipeline, name: str, task: int) -> None:
    with slow_and_waited_for(target, r"DELETE FROM public\.tasks", EDIT, task) as edits:
        result = target.roll_back(name, keep_edited=False)
    [edit] = edits
    assert edit.exception() is None
    [tasks] = [table for table in result.tables if table.table == "tasks"]
    assert tasks.edited.array().tolist() == [task]
    assert target.query("SELECT id, title FROM tasks") == [(task, "by hand")]


@pytest.mark.parametrize(("change", "held"), [("prepare", "tasks"), ("remove", "goals")])
def test_a_change_of_definitions_that_waits_for_a_session_keeps_no_other_one_waiting(
    target: Pipeline, change: str, held: str
) -> None:
    target.query("DROP INDEX ix_tasks_goal_status")
    with closing(psycopg2.connect(target.url)) as holder, ThreadPoolExecutor(1) as pool:
        with holder.cursor() as cursor:
            cursor.execute(f"UPDATE {held} SET title = 'by hand'")
        changing = pool.submit(getattr(target, change))
        target.until_blocked(changing, by=holder)
        with backend(target, LONGER) as cursor:
            cursor.execute("UPDATE tasks SET title = 'by another hand'")
        holder.commit()
        changing.result()
    indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_tasks_goal_status'"
    assert target.query(indexes) == [(change == "prepare",)]
    assert target.query("SELECT to_regclass('tasks') IS NULL") == [(change == "remove",)]


@pytest.fixture
def slow_autovacuum(target: Pipeline) -> Iterator[None]:
    """Lets the server clean up the tasks, which takes minutes."""
    target.query(
        "INSERT INTO users (email, username, hashed_password, created_at, updated_at) "
        "VALUES ('ann@x.org', 'ann', '', now(), now())"
    )
    target.query(
        "INSERT INTO tasks (user_id, title, created_at, updated_at) "
        "SELECT 1, repeat('long ', 99), now(), now() FROM generate_series(1, 20000)"
    )
    target.query(
        "ALTER TABLE tasks SET "
        "(autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, "
        "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)"
    )
    with closing(psycopg2.connect(target.url)) as session, session.cursor() as cursor:
        session.autocommit = True
        try:
            cursor.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
            cursor.execute("SELECT pg_reload_conf()")
            target.query("DELETE FROM tasks WHERE mod(id, 2) = 0")
            until(lambda: target.query("SELECT 1 FROM pg_stat_progress_vacuum"))
            yield
        finally:
            cursor.execute("ALTER SYSTEM RESET autovacuum_naptime")
            cursor.execute("SELECT pg_reload_conf()")


@pytest.mark.usefixtures("slow_autovacuum")
def test_a_change_of_definitions_does_not_wait_until_autovacuum_ends(target: Pipeline) -> None:
    assert "table tasks" not in target.remove()
    assert target.query("SELECT to_regnamespace('bizy_migration')") == [(None,)]


def test_a_load_that_others_cancel_ends(
    target: Pipeline, files: dict[str, Path], name: str
) -> None:
    def cancel(run: Any) -> None:
        with run.cursor() as cursor:
            cursor.execute("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(60)")

    with (
        each_time(r"UPDATE public\.tasks SET", cancel),
        pytest.raises(TargetError, match="canceling statement"),
    ):
        target.migrate_all(files, name)
