"""Many files in one target: loaded at the same time, proved, and taken out one by one."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from bizy_assets.core import pipeline
from bizy_assets.core.contracts.tables import GOALS, TASKS
from bizy_assets.core.errors import BizyError, ConflictError
from bizy_assets.core.postgres import advisory_locks, connect, parse_url, raw_connection
from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.file_rows import FOREIGN
from bizy_assets_tests.support.owners import INSERT
from bizy_assets_tests.support.pipelines import BLOCKED_BY, Pipeline
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server


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
        results = target.migrate_all(files, *files)
        # A changed file is merged.
        bizy_files.change(files["u00001"], "UPDATE tasks SET title = 'new' WHERE id % 2 = 0")
        results += target.migrate_all(files, "u00001")
    assert [result.errors for result in results] == [[]] * 5
    assert results[-1].loads["tasks"].load.counts.updated > 0
    weak = {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}
    assert {mode for _, mode in found} <= weak
    assert ("tasks", "RowExclusiveLock") in found
    assert target.query(FOREIGN) == []
    assert target.query("SELECT count(*) FROM users WHERE is_superuser") == [(0,)]
    assert target.query("SELECT count(DISTINCT user_id), count(*) FROM tasks") == [(4, 120)]
    before = target.dump()
    again = target.migrate_all(files, *files)
    assert [result.inserted for result in again] == [0] * 4
    assert target.dump() == before
    assert [target.verify(name) for name in files] == [[]] * 4


def test_one_file_leaves_and_the_others_stay_as_they_are(
    target: Pipeline, files: dict[str, Path]
) -> None:
    empty = target.dump(state=True)
    target.migrate_all(files, "u00001", "u00003")
    before = target.dump(state=True)
    target.migrate_all(files, "u00002")
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
    assert "table tasks" in target.remove()
    assert target.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'bizy%%'") == []


def test_a_file_under_another_key_is_not_loaded_a_second_time(
    target: Pipeline, files: dict[str, Path]
) -> None:
    name, path = next(iter(files.items()))
    target.migrate_all(files, name)
    before = target.dump(state=True)
    with pytest.raises(ConflictError, match=rf"{path.name} \(key {name}\), so .* there twice"):
        target.migrate(path, "renamed", email=f"{name}@x.org")
    assert target.dump(state=True) == before


@pytest.mark.parametrize("rows", [3, 0])
def test_of_two_keys_of_one_owner_that_start_at_once_one_is_loaded(
    target: Pipeline, tmp_path: Path, rows: int
) -> None:
    file = tmp_path / "tasks.db"
    bizy_files.make(file, goals=[{}] * rows, tasks=[{}] * rows)
    # Creating the account takes the same lock.
    target.query(INSERT, 7, "ann@x.org", "ann")
    keys = ("ann", "ann2")
    with (
        ThreadPoolExecutor(2) as pool,
        connect(parse_url(target.url, variable="url"), purpose="holder") as holder,
        holder.begin(),
    ):
        advisory_locks.allocation_lock(holder, wait_seconds=1)
        loads = [pool.submit(target.migrate, file, key, email="ann@x.org") for key in keys]
        process = raw_connection(holder).info.backend_pid
        until(lambda: len(target.query(BLOCKED_BY, process)) == 2 or any(map(Future.done, loads)))
        assert not any(map(Future.done, loads))
    refused = [error for load in loads if (error := load.exception())]
    assert [type(error) for error in refused] == [ConflictError]
    assert "could be there twice" in str(refused[0])
    [loaded] = [load.result() for load in loads if not load.exception()]
    assert loaded.errors == []
    assert target.query("SELECT count(*) FROM tasks") == [(rows,)]


@pytest.mark.parametrize("is_rolled_back", [True, False])
def test_a_first_run_that_ended_before_its_first_load_does_not_block_the_owner_for_ever(
    target: Pipeline, files: dict[str, Path], is_rolled_back: bool
) -> None:
    name, path = next(iter(files.items()))
    target.query("ALTER TABLE goals ADD CONSTRAINT none CHECK (false) NOT VALID")
    with pytest.raises(BizyError):
        target.migrate_all(files, name)
    target.query("ALTER TABLE goals DROP CONSTRAINT none")
    before = target.dump(state=True)
    assert before["bizy_migration.id_ranges"] != []
    with pytest.raises(
        ConflictError, match=rf"\(key {name}\), whose first run .* there twice.* roll that"
    ):
        target.migrate(path, "renamed", email=f"{name}@x.org")
    assert target.dump(state=True) == before
    if is_rolled_back:
        target.roll_back(name, keep_edited=False)
        assert target.query("SELECT * FROM bizy_migration.id_ranges") == []
    key = "renamed" if is_rolled_back else name
    assert target.migrate(path, key, email=f"{name}@x.org").errors == []
    assert target.query("SELECT count(*) FROM tasks") == [(30,)]
    assert target.verify(key) == []


@pytest.mark.parametrize("last", ["remove_objects", "roll_back"])
def test_ids_of_rows_that_a_rollback_released_are_not_issued_again(
    server: Server, tmp_path: Path, files: dict[str, Path], last: str
) -> None:
    target = Pipeline(server.create_database(f"released_{last}"), tmp_path / "home")
    with closing(sa.create_engine(parse_url(target.url, variable="url")).connect()) as backend:
        PUBLIC_METADATA.create_all(backend)
        backend.commit()
    target.prepare()
    target.migrate_all(files, "u00001")
    target.query("UPDATE tasks SET title = 'edited'")
    result = target.roll_back("u00001", keep_edited=True)
    assert result.objects is not None
    if last == "remove_objects":
        target.remove()
    else:
        with target.writing() as connection:
            pipeline.roll_back(connection, target.home, keep_edited=False, lock_wait_seconds=20)
    assert target.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'bizy%%'") == []
    [(edited,)] = target.query("SELECT max(id) FROM tasks WHERE title = 'edited'")
    [(added,)] = target.query(
        "INSERT INTO tasks (user_id, title, created_at, updated_at) "
        "SELECT id, 'web', now(), now() FROM users RETURNING id"
    )
    assert added > edited
    assert target.query("SELECT last_value FROM goals_id_seq") == [(1,)]
    server.drop_database(f"released_{last}")


def test_a_table_that_a_run_loads_again_is_as_its_first_load_left_it(
    target: Pipeline, files: dict[str, Path]
) -> None:
    loaded = target.migrate(files["u00001"], "u00001", contracts=(GOALS, TASKS, TASKS))
    assert loaded.errors == []
