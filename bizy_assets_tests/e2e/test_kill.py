"""A killed run leaves a table complete or as it was, and the next one completes."""

from pathlib import Path

import pytest

from bizy_assets_tests.support import bizy_files, states
from bizy_assets_tests.support.backends import make_every_table, make_own_tables
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.pausing import (
    GONE,
    gate,
    killed_where_it_waits,
    paused,
    paused_in_the_checks,
    session,
)
from bizy_assets_tests.support.processes import kill, until

LOADS = ("bizy_migration", "loads")
OF_TASKS = "NEW.table_name = 'tasks'"
TASKS = "SELECT md5(string_agg(tasks::text, '|' ORDER BY id)), count(*) FROM tasks"


@pytest.mark.exhaustive
def test_killed_after_the_snapshot_nothing_is_written(migration: Migration, tmp_path: Path) -> None:
    make_every_table(migration)
    before = migration.server.dump(migration.database)
    with gate(migration, ("public", "users")):
        killed_where_it_waits(migration, tmp_path)
    assert list(migration.source.parent.glob("tasks_backup_*.db"))
    assert migration.server.dump(migration.database) == before
    states.assert_the_next_run_makes(migration, states.of_an_undisturbed_run(migration))


@pytest.mark.exhaustive
def test_killed_between_tables_one_is_complete_and_one_as_before(
    migration: Migration, tmp_path: Path
) -> None:
    make_every_table(migration)
    with session(migration) as blocker, blocker.cursor() as cursor:
        # The run reads the tasks before it loads the goals.
        cursor.execute("LOCK TABLE tasks IN SHARE MODE")
        killed_where_it_waits(migration, tmp_path)
    until(lambda: migration.query(GONE))
    wanted = states.of_an_undisturbed_run(migration)
    found = states.of(migration)
    assert (found["goals"], found["tasks"]) == (wanted["goals"], [])
    assert found["schema"] == wanted["schema"]
    states.assert_the_next_run_makes(migration, wanted)


def test_killed_in_the_middle_of_copy_the_table_is_as_before(
    migration: Migration, tmp_path: Path
) -> None:
    bizy_files.add_tasks(migration.source, 30_000)
    make_every_table(migration)
    before = migration.server.dump(migration.database, "--table=tasks")
    at_a_row = gate(migration, ("public", "tasks"), "NEW.id = 5000")
    with at_a_row, paused(migration, tmp_path) as process:
        [(copied,)] = migration.query("SELECT tuples_processed FROM pg_stat_progress_copy")
        assert copied > 1000
        kill(process)
    assert migration.server.dump(migration.database, "--table=tasks") == before
    states.assert_the_next_run_makes(migration, states.of_an_undisturbed_run(migration))


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_killed_in_the_middle_of_a_merge_the_table_is_as_before(
    migration: Migration, tmp_path: Path
) -> None:
    before = migration.query(TASKS)
    bizy_files.change(migration.source, "UPDATE tasks SET title = title || ' changed'")
    bizy_files.change(
        migration.source,
        "INSERT INTO tasks (id, title, created_at) VALUES (900, 'new', '2025-03-04 05:06:07')",
    )
    with session(migration) as blocker, blocker.cursor() as cursor:
        cursor.execute("SELECT FROM tasks WHERE id = 149 FOR UPDATE")
        # New rows are in, and changed ones are being updated, up to the one that is held.
        killed_where_it_waits(migration, tmp_path)
    until(lambda: migration.query(GONE))
    assert migration.query(TASKS) == before
    states.assert_the_next_run_makes(migration, states.of_an_undisturbed_run(migration))


@pytest.mark.exhaustive
def test_killed_between_copy_and_commit_the_table_is_not_there(
    migration: Migration, tmp_path: Path
) -> None:
    make_own_tables(migration)
    with gate(migration, LOADS, OF_TASKS):
        killed_where_it_waits(migration, tmp_path)
    assert migration.query("SELECT to_regclass('tasks')") == [(None,)]
    assert migration.query("SELECT count(*) FROM goals") == [(13,)]
    states.assert_the_next_run_makes(migration, states.of_an_undisturbed_run(migration))


@pytest.mark.exhaustive
def test_killed_while_it_commits_the_table_is_complete(
    migration: Migration, tmp_path: Path
) -> None:
    make_own_tables(migration)
    with gate(migration, LOADS, OF_TASKS, at_commit=True):
        killed_where_it_waits(migration, tmp_path)
    wanted = states.of_an_undisturbed_run(migration)
    assert states.of(migration) == wanted
    states.assert_the_next_run_makes(migration, wanted)


@pytest.mark.exhaustive
def test_killed_in_the_checks_the_tables_are_complete(migration: Migration, tmp_path: Path) -> None:
    make_every_table(migration)
    with paused_in_the_checks(migration, tmp_path, "tasks") as (process, _):
        kill(process)
    wanted = states.of_an_undisturbed_run(migration)
    assert states.of(migration) == wanted
    states.assert_the_next_run_makes(migration, wanted)
