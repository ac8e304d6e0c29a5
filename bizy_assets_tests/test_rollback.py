"""The job ``rollback``: takes out what was migrated and nothing else."""

from datetime import datetime

from bizy_assets_tests import bizy_files
from bizy_assets_tests.conftest import ADOPT, Migration
from bizy_assets_tests.test_errors_of_the_target import make_backend_tables


def test_a_rollback_leaves_an_empty_database_as_it_was(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    migration.migrate()
    outcome = migration.run("rollback")
    assert outcome.success, outcome.sentences
    assert migration.server.dump(migration.database) == before


def taken_over(migration: Migration, change: str) -> list[tuple[object, ...]]:
    """Migrates over rows of another script, one of them changed, and returns goal 3 as it was."""
    migration.migrate()
    migration.query("DROP SCHEMA bizy_migration CASCADE")
    migration.query(change)
    before = migration.query("SELECT * FROM goals WHERE id = 3")
    outcome = migration.run(run_config=ADOPT)
    assert outcome.success, outcome.sentences
    return before


def test_a_row_that_was_taken_over_is_put_back(migration: Migration) -> None:
    before = taken_over(migration, "UPDATE goals SET title = 'theirs' WHERE id = 3")
    assert migration.query("SELECT * FROM goals WHERE id = 3") != before
    assert migration.run("rollback").success
    assert migration.query("SELECT * FROM goals WHERE id = 3") == before


def test_a_goal_taken_over_keeps_what_bizy_does_not_have(migration: Migration) -> None:
    change = "UPDATE goals SET title = 'theirs', completed_at = '2025-09-01' WHERE id = 3"
    taken_over(migration, change)
    completed = migration.query("SELECT completed_at FROM goals WHERE id = 3")
    assert completed == [(datetime(2025, 9, 1),)]
    bizy_files.change(migration.source, "UPDATE goals SET title = 'new' WHERE id = 3")
    migration.migrate()
    assert migration.query("SELECT completed_at FROM goals WHERE id = 3") == completed


def test_a_row_in_the_place_of_one_that_was_taken_over_stays(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'first' WHERE id = 3")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 3")
    migration.migrate()
    migration.query(
        "INSERT INTO goals (id, user_id, title, created_at, updated_at) "
        "SELECT 3, id, 'second', now(), now() FROM users"
    )
    assert migration.run("rollback").success
    assert migration.query("SELECT title FROM goals WHERE id = 3") == [("second",)]


def test_what_is_taken_over_a_second_time_is_put_back_as_it_was_then(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'first' WHERE id = 3")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 3")
    migration.migrate()
    migration.query(
        "INSERT INTO goals (id, user_id, title, created_at, updated_at) "
        "SELECT 3, id, 'second', now(), now() FROM users"
    )
    bizy_files.change(
        migration.source,
        "INSERT INTO goals (id, title, created_at) VALUES (3, 'bizy', '2025-11-01 12:00:00')",
    )
    outcome = migration.run(run_config=ADOPT)
    assert outcome.success, outcome.sentences
    assert migration.run("rollback").success
    assert migration.query("SELECT title FROM goals WHERE id = 3") == [("second",)]


def test_a_row_that_others_deleted_is_not_brought_back(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'theirs' WHERE id = 3")
    migration.query("DELETE FROM goals WHERE id = 3")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 3")
    migration.migrate()
    assert migration.run("rollback").success
    assert migration.query("SELECT id FROM goals WHERE id = 3") == []


def test_a_second_rollback_brings_back_no_row_that_others_deleted(migration: Migration) -> None:
    taken_over(migration, "UPDATE goals SET title = 'theirs' WHERE id = 3")
    migration.query("DELETE FROM goals WHERE id = 3; UPDATE goals SET title = 'x' WHERE id = 1")
    assert not migration.run("rollback").success
    migration.run("rollback")
    assert migration.query("SELECT id FROM goals WHERE id = 3") == []


def test_goals_without_tasks_are_taken_out_again(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    assert migration.materialize("sqlite_backup", "admin_user", "pg_goals").success
    outcome = migration.run("rollback")
    assert outcome.success, outcome.sentences
    assert migration.server.dump(migration.database) == before


def test_the_id_of_a_user_who_stays_is_not_given_again(migration: Migration) -> None:
    make_backend_tables(migration)
    migration.migrate()
    migration.query("UPDATE users SET last_login_at = now()")
    assert migration.run("rollback").success
    migration.query(
        "INSERT INTO users (email, username, hashed_password, created_at, updated_at) "
        "VALUES ('new@example.org', 'new', '', now(), now())"
    )


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
