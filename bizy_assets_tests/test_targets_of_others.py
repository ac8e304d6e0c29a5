"""Targets that others made and use: large, guarded otherwise, and locked by their sessions."""

import time

from bizy_assets_tests.conftest import Migration


def test_many_users_do_not_slow_a_check_down(migration: Migration) -> None:
    migration.migrate()
    migration.query(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "SELECT n, n || '@example.org', 'user' || n, '', now(), now() "
        "FROM generate_series(1000, 401000) AS n"
    )
    migration.query(
        "INSERT INTO tasks (id, user_id, title, created_at, updated_at) "
        "SELECT n, 398000 + n, 'theirs', now(), now() FROM generate_series(1000, 2500) AS n"
    )
    migration.query(
        "ALTER TABLE tasks DROP CONSTRAINT tasks_user_id_fkey; "
        "DELETE FROM users WHERE id = 399234; ANALYZE"
    )
    started = time.monotonic()
    outcome = migration.run("verify")
    # A second here; minutes where each task is compared with each user.
    assert time.monotonic() - started < 15
    event = outcome.checks()["pg_tasks", "orphan_fk"]
    assert "1 rows whose user_id points nowhere: 1234." in event.description
