"""The job ``dry_run``: says what ``migrate`` would do, and leaves the target as it was."""

from pathlib import Path

import dagster as dg
import psycopg2
import pytest

from bizy_assets.core.common.row_counts import PLANNED_TITLES
from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backends import make_backend_tables, use_backend
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.migrations import Migration, Outcome
from bizy_assets_tests.support.pausing import held

NAMES = (
    "inserted",
    "updated",
    "unchanged",
    "preserved_edits",
    "preserved_deletions",
    "deleted",
    "retained",
)


def rehearsed(migration: Migration) -> Outcome:
    """Makes a dry run, and makes sure that it changed nothing."""
    before = migration.server.dump(migration.database)
    files = sorted(migration.source.parent.iterdir())
    outcome = migration.run("dry_run")
    assert migration.server.dump(migration.database) == before
    assert sorted(migration.source.parent.iterdir()) == files
    return outcome


def planned(outcome: Outcome, table: str) -> dict[str, int]:
    """Returns a table's line of the plan."""
    assert outcome.success, outcome.sentences
    lines = outcome.metadata("migration_plan")["plan"].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    [row] = [row for row in cells if row[0] == table]
    return {name: int(row[cells[0].index(PLANNED_TITLES[name])]) for name in NAMES}


def done(outcome: Outcome, table: str) -> dict[str, int]:
    metadata = outcome.metadata(f"pg_{table}")
    return {name: metadata[name] for name in NAMES}


def change(migration: Migration) -> None:
    """Lets both sides change in every way that there is."""
    migration.query("UPDATE tasks SET title = 'edited there' WHERE id IN (7, 8)")
    migration.query("DELETE FROM tasks WHERE id = 9")
    migration.query("DELETE FROM goals WHERE id = 2")
    for statement in (
        "UPDATE tasks SET title = 'edited here' WHERE id BETWEEN 20 AND 25",
        "DELETE FROM tasks WHERE id IN (8, 30)",
        "DELETE FROM goals WHERE id = 1",
        "INSERT INTO tasks (id, title) VALUES (3000, 'new')",
        "UPDATE goals SET created_at = NULL WHERE id = 3",
    ):
        bizy_files.change(migration.source, statement)


@pytest.mark.core
@pytest.mark.parametrize(
    "target",
    [
        "backend",
        *exhaustive("empty", "used"),
        pytest.param("migrated", marks=[pytest.mark.migrated, pytest.mark.exhaustive]),
        pytest.param("changed", marks=pytest.mark.migrated),
    ],
)
def test_it_says_what_the_migration_then_does(migration: Migration, target: str) -> None:
    if target == "backend":
        make_backend_tables(migration)
    if target == "used":
        use_backend(migration)
    if target == "changed":
        change(migration)
    plan = rehearsed(migration)
    outcome = migration.migrate("goals", "tasks")
    for table in ("goals", "tasks"):
        assert planned(plan, table) == done(outcome, table)
    audits = plan.metadata("migration_plan")["audits"]
    assert audits.count("| count |") == len(CONTRACTS)
    assert "FAILED" not in audits


def test_it_leaves_no_materialization_and_no_password_file(migration: Migration) -> None:
    outcome = rehearsed(migration)
    for asset in ("sqlite_backup", "admin_user", "pg_goals", "pg_tasks"):
        assert outcome.instance.get_latest_materialization_event(dg.AssetKey(asset)) is None
    home = migration.source.parent.parent / "home"
    assert not (home / "passwords").exists()


def test_it_deletes_no_password_file_where_the_account_cannot_be_created(
    migration: Migration,
) -> None:
    created = migration.materialize("sqlite_backup", "admin_user")
    file = Path(created.metadata("admin_user")["password_file"])
    migration.query("DELETE FROM users")
    migration.query("ALTER TABLE users ADD CHECK (username <> 'admin')")
    assert not rehearsed(migration).success
    assert file.exists()


@pytest.mark.migrated
def test_it_fails_where_the_migration_would_and_says_the_same(migration: Migration) -> None:
    migration.query("ALTER TABLE tasks ALTER user_id DROP NOT NULL")
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'another' WHERE id = 7")
    plan = rehearsed(migration)
    outcome = migration.run()
    assert not plan.success
    assert plan.sentences == outcome.sentences
    assert "Column tasks.user_id allows NULL" in plan.sentences[0]


@pytest.mark.migrated
def test_it_fails_where_a_check_would_of_a_table_with_nothing_to_write(
    migration: Migration,
) -> None:
    migration.query("ALTER TABLE tasks ALTER user_id DROP NOT NULL")
    plan = rehearsed(migration)
    outcome = migration.run()
    assert not outcome.success
    check = outcome.checks()["pg_tasks", "null_user_id"]
    assert not check.passed
    assert plan.sentences == [f"Check null_user_id of pg_tasks failed: {check.description}"]


def test_bad_rows_fail_it_with_their_list(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 7")
    plan = rehearsed(migration)
    assert not plan.success
    [sentence] = plan.sentences
    assert sentence == migration.run().checks()["sqlite_backup", "census"].description
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    assert planned(rehearsed(migration), "tasks")["inserted"] == 148


@pytest.mark.core
def test_users_of_the_tables_do_not_wait_for_it(migration: Migration) -> None:
    """Others read and write all the while: the rehearsal is held in its middle to see it."""
    use_backend(migration)
    migration.setenv(BIZY_LOCK_WAIT_SECONDS="0.5")
    connection = psycopg2.connect(migration.server.url(migration.database))
    with connection.cursor() as cursor:
        # A writer that has not ended yet would stop whatever locks the tables.
        cursor.execute("UPDATE tasks SET title = 'being edited' WHERE id = 901")
        cursor.execute("SELECT nextval('tasks_id_seq')")
        assert migration.run("dry_run").success
        cursor.execute("INSERT INTO tasks (user_id, title, created_at, updated_at) "
                       "VALUES (1, 'new', now(), now())")  # fmt: skip
    connection.commit()
    connection.close()


@pytest.mark.parametrize("job", ["dry_run", "rollback"])
def test_it_waits_for_another_run_and_names_it(migration: Migration, job: str) -> None:
    migration.setenv(BIZY_LOCK_WAIT_SECONDS="0.2")
    with held(migration):
        [sentence] = migration.run(job).sentences
    assert "Another run is writing to" in sentence
    assert "(bizy-assets run 12345678)" in sentence
