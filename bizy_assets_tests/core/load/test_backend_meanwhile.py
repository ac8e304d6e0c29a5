"""The backend writes while files are loaded: it never waits long, and nothing of it is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from bizy_assets.core.errors import TargetError, TransientError
from bizy_assets.core.postgres import yielding
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.pipelines import Pipeline
from bizy_assets_tests.support.sessions import SHORT, backend, meanwhile


@pytest.fixture(autouse=True)
def nobody_is_given_way_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a load wait, so that it is seen what it keeps locked meanwhile."""
    monkeypatch.setattr(yielding, "_PATIENCE_SECONDS", 60)


def test_the_backend_writes_meanwhile(target: Pipeline, files: dict[str, Path]) -> None:
    target.migrate_all(files, "u00001")
    done = threading.Event()

    def write() -> int:
        count = 0
        with (
            closing(psycopg2.connect(target.url, options=SHORT)) as connection,
            connection.cursor() as cursor,
        ):
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
            results = target.migrate_all(files, "u00002", "u00003", "u00001")
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
    target.migrate_all(files, name)
    first, last = target.query("SELECT min(id), max(id) FROM tasks")[0]
    newest = "(SELECT max(id) FROM tasks)"
    bizy_files.change(files[name], f"UPDATE tasks SET title = 'by Bizy' WHERE id = {newest}")
    with (
        closing(psycopg2.connect(target.url)) as holder,
        ThreadPoolExecutor(1) as pool,
    ):
        with holder.cursor() as cursor:
            cursor.execute("SELECT id FROM tasks WHERE id = %s FOR UPDATE", [last])
        load = pool.submit(target.migrate_all, files, name)
        target.until_blocked(load, by=holder)
        with backend(target) as cursor:
            cursor.execute("UPDATE tasks SET parent_goal_id = NULL WHERE id = %s", [first])
        with holder, holder.cursor() as cursor:
            if is_edited:
                cursor.execute("UPDATE tasks SET title = 'by hand' WHERE id = %s", [last])
        [result] = load.result()
    assert result.errors == []
    title = "by hand" if is_edited else "by Bizy"
    assert target.query("SELECT title FROM tasks WHERE id = %s", last) == [(title,)]
    assert target.query("SELECT parent_goal_id FROM tasks WHERE id = %s", first) == [(None,)]
    assert [r.errors for r in target.migrate_all(files, name)] == [[]]
    assert target.query("SELECT title FROM tasks WHERE id = %s", last) == [(title,)]


def test_an_edit_of_a_task_whose_goal_is_being_deleted_is_kept(
    target: Pipeline, files: dict[str, Path]
) -> None:
    [name, *_] = files
    target.migrate_all(files, name)
    goal = "(SELECT min(parent_goal_id) FROM tasks)"
    [(task,)] = target.query(f"SELECT min(id) FROM tasks WHERE parent_goal_id = {goal}")
    bizy_files.change(files[name], f"DELETE FROM goals WHERE id = {goal}")
    bizy_files.change(
        files[name], f"UPDATE tasks SET parent_goal_id = NULL WHERE parent_goal_id = {goal}"
    )
    with closing(psycopg2.connect(target.url)) as backend, ThreadPoolExecutor(1) as pool:
        with backend.cursor() as cursor:
            cursor.execute("UPDATE tasks SET title = 'by hand' WHERE id = %s", [task])
        load = pool.submit(target.migrate_all, files, name)
        target.until_blocked(load, by=backend)
        backend.commit()
        [result] = load.result()
    assert result.errors == []
    assert target.query("SELECT title, parent_goal_id FROM tasks WHERE id = %s", task) == [
        ("by hand", None)
    ]


