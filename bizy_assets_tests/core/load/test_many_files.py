"""Many files in one target: loaded at the same time, proved, and taken out one by one."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa

from bizy_assets.core import pipeline
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.postgres import raw_connection
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.file_rows import FOREIGN
from bizy_assets_tests.support.pipelines import Pipeline
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server
from tools import fleet_files

BLOCKED_BY = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"


@pytest.fixture
def target(server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Pipeline]:
    name = f"many{abs(hash(request.node.name)) % 10**9}"
    target = Pipeline(server.create_database(name), tmp_path / "home")
    target.prepare()
    yield target
    server.drop_database(name)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    fleet_files.make_fleet(tmp_path / "fleet", files=4, tasks=30)
    return {path.stem: path for path in sorted((tmp_path / "fleet").glob("*.db"))}


def migrate(target: Pipeline, files: dict[str, Path], *names: str) -> list[Any]:
    """Migrates files at the same time, two at once."""
    with ThreadPoolExecutor(2) as pool:
        futures = [
            pool.submit(target.migrate, files[name], name, email=f"{name}@x.org") for name in names
        ]
        return [future.result() for future in futures]


def until_blocked(target: Pipeline, load: Future[Any], by: Any) -> None:
    """Waits until a session keeps a load waiting."""
    until(lambda: target.query(BLOCKED_BY, by.info.backend_pid) or load.done())
    assert not load.done()


@contextmanager
def table_locks(target: Pipeline) -> Iterator[set[tuple[str, str]]]:
    """Collects the locks of tables that sessions of this process hold after each statement."""
    found: set[tuple[str, str]] = set()
    observer = psycopg2.connect(target.url)
    observer.autocommit = True
    guard = threading.Lock()

    def observe(connection: sa.Connection, *_: object) -> None:
        process = raw_connection(connection).info.backend_pid
        with guard, observer.cursor() as cursor:
            cursor.execute(
                "SELECT relname, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
                "WHERE pid = %s AND relkind = 'r' AND relpersistence <> 't'",
                [process],
            )
            found.update(cursor.fetchall())

    sa.event.listen(sa.Engine, "after_cursor_execute", observe)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", observe)
        observer.close()


def test_files_are_loaded_at_the_same_time_and_lock_no_table(
    target: Pipeline, files: dict[str, Path]
) -> None:
    with table_locks(target) as found:
        results = migrate(target, files, *files)
        # A changed file is merged.
        bizy_files.change(files["u00001"], "UPDATE tasks SET title = 'new' WHERE id % 2 = 0")
        results += migrate(target, files, "u00001")
    assert [result.errors for result in results] == [[]] * 5
    assert results[-1].loads["tasks"].load.counts.updated > 0
    weak = {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}
    assert {mode for _, mode in found} <= weak
    assert ("tasks", "RowExclusiveLock") in found
    assert target.query(FOREIGN) == []
    assert target.query("SELECT count(*) FROM users WHERE is_superuser") == [(0,)]
    assert target.query("SELECT count(DISTINCT user_id), count(*) FROM tasks") == [(4, 120)]
    before = target.dump()
    again = migrate(target, files, *files)
    assert [result.inserted for result in again] == [0] * 4
    assert target.dump() == before
    assert [target.verify(name) for name in files] == [[]] * 4


def test_one_file_leaves_and_the_others_stay_as_they_are(
    target: Pipeline, files: dict[str, Path]
) -> None:
    empty = target.dump(state=True)
    migrate(target, files, "u00001", "u00003")
    before = target.dump(state=True)
    migrate(target, files, "u00002")
    target.query("UPDATE tasks SET title = 'edited' WHERE title LIKE 'Task 7 %%' AND user_id = 3")
    result = target.roll_back("u00002", keep_edited=False)
    assert [len(table.edited) for table in result.tables if table.table == "tasks"] == [1]
    assert target.query("SELECT title FROM tasks WHERE user_id = 3") == [("edited",)]
    target.query("DELETE FROM tasks WHERE title = 'edited'")
    result = target.roll_back("u00002", keep_edited=False)
    assert result.objects is not None
    assert result.objects.dropped == ["owner account u00002@x.org (id 3)"]
    assert target.dump(state=True) == before
    for name in ("u00001", "u00003"):
        target.roll_back(name, keep_edited=False)
    assert target.dump(state=True) == empty
    with target.writing() as connection:
        removed = pipeline.remove_objects(connection, target.home, lock_wait_seconds=20)
    assert removed is not None
    assert "table tasks" in removed.dropped
    assert target.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'bizy%%'") == []


def test_the_backend_writes_meanwhile(target: Pipeline, files: dict[str, Path]) -> None:
    migrate(target, files, "u00001")
    done = threading.Event()

    def write() -> int:
        count = 0
        with psycopg2.connect(target.url) as connection, connection.cursor() as cursor:
            cursor.execute("SET lock_timeout TO '1s'")
            connection.commit()
            while not done.is_set() or not count:
                cursor.execute(
                    "INSERT INTO tasks (user_id, title, created_at, updated_at) "
                    "SELECT id, 'web', now(), now() FROM users ORDER BY id LIMIT 1"
                )
                cursor.execute("UPDATE tasks SET notes = 'seen' WHERE title = 'web'")
                connection.commit()
                count += 1
        return count

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        try:
            results = migrate(target, files, "u00002", "u00003", "u00001")
        finally:
            done.set()
        count = writer.result()
    assert [result.errors for result in results] == [[]] * 3
    assert target.query("SELECT count(*) FROM tasks WHERE title = 'web'") == [(count,)]
    assert [target.verify(name) for name in ("u00001", "u00002", "u00003")] == [[]] * 3


@pytest.mark.parametrize("is_edited", [False, True])
def test_only_rows_that_change_are_locked(
    target: Pipeline, files: dict[str, Path], is_edited: bool
) -> None:
    [name, *_] = files
    migrate(target, files, name)
    first, last = target.query("SELECT min(id), max(id) FROM tasks")[0]
    newest = "(SELECT max(id) FROM tasks)"
    bizy_files.change(files[name], f"UPDATE tasks SET title = 'by Bizy' WHERE id = {newest}")
    with (
        closing(psycopg2.connect(target.url)) as holder,
        closing(psycopg2.connect(target.url, options="-c lock_timeout=1s")) as backend,
        ThreadPoolExecutor(1) as pool,
    ):
        with holder.cursor() as cursor:
            cursor.execute("SELECT id FROM tasks WHERE id = %s FOR UPDATE", [last])
        load = pool.submit(migrate, target, files, name)
        until_blocked(target, load, holder)
        with backend, backend.cursor() as cursor:
            cursor.execute("UPDATE tasks SET parent_goal_id = NULL WHERE id = %s", [first])
        with holder, holder.cursor() as cursor:
            if is_edited:
                cursor.execute("UPDATE tasks SET title = 'by hand' WHERE id = %s", [last])
        [result] = load.result()
    assert result.errors == []
    title = "by hand" if is_edited else "by Bizy"
    assert target.query("SELECT title FROM tasks WHERE id = %s", last) == [(title,)]
    assert target.query("SELECT parent_goal_id FROM tasks WHERE id = %s", first) == [(None,)]
    assert [r.errors for r in migrate(target, files, name)] == [[]]
    assert target.query("SELECT title FROM tasks WHERE id = %s", last) == [(title,)]


def test_an_edit_of_a_task_whose_goal_is_being_deleted_is_kept(
    target: Pipeline, files: dict[str, Path]
) -> None:
    [name, *_] = files
    migrate(target, files, name)
    goal = "(SELECT min(parent_goal_id) FROM tasks)"
    [(task,)] = target.query(f"SELECT min(id) FROM tasks WHERE parent_goal_id = {goal}")
    bizy_files.change(files[name], f"DELETE FROM goals WHERE id = {goal}")
    bizy_files.change(
        files[name], f"UPDATE tasks SET parent_goal_id = NULL WHERE parent_goal_id = {goal}"
    )
    with closing(psycopg2.connect(target.url)) as backend, ThreadPoolExecutor(1) as pool:
        with backend.cursor() as cursor:
            cursor.execute("UPDATE tasks SET title = 'by hand' WHERE id = %s", [task])
        load = pool.submit(migrate, target, files, name)
        until_blocked(target, load, backend)
        backend.commit()
        [result] = load.result()
    assert result.errors == []
    assert target.query("SELECT title, parent_goal_id FROM tasks WHERE id = %s", task) == [
        ("by hand", None)
    ]


def test_a_file_under_another_key_is_not_loaded_a_second_time(
    target: Pipeline, files: dict[str, Path]
) -> None:
    name, path = next(iter(files.items()))
    migrate(target, files, name)
    before = target.dump()
    with pytest.raises(ConflictError, match=rf"{path.name} \(key {name}\)"):
        target.migrate(path, "renamed", email=f"{name}@x.org")
    assert target.dump() == before
