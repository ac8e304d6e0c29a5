"""A target that the last release loaded: this one upgrades, verifies, updates, rolls it back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bizy_assets.core import pipeline
from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets.core.errors import BizyError
from bizy_assets.core.postgres.advisory_locks import acquire_lock
from bizy_assets.core.postgres.connection import connect
from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.rollback.rollback import roll_back
from bizy_assets.core.settings import OwnerSettings, SourceSettings, TargetSettings
from bizy_assets.core.state.id_ranges import read_ranges
from bizy_assets.core.state.runs import latest_loads
from bizy_assets.core.state.sources import find_source
from bizy_assets.core.target.state_schema import ensure_state_schema
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
EARLIER = "are of an earlier release of bizy-assets; run the job migrate once, which upgrades them."


@pytest.fixture
def loaded(migration: Migration, tmp_path: Path) -> Migration:
    """A migration whose target is the release's, with the Bizy file that was loaded last."""
    shutil.copy(RELEASE / "tasks.db", migration.source)
    (tmp_path / "backups").mkdir()
    for snapshot in RELEASE.glob("tasks_backup_*.db"):
        shutil.copy(snapshot, tmp_path / "backups")
    restore(migration, migration.database, "target.sql", tmp_path)
    migration.setenv(BIZY_BACKUP_DIR=str(tmp_path / "backups"), BIZY_ON_BAD_ROW="quarantine")
    return migration


def restore(migration: Migration, database: str, dump: str, folder: Path) -> None:
    # A text cell may hold a carriage return, which reading as text would change.
    statements = (RELEASE / dump).read_bytes().replace(b"@FOLDER@", str(folder).encode())
    connection = migration.server.connect(database)
    with connection.cursor() as cursor:
        cursor.execute(statements)
    connection.close()


@contextmanager
def writing(migration: Migration, database: str | None = None) -> Iterator[sa.Connection]:
    """Opens what a run of the migration writes with."""
    text = migration.server.url(database or migration.database)
    url = parse_url(text, variable="DATABASE_URL")
    with connect(url, purpose="test") as connection:
        acquire_lock(connection, url, wait_seconds=5)
        yield connection


def upgrade(migration: Migration) -> None:
    with writing(migration) as connection, connection.begin():
        ensure_state_schema(connection)


def counts(metadata: dict[str, object]) -> dict[str, object]:
    """Returns the counts of rows that are not zero."""
    names = (
        "inserted", "updated", "unchanged", "preserved_edits", "preserved_deletions",
        "rows_left_out",
        "deleted", "retained", "adopted",
    )  # fmt: skip
    return {name: metadata[name] for name in names if metadata.get(name)}


def test_its_records_become_those_of_a_new_target(loaded: Migration) -> None:
    before = versions(loaded)
    [newest] = loaded.query("SELECT max(loaded_at) FROM bizy_migration.loads")
    upgrade(loaded)
    empty = f"{loaded.database}_empty"
    loaded.server.create_database(empty)
    with writing(loaded, empty) as connection, connection.begin():
        ensure_state_schema(connection)
    state = ("--schema-only", "--schema=bizy_migration")
    assert loaded.server.dump(loaded.database, *state) == loaded.server.dump(empty, *state)
    loaded.server.drop_database(empty)
    assert versions(loaded) == before
    with writing(loaded) as connection, connection.begin():
        source = find_source(connection, str(loaded.source))
        assert source is not None
        assert (source.id, source.path, source.user_id) == (2, loaded.source, 2)
        loads = latest_loads(connection, BY_TABLE, source.id)
        assert [load.table for load in loads] == list(BY_TABLE)
        assert max(load.loaded_at for load in loads).replace(tzinfo=None) == newest[0]
        assert loads[1].counts.rejected == loads[1].counts.preserved_edits == 1
        assert (loads[1].next_id, loads[1].seconds) == (5003, None)
        ranges = read_ranges(connection, source.id)
        assert ranges["goals"].intervals() == [(1, 40)]
        assert ranges["tasks"].intervals() == [(1, 300), (5000, 5002)]
        assert all(ids.is_identity for ids in ranges.values())
        # The row that was retained when the file was moved.
        assert read_ranges(connection, 1)["tasks"].intervals() == [(12, 12)]
    states = loaded.query("SELECT id, state FROM bizy_migration.ledger_goals WHERE state <> ''")
    assert states == [(40, "matched")]
    assert loaded.query(
        "SELECT source_id, table_name, count(*) FROM bizy_migration.repairs "
        "GROUP BY 1, 2 ORDER BY 2"
    ) == [(2, "goals", 2), (2, "tasks", 14)]
    assert loaded.query(
        "SELECT source_id, row_id, column_name FROM bizy_migration.rejected_rows"
    ) == [(2, 5, "priority")]


