"""A backend that keeps writing while a migration runs: its writes are no errors of the load."""

import dagster as dg
import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration, Outcome, only

LATE_WRITES = """
    UPDATE goals SET title = 'edited late' WHERE id = 2;
    DELETE FROM goals WHERE id = 3;
    INSERT INTO goals (user_id, title, created_at, updated_at)
        SELECT user_id, 'new there', created_at, updated_at FROM goals WHERE id = 2
"""


def migrated_beside(migration: Migration, asset: str, writes: str, *tables: str) -> Outcome:
    """Runs the job while another session writes, between an asset's commit and its checks."""
    run_id = dg.DagsterRun("migrate").run_id

    def write(event: dg.EventLogEntry) -> None:
        entry = event.dagster_event
        if entry and entry.is_step_materialization and entry.asset_key == dg.AssetKey(asset):
            migration.query(writes)

    migration.instance.add_event_listener(run_id, write)
    return migration.run(run_id=run_id, asset_selection=only(*tables))


def texts(outcome: Outcome, asset: str) -> str:
    found = {n: e for (a, n), e in outcome.checks().items() if a == asset and not e.passed}
    assert {event.severity.value for event in found.values()} == {"WARN"}
    return " ".join(found[name].description for name in ("count", "content"))


@pytest.mark.core
def test_rows_written_after_the_commit_are_edits_to_migrate_until_verify_fails(
    migration: Migration,
) -> None:
    outcome = migrated_beside(migration, "pg_goals", LATE_WRITES, "goals", "tasks")
    assert outcome.success, outcome.sentences
    said = texts(outcome, "pg_goals")
    assert "1 row was edited in PostgreSQL (id 2); edits are preserved." in said
    assert "1 row was deleted in PostgreSQL (id 3); deletions are preserved." in said
    assert "1 row was edited in PostgreSQL in column title (id 2)" in said
    assert migration.query("SELECT count(*) FROM tasks WHERE parent_goal_id = 3") == [(0,)]
    # Edits since the last run are errors to the job verify, until the next run accepts them.
    migration.query("UPDATE goals SET title = 'edited after' WHERE id = 4")
    assert not migration.run("verify").success
    assert migrated_beside(migration, "pg_goals", "SELECT 1", "goals", "tasks").success
    checks = migration.run("verify").checks()
    assert checks["pg_goals", "content"].severity.value == "WARN"


@pytest.mark.migrated
def test_a_goal_deleted_beside_a_run_that_loads_nothing_takes_its_tasks_parents_along(
    migration: Migration,
) -> None:
    children = migration.query("SELECT id FROM tasks WHERE parent_goal_id = 2")
    assert children
    outcome = migrated_beside(
        migration, "pg_tasks", "DELETE FROM goals WHERE id = 2", "goals", "tasks"
    )
    assert outcome.success, outcome.sentences
    assert "in column parent_goal_id" in texts(outcome, "pg_tasks")


@pytest.mark.migrated
def test_a_value_that_the_load_itself_wrote_wrong_stays_an_error(migration: Migration) -> None:
    # The load's own transaction writes it, behind the load's back.
    migration.query(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN UPDATE public.goals SET title = 'spoilt' WHERE id = 4; RETURN NEW; END$$; "
        "CREATE TRIGGER spoil AFTER INSERT ON bizy_migration.loads "
        "FOR EACH ROW WHEN (NEW.table_name = 'goals') EXECUTE FUNCTION spoil()"
    )
    bizy_files.change(migration.source, "UPDATE goals SET title = 'changed' WHERE id = 4")
    outcome = migrated_beside(migration, "pg_goals", "SELECT 1", "goals")
    assert not outcome.success
    event = outcome.checks()["pg_goals", "content"]
    assert event.description.startswith("1 row has a different title (id 4).")
