"""The whole path: a Bizy file in, goals and tasks in PostgreSQL out."""

import csv
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from bizy_assets.commands import SAMPLE
from bizy_assets_tests import bizy_files
from bizy_assets_tests.conftest import Migration

COPIED = {
    "goals": (
        "id", "title", "description", "horizon", "status", "progress_percentage",
        "success_criteria", "project_name", "repository_path",
    ),
    "tasks": (
        "id", "title", "description", "priority", "status", "category", "estimated_hours",
        "actual_hours", "notes", "project_name", "repository_path",
    ),
}  # fmt: skip
JSON = {"goals": ("id", "metrics"), "tasks": ("id", "dependencies", "tags")}


def truth(path: Path) -> dict[tuple[str, int, str], datetime]:
    """Reads a truth file; of several lines for one cell the last holds."""
    with path.open() as file:
        return {
            (row["table"], int(row["id"]), row["column"]): datetime.fromisoformat(
                row["utc"]
            ).replace(tzinfo=None)
            for row in csv.DictReader(file)
        }


def test_every_row_of_the_sample_arrives(migration: Migration) -> None:
    migration.migrate()
    assert migration.query("SELECT count(*) FROM tasks") == [(149,)]
    assert migration.query("SELECT count(*) FROM goals") == [(13,)]


@pytest.mark.parametrize("table", ["goals", "tasks"])
def test_copied_columns_arrive_exactly(migration: Migration, table: str) -> None:
    migration.migrate()
    columns = COPIED[table]
    assert migration.rows(table, *columns) == bizy_files.rows(migration.source, table, *columns)


@pytest.mark.parametrize("table", ["goals", "tasks"])
def test_json_arrives_as_it_was_written(migration: Migration, table: str) -> None:
    migration.migrate()
    source = bizy_files.rows(migration.source, table, *JSON[table])
    names = ["id", *(f"{column}::text" for column in JSON[table][1:])]
    expected = [
        (row[0], *(None if value == "null" else value for value in row[1:])) for row in source
    ]
    assert migration.rows(table, *names) == expected


@pytest.mark.parametrize(
    ("sample", "zone"),
    [("bizy_cli_mixed", "America/Los_Angeles"), ("bizy_cli_1.0.2", "Europe/Berlin")],
)
def test_every_instant_of_a_sample_is_the_true_one(
    migration: Migration, sample: str, zone: str
) -> None:
    shutil.copy(SAMPLE.with_name(f"{sample}.db"), migration.source)
    migration.setenv(BIZY_SOURCE_TIMEZONE=zone)
    migration.migrate()
    compared = 0
    for (table, number, column), instant in truth(SAMPLE.with_name(f"{sample}.truth.csv")).items():
        found = migration.query(f"SELECT {column} FROM {table} WHERE id = %s", number)
        # The truth also tells of rows that were deleted later.
        if found:
            assert found == [(instant,)], (table, number, column)
            compared += 1
    assert compared > 20