def test_an_upgrade_that_fails_changes_nothing(loaded: Migration) -> None:
    loaded.query("CREATE VIEW listed AS SELECT * FROM bizy_migration.rejected_rows")
    before = loaded.server.dump(loaded.database)
    with pytest.raises(BizyError, match="rejected_rows"):
        upgrade(loaded)
    assert loaded.server.dump(loaded.database) == before


def test_many_ids_far_apart_become_a_thousand_ranges(loaded: Migration) -> None:
    loaded.query(
        "INSERT INTO bizy_migration.ledger_metrics SELECT 1000 * n + g, md5('')::uuid, 3, NULL "
        "FROM generate_series(1, 2000) n, generate_series(1, 3) g"
    )
    upgrade(loaded)
    [(number, lowest, highest)] = loaded.query(
        "SELECT count(*), min(first_id), max(last_id) FROM bizy_migration.id_ranges "
        "WHERE table_name = 'metrics'"
    )
    assert (number, lowest, highest) == (1000, 1, 2_000_003)
    assert loaded.query(
        "SELECT id FROM bizy_migration.ledger_metrics WHERE NOT EXISTS (SELECT FROM "
        "bizy_migration.id_ranges WHERE table_name = 'metrics' AND id BETWEEN first_id AND last_id)"
    ) == []  # fmt: skip


def test_a_later_release_is_not_touched_or_read(loaded: Migration) -> None:
    loaded.query("UPDATE bizy_migration.version SET number = 4")
    before = loaded.server.dump(loaded.database)
    later = "created by a later release of bizy-assets"
    with pytest.raises(BizyError, match=later):
        upgrade(loaded)
    with (
        writing(loaded) as connection,
        connection.begin(),
        pytest.raises(BizyError, match=later),
    ):
        pipeline.require_load(connection, "tasks", str(loaded.source))
    assert loaded.server.dump(loaded.database) == before


def test_before_the_upgrade_a_check_asks_for_it_and_a_dry_run_leaves_it_undone(
    loaded: Migration, tmp_path: Path
) -> None:
    before = loaded.server.dump(loaded.database)
    outcome = loaded.run("verify", asset_selection=None)
    assert not outcome.success
    assert all(sentence.endswith(EARLIER) for sentence in outcome.sentences)
    with writing(loaded) as connection:
        plan = pipeline.dry_run(
            connection,
            SourceSettings.read(),
            TargetSettings.read(),
            OwnerSettings.read(),
            tmp_path / "home",
            run_id="dry run",
        )
    assert plan.failure is None
    assert [load.load.counts.updated for load in plan.loads] == [0] * len(BY_TABLE)
    assert loaded.server.dump(loaded.database) == before


def test_an_unchanged_bizy_file_changes_no_row(loaded: Migration) -> None:
    before = versions(loaded)
    outcome = loaded.migrate()
    assert versions(loaded) == before
    assert counts(outcome.metadata("pg_goals")) == {"unchanged": 14}
    assert counts(outcome.metadata("pg_tasks")) == {
        "unchanged": 147, "preserved_edits": 1, "preserved_deletions": 1, "rows_left_out": 1,
    }  # fmt: skip
    for table, rows in UNCHANGED.items():
        assert counts(outcome.metadata(f"pg_{table}")) == {"unchanged": rows}
    assert {name for name, event in outcome.checks().items() if not event.passed} == WARNINGS
    outcome = loaded.run("verify")
    assert outcome.success, outcome.sentences
    checks = outcome.checks()
    assert len(checks) == 42
    assert {name for name, event in checks.items() if not event.passed} == WARNINGS
    assert {checks[name].severity.value for name in WARNINGS} == {"WARN"}
    for message in (
        "1 row was deleted in PostgreSQL (id 8)",
        "1 row was edited in PostgreSQL (id 7)",
        "1 row was left out, as PostgreSQL cannot store it (id 5)",
    ):
        assert message in checks["pg_tasks", "count"].description


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
        "inserted": 2, "updated": 2, "unchanged": 144, "preserved_edits": 1,
        "preserved_deletions": 1, "deleted": 1,
    }  # fmt: skip
    assert loaded.query("SELECT title FROM tasks WHERE id = 7") == [("Edited in PostgreSQL",)]


def test_a_rollback_leaves_the_target_as_it_was_before(loaded: Migration, tmp_path: Path) -> None:
    before = f"{loaded.database}_before"
    loaded.server.create_database(before)
    restore(loaded, before, "before.sql", tmp_path)
    # What was edited stays otherwise.
    loaded.query("DELETE FROM tasks WHERE id IN (7, 12)")
    with writing(loaded) as connection:
        assert not roll_back(connection, tmp_path, keep_edited=False, lock_wait_seconds=5).edited
    dumps = [loaded.server.dump(database) for database in (loaded.database, before)]
    loaded.server.drop_database(before)
    # A row that was restored has another place.
    assert sorted(dumps[0].splitlines()) == sorted(dumps[1].splitlines())


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
