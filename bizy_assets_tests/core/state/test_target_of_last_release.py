"""A target that the last release loaded: this release verifies, updates and rolls it back."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets_tests.core.load.test_second_run import versions
from bizy_assets_tests.core.rollback.test_rollback import KEEP
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration

pytestmark = pytest.mark.core

RELEASE = CHECKOUT / "bizy_assets_tests" / "support" / "releases" / "0.1.0"
UNCHANGED = {"daily_logs": 11, "research": 9, "metrics": 14, "business_plans": 2}
WARNINGS = {
    ("sqlite_backup", "census"),
    ("sqlite_backup", "orphans"),
    ("pg_tasks", "count"),
    ("pg_tasks", "content"),
    ("pg_goals", "backend_accepts"),
    ("pg_tasks", "backend_accepts"),
}


@pytest.fixture
def loaded(migration: Migration, tmp_path: Path) -> Migration:
    """A migration whose target is the release's, with the Bizy file that was loaded last."""
    shutil.copy(RELEASE / "tasks.db", migration.source)
    (tmp_path / "backups").mkdir()
    for snapshot in RELEASE.glob("tasks_backup_*.db"):
        shutil.copy(snapshot, tmp_path / "backups")
    # A text cell may hold a carriage return, which reading as text would change.
    dump = (RELEASE / "target.sql").read_bytes().replace(b"@FOLDER@", str(tmp_path).encode())
    connection = migration.server.connect(migration.database)
    with connection.cursor() as cursor:
        cursor.execute(dump)
    connection.close()
    migration.setenv(BIZY_BACKUP_DIR=str(tmp_path / "backups"), BIZY_ON_BAD_ROW="quarantine")
    return migration


def counts(metadata: dict[str, object]) -> dict[str, object]:
    """Returns the counts of rows that are not zero."""
    names = (
        "inserted", "updated", "unchanged", "preserved_edits", "preserved_deletions", "rejected", "deleted",
        "retained", "adopted",
    )  # fmt: skip
    return {name: metadata[name] for name in names if metadata.get(name)}


def test_it_verifies_as_it_did(loaded: Migration) -> None:
    outcome = loaded.run("verify")
    assert outcome.success, outcome.sentences
    checks = outcome.checks()
    assert len(checks) == 41
    assert {name for name, event in checks.items() if not event.passed} == WARNINGS
    assert {checks[name].severity.value for name in WARNINGS} == {"WARN"}
    for message in (
        "1 row was deleted in PostgreSQL (id 8)",
        "1 row was edited in PostgreSQL (id 7)",
        "1 row was deleted in Bizy but edited in PostgreSQL (id 12)",
        "1 row was rejected (id 5)",
    ):
        assert message in checks["pg_tasks", "count"].description


def test_an_unchanged_bizy_file_changes_no_row(loaded: Migration) -> None:
    before = versions(loaded)
    outcome = loaded.migrate()
    assert versions(loaded) == before
    assert counts(outcome.metadata("pg_goals")) == {"unchanged": 14}
    assert counts(outcome.metadata("pg_tasks")) == {
        "unchanged": 145, "preserved_edits": 1, "preserved_deletions": 1, "rejected": 1, "retained": 1,
    }  # fmt: skip
    for table, rows in UNCHANGED.items():
        assert counts(outcome.metadata(f"pg_{table}")) == {"unchanged": rows}
    assert {name for name, event in outcome.checks().items() if not event.passed} == WARNINGS


def test_a_changed_bizy_file_changes_just_those_rows(loaded: Migration) -> None:
    before = {table: {row[2]: row for row in rows} for table, rows in versions(loaded).items()}
    for statement in (
        "UPDATE tasks SET title = 'new title' WHERE id IN (7, 20, 300)",
        "UPDATE tasks SET priority = 1 WHERE id = 5",
        "DELETE FROM tasks WHERE id = 22",
        "INSERT INTO tasks (id, title, created_at) VALUES (302, 'new', '2025-11-01 12:00:00')",
        "UPDATE goals SET title = 'new title' WHERE id = 40",
    ):
        bizy_files.change(loaded.source, statement)
    outcome = loaded.migrate()
    after = {table: {row[2]: row for row in rows} for table, rows in versions(loaded).items()}
    changed = {
        (table, number)
        for table in BY_TABLE
        for number in before[table].keys() | after[table].keys()
        if before[table].get(number) != after[table].get(number)
    }
    assert changed == {("goals", 40), *(("tasks", number) for number in (5, 20, 22, 300, 302))}
    assert counts(outcome.metadata("pg_tasks")) == {
        "inserted": 2, "updated": 2, "unchanged": 142, "preserved_edits": 1, "preserved_deletions": 1,
        "deleted": 1, "retained": 1,
    }  # fmt: skip
    assert loaded.query("SELECT title FROM tasks WHERE id = 7") == [("Edited in PostgreSQL",)]
    assert loaded.run("verify").success


def test_a_rollback_leaves_what_was_there_before_and_what_was_edited(loaded: Migration) -> None:
    outcome = loaded.run("rollback", run_config=KEEP)
    assert outcome.success, outcome.sentences
    assert loaded.rows("users", "id", "email") == [
        (1, "eve@example.org"),
        (2, "admin@bizy.local"),
    ]
    columns = ("id", "user_id", "title", "created_at", "updated_at")
    assert loaded.rows("goals", *columns, "completed_at") == [
        (
            40,
            2,
            "Entered in PostgreSQL",
            datetime(2025, 8, 1),
            datetime(2025, 9, 1),
            datetime(2025, 9, 1),
        ),
        (501, 1, "Eve's own goal", datetime(2025, 1, 2), datetime(2025, 1, 2), None),
    ]
    tasks = loaded.rows("tasks", *columns, "parent_goal_id")
    assert {row[0]: row[2] for row in tasks[:2]} == {
        7: "Edited in PostgreSQL",
        12: "Edited, then deleted in Bizy",
    }
    assert tasks[2:] == [
        (300, 2, "Entered in PostgreSQL", datetime(2025, 8, 2), datetime(2025, 8, 2), 40),
        (901, 1, "Eve's own task", datetime(2025, 1, 3), datetime(2025, 1, 3), 501),
    ]
    assert loaded.tables() == {"public.users", "public.goals", "public.tasks"}
    added = "SELECT 1 FROM pg_attribute WHERE attrelid = 'goals'::regclass AND attname = %s"
    assert loaded.query(added, "project_name") == []