def test_days_stay_days_and_other_times_move(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(
        migration.source,
        tasks=[
            {"due_date": "2025-03-26 00:00:00.000000"},
            {"due_date": "2025-03-26 17:00:00.000000"},
            {"due_date": "2025-03-26 17:00:00+02:00"},
        ],
    )
    migration.migrate()
    assert migration.rows("tasks", "due_date") == [
        (datetime(2025, 3, 26),),
        (datetime(2025, 3, 27),),
        (datetime(2025, 3, 26, 15),),
    ]


def test_made_columns_follow_their_rules(migration: Migration) -> None:
    outcome = migration.migrate()
    owner = outcome.metadata("admin_user")["user_id"]
    assert migration.query("SELECT DISTINCT user_id FROM tasks") == [(owner,)]
    assert migration.query("SELECT DISTINCT user_id FROM goals") == [(owner,)]
    assert migration.query("SELECT DISTINCT completed_at FROM goals") == [(None,)]
    assert migration.query("SELECT count(DISTINCT updated_at) FROM tasks") == [(1,)]
    assert migration.query(
        "SELECT bool_and(timezone('UTC', now()) - updated_at BETWEEN '0' AND '1 hour') FROM tasks"
    ) == [(True,)]


def test_orphans_lose_their_parent_and_are_listed(migration: Migration) -> None:
    migration.migrate()
    goals = {row[0] for row in bizy_files.rows(migration.source, "goals", "id")}
    lost = {
        (number, str(parent))
        for number, parent in bizy_files.rows(migration.source, "tasks", "id", "parent_goal_id")
        if parent is not None and parent not in goals
    }
    assert len(lost) == 14
    listed = migration.query(
        "SELECT source_id, raw FROM bizy_migration.repairs "
        "WHERE table_name = 'tasks' AND rule = 'orphan_parent' AND written IS NULL"
    )
    assert set(listed) == lost
    without = migration.query(
        "SELECT count(*) FROM tasks WHERE id = ANY(%s) AND parent_goal_id IS NULL",
        [number for number, _ in lost],
    )
    assert without == [(14,)]


def test_a_parent_goal_may_come_after_its_child(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, goals=[{"parent_goal_id": 3}, {"parent_goal_id": 2}, {}])
    migration.migrate()
    assert migration.rows("goals", "id", "parent_goal_id") == [(1, 3), (2, 2), (3, None)]


def test_a_foreign_goal_does_not_adopt_an_orphan(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user", "pg_goals")
    migration.query(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (99, 'eve@example.org', 'eve', '', now(), now())"
    )
    migration.query(
        "INSERT INTO goals (id, user_id, title, created_at, updated_at) "
        "SELECT number, 99, 'hers', now(), now() FROM generate_series(20, 60) AS number"
    )
    bizy_files.change(migration.source, "UPDATE tasks SET parent_goal_id = 33 WHERE id = 1")
    migration.migrate()
    assert migration.query("SELECT parent_goal_id FROM tasks WHERE id = 1") == [(None,)]


def test_missing_timestamps_become_the_time_of_the_migration(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET created_at = NULL WHERE id IN (3, 5)")
    outcome = migration.migrate()
    assert migration.query(
        "SELECT created_at = updated_at FROM tasks WHERE id IN (3, 5)"
    ) == [(True,), (True,)]  # fmt: skip
    assert outcome.metadata("pg_tasks")["repaired: missing_timestamp"] == 2


def test_a_file_without_the_project_columns_migrates(migration: Migration) -> None:
    shutil.copy(SAMPLE.with_name("bizy_cli_1.0.2.db"), migration.source)
    migration.migrate()
    assert migration.query("SELECT count(*), count(project_name) FROM tasks") == [(22, 0)]


def test_a_file_without_a_table_migrates(migration: Migration) -> None:
    bizy_files.change(migration.source, "DROP TABLE goals")
    migration.migrate()
    assert migration.query("SELECT count(*), count(parent_goal_id) FROM tasks") == [(149, 0)]


def test_indexes_and_foreign_keys_are_those_of_the_backend(migration: Migration) -> None:
    migration.migrate()
    indexes = {
        name
        for (name,) in migration.query(
            "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'tasks'"
        )
    }
    assert indexes == {
        "tasks_pkey", "ix_tasks_id", "ix_tasks_user_id", "ix_tasks_parent_goal_id",
        "ix_tasks_category", "ix_tasks_due_date", "ix_tasks_created_at", "ix_tasks_user_status",
        "ix_tasks_user_due_date", "ix_tasks_user_category", "ix_tasks_goal_status",
    }  # fmt: skip
    keys = migration.query(
        "SELECT conname, confdeltype, convalidated FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname"
    )
    assert keys == [
        ("goals_parent_goal_id_fkey", "n", True),
        ("goals_user_id_fkey", "c", True),
        ("tasks_parent_goal_id_fkey", "n", True),
        ("tasks_user_id_fkey", "c", True),
    ]


def test_the_next_row_of_the_backend_gets_a_free_id(migration: Migration) -> None:
    migration.migrate()
    [(number,)] = migration.query(
        "INSERT INTO tasks (user_id, title, created_at, updated_at) "
        "SELECT id, 'new', now(), now() FROM users RETURNING id"
    )
    assert number == 150
