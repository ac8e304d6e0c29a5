"""The job ``rollback``: takes out what was migrated and nothing else."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backends import make_backend_tables, use_backend
from bizy_assets_tests.support.migrations import ADOPT, Migration, Outcome, only

KEEP: dict[str, Any] = {"ops": {"roll_back": {"config": {"keep_edited": True}}}}


def succeeded(outcome: Outcome) -> Outcome:
    assert outcome.success, outcome.sentences
    return outcome


def remainder(outcome: Outcome) -> dict[str, Any]:
    """Returns the metadata of the job's op."""
    events = outcome.result.all_events
    [output] = [e.step_output_data for e in events if e.event_type_value == "STEP_OUTPUT"]
    return {name: value.value for name, value in output.metadata.items()}


def warnings_of(outcome: Outcome) -> list[str]:
    logs = outcome.instance.all_logs(outcome.result.run_id)
    return [each.user_message for each in logs if each.level == logging.WARNING]


@pytest.mark.core
def test_a_rollback_leaves_an_empty_database_as_it_was(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    created = migration.migrate().metadata("admin_user")
    succeeded(migration.run("rollback"))
    assert migration.server.dump(migration.database) == before
    assert not Path(created["password_file"]).exists()


@pytest.mark.core
@pytest.mark.parametrize("runs", [2, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_a_rollback_leaves_a_used_database_as_it_was(migration: Migration, runs: int) -> None:
    use_backend(migration)
    before = migration.server.dump(migration.database)
    for number in range(runs):
        bizy_files.change(
            migration.source, "INSERT INTO tasks (id, title) VALUES (?, 'new')", 500 + number
        )
        migration.prove()
    assert migration.server.dump(migration.database) != before
    succeeded(migration.run("rollback"))
    assert migration.server.dump(migration.database) == before


def test_a_rollback_leaves_empty_tables_of_the_backend_as_they_were(migration: Migration) -> None:
    make_backend_tables(migration)
    before = migration.server.dump(migration.database)
    migration.load()
    succeeded(migration.run("rollback"))
    assert migration.server.dump(migration.database) == before


def rows_shown(migration: Migration) -> dict[str, int]:
    """Returns the row counts that the pages of assets show."""
    assets = ("pg_goals", "pg_tasks")
    return {asset: migration.metadata(asset)["dagster/row_count"] for asset in assets}


@pytest.mark.migrated
def test_edited_rows_stay_and_a_warning_names_the_way_to_finish(migration: Migration) -> None:
    migration.query("UPDATE tasks SET title = 'mine' WHERE id IN (4, 5)")
    migration.query("DELETE FROM tasks WHERE id = 6")
    outcome = succeeded(migration.run("rollback"))
    metadata = remainder(outcome)
    assert metadata["rows_left"] == 2
    [warning] = warnings_of(outcome)
    assert warning == metadata["remaining"]
    assert warning.startswith("Rolled back, except for 2 rows in ")
    assert "(tasks: ids 4, 5). To finish, start the job again with keep_edited: true" in warning
    assert migration.rows("tasks", "id", "title") == [(4, "mine"), (5, "mine")]
    assert migration.query("SELECT count(*) FROM goals") == [(0,)]
    assert rows_shown(migration) == {"pg_goals": 0, "pg_tasks": 2}
    assert remainder(migration.run("rollback"))["rows_left"] == 2
    finished = succeeded(migration.run("rollback", run_config=KEEP))
    assert rows_shown(migration) == {"pg_goals": 0, "pg_tasks": 0}
    assert remainder(finished)["rows_left"] == 0
    assert warnings_of(finished) == []
    assert migration.rows("tasks", "id", "title") == [(4, "mine"), (5, "mine")]
    assert migration.tables() == {"public.users", "public.goals", "public.tasks"}
    assert migration.query("SELECT email FROM users") == [("admin@bizy.local",)]
    assert migration.query("SELECT nextval('tasks_id_seq')") == [(150,)]


@pytest.mark.migrated
def test_after_an_incomplete_rollback_a_migration_brings_the_rest_back(
    migration: Migration,
) -> None:
    migration.query("UPDATE tasks SET title = 'mine' WHERE id IN (4, 5)")
    assert remainder(migration.run("rollback"))["rows_left"] == 2
    metadata = migration.migrate("goals", "tasks").metadata("pg_tasks")
    assert (metadata["inserted"], metadata["preserved_edits"]) == (147, 2)


@pytest.mark.migrated
def test_what_others_added_stays_and_loses_only_its_parent(migration: Migration) -> None:
    migration.query(
        "INSERT INTO tasks (user_id, title, parent_goal_id, created_at, updated_at) "
        "VALUES (1, 'new in the web', 1, now(), now())"
    )
    succeeded(migration.run("rollback"))
    assert migration.query("SELECT id, parent_goal_id FROM tasks") == [(150, None)]
    assert migration.query("SELECT nextval('tasks_id_seq')") == [(151,)]
    assert migration.query("SELECT count(*) FROM users") == [(1,)]


@pytest.mark.migrated
def test_a_user_who_has_logged_in_stays(migration: Migration) -> None:
    migration.query("UPDATE users SET last_login_at = now()")
    succeeded(migration.run("rollback"))
    assert migration.tables() == {"public.users"}
    assert migration.query("SELECT email FROM users") == [("admin@bizy.local",)]


@pytest.mark.migrated
def test_a_user_to_whom_something_else_belongs_stays(migration: Migration) -> None:
    migration.query("CREATE TABLE notes (id serial, author integer REFERENCES users (id))")
    migration.query("INSERT INTO notes (author) VALUES (1)")
    succeeded(migration.run("rollback"))
    assert migration.tables() == {"public.users", "public.notes"}


def test_a_user_who_was_there_before_stays(migration: Migration) -> None:
    make_backend_tables(migration)
    migration.query(
        "INSERT INTO users (email, username, hashed_password, created_at, updated_at) "
        "VALUES ('admin@bizy.local', 'admin', '', now(), now())"
    )
    before = migration.server.dump(migration.database)
    migration.load()
    succeeded(migration.run("rollback"))
    assert migration.server.dump(migration.database) == before


def test_an_added_column_that_others_use_stays(migration: Migration) -> None:
    use_backend(migration)
    migration.load("goals", "tasks")
    migration.query("UPDATE tasks SET project_name = 'theirs' WHERE id = 901")
    succeeded(migration.run("rollback"))
    columns = {
        name
        for (name,) in migration.query(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'tasks'::regclass AND attnum > 0 "
            "AND NOT attisdropped"
        )
    }
    assert "project_name" in columns
    assert "repository_path" not in columns


def test_a_sequence_that_was_used_since_stays(migration: Migration) -> None:
    use_backend(migration)
    bizy_files.change(migration.source, "INSERT INTO tasks (id, title) VALUES (2000, 'new')")
    migration.load("goals", "tasks")
    assert migration.query("SELECT nextval('tasks_id_seq')") == [(2001,)]
    succeeded(migration.run("rollback"))
    assert migration.query("SELECT nextval('tasks_id_seq')") == [(2002,)]


def test_where_nothing_was_migrated_nothing_is_done(migration: Migration) -> None:
    use_backend(migration)
    before = migration.server.dump(migration.database)
    succeeded(migration.run("rollback"))
    assert migration.server.dump(migration.database) == before


def taken_over(migration: Migration, change: str) -> list[tuple[object, ...]]:
    """Migrates over rows of another script, one of them changed, and returns goal 3 as it was."""
    migration.query("DROP SCHEMA bizy_migration CASCADE")
    migration.query(change)
    before = migration.query("SELECT * FROM goals WHERE id = 3")
    outcome = migration.run(run_config=ADOPT, asset_selection=only("goals", "tasks"))
    assert outcome.success, outcome.sentences
    return before


@pytest.mark.core
@pytest.mark.migrated
def test_a_row_that_was_taken_over_is_put_back(migration: Migration) -> None:
    before = taken_over(migration, "UPDATE goals SET title = 'theirs' WHERE id = 3")
    assert migration.query("SELECT * FROM goals WHERE id = 3") != before
    assert migration.run("rollback").success
    assert migration.query("SELECT * FROM goals WHERE id = 3") == before


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_goal_taken_over_keeps_what_bizy_does_not_have(migration: Migration) -> None:
    change = "UPDATE goals SET title = 'theirs', completed_at = '2025-09-01' WHERE id = 3"
    taken_over(migration, change)
    completed = migration.query("SELECT completed_at FROM goals WHERE id = 3")
    assert completed == [(datetime(2025, 9, 1),)]
    bizy_files.change(migration.source, "UPDATE goals SET title = 'new' WHERE id = 3")
    migration.prove("goals", "tasks")
    assert migration.query("SELECT completed_at FROM goals WHERE id = 3") == completed


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_row_in_the_place_of_one_that_was_taken_over_stays(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'first' WHERE id = 3")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 3")
    migration.load("goals", "tasks")
    migration.query(
        "INSERT INTO goals (id, user_id, title, created_at, updated_at) "
        "SELECT 3, id, 'second', now(), now() FROM users"
    )
    assert migration.run("rollback").success
    assert migration.query("SELECT title FROM goals WHERE id = 3") == [("second",)]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_what_is_taken_over_a_second_time_is_put_back_as_it_was_then(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'first' WHERE id = 3")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 3")
    migration.load("goals", "tasks")
    migration.query(
        "INSERT INTO goals (id, user_id, title, created_at, updated_at) "
        "SELECT 3, id, 'second', now(), now() FROM users"
    )
    bizy_files.change(
        migration.source,
        "INSERT INTO goals (id, title, created_at) VALUES (3, 'bizy', '2025-11-01 12:00:00')",
    )
    outcome = migration.run(run_config=ADOPT, asset_selection=only("goals", "tasks"))
    assert outcome.success, outcome.sentences
    assert migration.run("rollback").success
    assert migration.query("SELECT title FROM goals WHERE id = 3") == [("second",)]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_row_that_others_deleted_is_not_brought_back(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'theirs' WHERE id = 3")
    migration.query("DELETE FROM goals WHERE id = 3")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 3")
    migration.load("goals", "tasks")
    assert migration.run("rollback").success
    assert migration.query("SELECT id FROM goals WHERE id = 3") == []


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_second_rollback_brings_back_no_row_that_others_deleted(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'theirs' WHERE id = 3")
    migration.query("DELETE FROM goals WHERE id = 3; UPDATE goals SET title = 'x' WHERE id = 1")
    assert remainder(migration.run("rollback"))["rows_left"] > 0
    migration.run("rollback")
    assert migration.query("SELECT id FROM goals WHERE id = 3") == []


def test_goals_without_tasks_are_taken_out_again(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    assert migration.materialize("sqlite_backup", "admin_user", "pg_goals").success
    outcome = migration.run("rollback")
    assert outcome.success, outcome.sentences
    assert migration.server.dump(migration.database) == before


@pytest.mark.exhaustive
def test_the_id_of_a_user_who_stays_is_not_given_again(migration: Migration) -> None:
    make_backend_tables(migration)
    migration.load("goals", "tasks")
    migration.query("UPDATE users SET last_login_at = now()")
    assert migration.run("rollback").success
    migration.query(
        "INSERT INTO users (email, username, hashed_password, created_at, updated_at) "
        "VALUES ('new@example.org', 'new', '', now(), now())"
    )


@pytest.mark.exhaustive
def test_goals_without_tasks_are_taken_out_of_the_backends_tables(migration: Migration) -> None:
    make_backend_tables(migration)
    migration.query("ALTER TABLE tasks DROP project_name, DROP repository_path")
    before = migration.server.dump(migration.database)
    for _ in range(2):
        assert migration.materialize("sqlite_backup", "admin_user", "pg_goals").success
        bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 3")
    outcome = migration.run("rollback")
    assert outcome.success, outcome.sentences
    assert migration.server.dump(migration.database) == before
