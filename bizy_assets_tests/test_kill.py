"""A killed run leaves a table complete or as it was, and the next one completes."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bizy_assets_tests import bizy_files
from bizy_assets_tests.conftest import Migration, history_of
from bizy_assets_tests.processes import kill, started, until

MIGRATE = ("dagster", "job", "execute", "-m", "bizy_assets.definitions", "-j", "migrate")
COPYING = (
    "SELECT 1 FROM pg_stat_progress_copy WHERE relid = to_regclass('tasks')::oid "
    "OR (datname = current_database() AND tuples_processed > 1000)"
)
WAITING = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name LIKE 'bizy-assets run%%' AND wait_event_type = 'Lock'"
)
GONE = (
    "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name LIKE 'bizy-assets run%%')"
)
TASKS = "SELECT md5(string_agg(tasks::text, '|' ORDER BY id)), count(*) FROM tasks"


def enlarge(path: Path, tasks: int) -> None:
    """Adds tasks to a file, so that a load takes long enough to be caught in the middle."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO tasks (id, title, description, created_at) SELECT i, 'task ' || i, "
            "printf('%.*c', 300, 'x'), '2025-03-04 05:06:07.000008' FROM n",
            [1000 + tasks],
        )
        connection.commit()


def test_killed_in_the_middle_of_copy_the_table_is_not_there(
    migration: Migration, tmp_path: Path
) -> None:
    enlarge(migration.source, 300_000)
    history = history_of(migration.server)
    with started(*MIGRATE, output=tmp_path / "out", DAGSTER_POSTGRES_URL=history) as process:
        until(lambda: migration.query(COPYING))
        kill(process)
    until(lambda: migration.query(GONE))
    assert migration.query("SELECT to_regclass('public.tasks')") == [(None,)]
    assert migration.query("SELECT count(*) FROM goals") == [(13,)]
    migration.migrate()
    assert migration.query("SELECT count(*) FROM tasks") == [(149 + 300_001,)]


def test_killed_between_merge_and_commit_the_table_is_as_before(
    migration: Migration, tmp_path: Path
) -> None:
    migration.migrate()
    before = migration.query(TASKS)
    bizy_files.change(migration.source, "UPDATE tasks SET title = title || ' changed'")
    bizy_files.change(migration.source, "INSERT INTO tasks (id, title) VALUES (900, 'new')")
    history = history_of(migration.server)
    blocker = migration.server.connect(migration.database)
    blocker.autocommit = False
    with started(*MIGRATE, output=tmp_path / "out", DAGSTER_POSTGRES_URL=history) as process:
        with blocker.cursor() as cursor:
            cursor.execute("SELECT FROM tasks WHERE id = 149 FOR UPDATE")
        # New rows are in, and changed ones are being updated, up to the one that is held.
        until(lambda: migration.query(WAITING))
        kill(process)
    blocker.rollback()
    blocker.close()
    until(lambda: migration.query(GONE))
    assert migration.query(TASKS) == before
    migration.migrate()
    assert migration.query("SELECT count(*) FROM tasks WHERE title LIKE '%% changed'") == [(149,)]
    assert migration.query("SELECT count(*) FROM tasks") == [(150,)]