@pytest.mark.parametrize("is_same_session", [False, True])
def test_a_load_that_waits_for_one_row_keeps_no_other_one_locked(
    target: Pipeline, files: dict[str, Path], is_same_session: bool
) -> None:
    [name, *_] = files
    target.migrate_all(files, name)
    first, last = target.query("SELECT min(id), max(id) FROM tasks")[0]
    bizy_files.change(files[name], "UPDATE tasks SET title = 'by Bizy'")
    with (
        closing(psycopg2.connect(target.url, options=SHORT)) as holder,
        closing(psycopg2.connect(target.url, options=SHORT)) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        with holder.cursor() as cursor:
            cursor.execute("SELECT id FROM tasks WHERE id = %s FOR UPDATE", [last])
        load = pool.submit(target.migrate_all, files, name)
        target.until_blocked(load, by=holder)
        # If the session that the load waits for waited for the load, one of them would be ended.
        editing = holder if is_same_session else other
        with editing, editing.cursor() as cursor:
            cursor.execute("UPDATE tasks SET title = 'by hand' WHERE id = %s", [first])
        holder.rollback()
        [result] = load.result()
    assert result.errors == []
    assert target.query("SELECT DISTINCT title, id = %s FROM tasks ORDER BY title", first) == [
        ("by Bizy", False),
        ("by hand", True),
    ]


def test_a_task_can_be_added_to_a_goal_while_it_is_being_changed(
    target: Pipeline, files: dict[str, Path]
) -> None:
    [name, *_] = files
    target.migrate_all(files, name)
    [(goal,)] = target.query("SELECT min(id) FROM goals")
    bizy_files.change(files[name], "UPDATE goals SET title = 'by Bizy'")
    added = []

    def add() -> None:
        with backend(target) as cursor:
            cursor.execute(
                "INSERT INTO tasks (user_id, parent_goal_id, title, created_at, updated_at) "
                "SELECT user_id, id, 'web', now(), now() FROM goals WHERE id = %s RETURNING id",
                [goal],
            )
            added.extend(cursor.fetchall())

    with meanwhile(r"UPDATE \S*goals SET", add):
        [result] = target.migrate_all(files, name)
    assert result.errors == []
    assert result.loads["goals"].load.counts.updated > 0
    assert target.query("SELECT id FROM tasks WHERE title = 'web'") == added != []


@pytest.mark.parametrize("is_same_session", [False, True])
def test_ids_that_are_waited_for_keep_no_other_table_locked(
    target: Pipeline, files: dict[str, Path], is_same_session: bool
) -> None:
    target.migrate_all(files, "u00001")
    add = (
        "INSERT INTO {} (user_id, title, created_at, updated_at) "
        "SELECT min(id), 'web', now(), now() FROM users"
    )
    with (
        closing(psycopg2.connect(target.url, options=SHORT)) as holder,
        closing(psycopg2.connect(target.url, options=SHORT)) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        with holder.cursor() as cursor:
            cursor.execute(add.format("tasks"))
        load = pool.submit(target.migrate_all, files, "u00002")
        target.until_blocked(load, by=holder)
        adding = holder if is_same_session else other
        with adding, adding.cursor() as cursor:
            cursor.execute(add.format("goals"))
        holder.commit()
        [result] = load.result()
    assert result.errors == []
    assert target.query("SELECT count(*) FROM goals WHERE title = 'web'") == [(1,)]
    assert [target.verify(name) for name in ("u00001", "u00002")] == [[]] * 2


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "INSERT INTO tasks (user_id, title, created_at, updated_at) "
            "SELECT id, 'web', now(), now() FROM users WHERE email = %s",
            "owns rows of tasks",
        ),
        ("UPDATE users SET last_login_at = now() WHERE email = %s", "has logged in"),
    ],
)
def test_an_owner_who_begins_to_work_during_a_rollback_stays(
    target: Pipeline, files: dict[str, Path], statement: str, reason: str
) -> None:
    [name, *_] = files
    target.migrate_all(files, name)
    with closing(psycopg2.connect(target.url)) as backend, ThreadPoolExecutor(1) as pool:
        with backend.cursor() as cursor:
            cursor.execute(statement, [f"{name}@x.org"])
        rollback = pool.submit(target.roll_back, name, keep_edited=False)
        target.until_blocked(rollback, by=backend)
        backend.commit()
        objects = rollback.result().objects
    assert objects is not None
    assert objects.dropped == []
    assert [text.endswith(reason) for text in objects.kept] == [True]
    rows = 1 if "tasks" in reason else 0
    assert target.query("SELECT count(*) FROM tasks WHERE title = 'web'") == [(rows,)]
    assert target.query("SELECT email FROM users") == [(f"{name}@x.org",)]


def test_a_goal_that_is_deleted_while_its_tasks_are_loaded_is_named(
    target: Pipeline, files: dict[str, Path]
) -> None:
    [name, *_] = files
    target.migrate_all(files, name)
    before = target.query("SELECT count(*) FROM tasks")
    goal = "(SELECT max(id) FROM goals)"
    bizy_files.change(
        files[name],
        "INSERT INTO tasks (title, parent_goal_id, created_at) "
        f"SELECT 'new', id, created_at FROM goals WHERE id = {goal}",
    )

    def delete() -> None:
        with backend(target) as cursor:
            cursor.execute(f"DELETE FROM goals WHERE id = {goal}")

    sentence = "Another session deleted a row that rows of tasks refer to"
    with (
        meanwhile(r"INSERT INTO \S*bizy_actions_tasks", delete),
        pytest.raises(TransientError, match=sentence),
    ):
        target.migrate_all(files, name)
    assert target.query("SELECT count(*) FROM tasks") == before
    [result] = target.migrate_all(files, name)
    assert result.errors == []
    assert target.query("SELECT parent_goal_id FROM tasks WHERE title = 'new'") == [(None,)]


def test_a_table_that_keeps_a_goal_from_being_deleted_is_named(
    target: Pipeline, files: dict[str, Path]
) -> None:
    [name, *_] = files
    target.migrate_all(files, name)
    target.query("CREATE TABLE comments (goal_id integer REFERENCES goals)")
    target.query("INSERT INTO comments SELECT max(id) FROM goals")
    bizy_files.change(files[name], "DELETE FROM goals WHERE id = (SELECT max(id) FROM goals)")
    with pytest.raises(TargetError, match="comments_goal_id_fkey") as refused:
        target.migrate_all(files, name)
    # To try it again would not help.
    assert refused.type is TargetError
