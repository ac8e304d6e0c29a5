"""Rows that the ledger does not know: refused, taken over, or left out."""

import os
from pathlib import Path

import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import ADOPT, Migration, only

EVE = (
    "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
    "VALUES (7, 'eve@example.org', 'eve', '', now(), now())"
)


def forget(migration: Migration) -> None:
    """Makes the migrated target one that an older script filled: the same rows, and no ledger."""
    migration.query("DROP SCHEMA bizy_migration CASCADE")


def skipping(*, adopt: bool = False, **ids: list[int]) -> dict[str, object]:
    return {"resources": {"target": {"config": {"skip_ids": ids, "adopt": adopt}}}}


@pytest.mark.migrated
def test_rows_of_an_older_script_are_refused_with_the_ways_out(migration: Migration) -> None:
    forget(migration)
    before = migration.server.dump(migration.database)
    outcome = migration.run("dry_run")
    assert migration.server.dump(migration.database) == before
    [rehearsed] = outcome.sentences
    sentence = rehearsed
    assert sentence in migration.run().sentences
    assert "rows of the owner account with ids that" in sentence
    assert "written by another script or an earlier release: 1, 2, 3, 4, 5, 9," in sentence
    assert "adopt: true" in sentence
    assert "skip_ids: {goals: [...]}" in sentence


@pytest.mark.core
@pytest.mark.migrated
def test_adopting_corrects_and_shows_what_differed(migration: Migration) -> None:
    forget(migration)
    migration.query("UPDATE tasks SET created_at = created_at - interval '7 hours' WHERE id = 140")
    planned = migration.run("dry_run", run_config=ADOPT).metadata("migration_plan")
    outcome = migration.run(run_config=ADOPT, asset_selection=only("goals", "tasks"))
    assert outcome.success, outcome.sentences
    metadata = outcome.metadata("pg_tasks")
    assert (metadata["adopted"], metadata["updated"], metadata["unchanged"]) == (149, 1, 148)
    [record] = metadata["first_adopted_changes"].records
    assert (record.data["id"], record.data["column"]) == (140, "created_at")
    assert record.data["before"] < record.data["after"]
    assert [each.data for each in planned["tasks_first_adopted_changes"].records] == [record.data]
    for file in (Path(os.environ["BIZY_HOME"]) / "reports").glob("adopted_tasks_*.csv"):
        assert file.read_text().splitlines() == [
            "id,column,before,after",
            f"140,created_at,{record.data['before']},{record.data['after']}",
        ]
    assert outcome.checks()["pg_tasks", "content"].passed
    assert migration.migrate("goals", "tasks").metadata("pg_tasks")["unchanged"] == 149


@pytest.mark.migrated
def test_a_rollback_puts_adopted_rows_back(migration: Migration) -> None:
    forget(migration)
    migration.query("UPDATE tasks SET created_at = created_at - interval '7 hours' WHERE id = 140")
    rows = "SELECT tasks FROM tasks ORDER BY id", "SELECT goals FROM goals ORDER BY id"
    before = [migration.query(statement) for statement in rows]
    assert migration.run(run_config=ADOPT, asset_selection=only("goals", "tasks")).success
    bizy_files.change(migration.source, "DELETE FROM tasks WHERE id = 12")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 1")
    migration.load("goals", "tasks")
    assert migration.query(rows[0]) != before[0]
    outcome = migration.run("rollback")
    assert outcome.success, outcome.sentences
    assert [migration.query(statement) for statement in rows] == before


@pytest.mark.core
@pytest.mark.migrated
def test_rows_of_another_user_are_never_taken_over(migration: Migration) -> None:
    forget(migration)
    migration.query(EVE)
    migration.query("UPDATE tasks SET user_id = 7, title = 'hers' WHERE id IN (10, 11)")
    outcome = migration.run(run_config=ADOPT)
    assert not outcome.success
    [sentence] = set(outcome.sentences)
    assert "rows of other users with ids that Bizy uses too: 10, 11." in sentence
    assert "BIZY_ID_POLICY=move" in sentence
    assert migration.query("SELECT title FROM tasks WHERE user_id = 7") == [("hers",), ("hers",)]
    outcome = migration.run(run_config=skipping(adopt=True, tasks=[10, 11]))
    assert outcome.success, outcome.sentences
    assert outcome.metadata("pg_tasks")["rows_left_out"] == 2
    assert migration.query("SELECT title FROM tasks WHERE user_id = 7") == [("hers",), ("hers",)]
    kept_out = migration.query("SELECT row_id, rule FROM bizy_migration.rejected_rows ORDER BY 1")
    assert kept_out == [(10, "skipped_id"), (11, "skipped_id")]
    event = outcome.checks()["pg_tasks", "count"]
    assert "2 rows were left out, as skip_ids excludes them (ids 10, 11)." in event.description
    assert migration.run("verify").success


@pytest.mark.exhaustive
def test_children_of_a_skipped_goal_do_not_get_anothers(migration: Migration) -> None:
    migration.setenv(DEFAULT_USER_ID="1")
    before = migration.run(run_config=skipping(goals=[1]))
    assert before.success, before.sentences
    assert migration.query("SELECT count(*) FROM tasks WHERE parent_goal_id = 1") == [(0,)]
    assert migration.run("verify").success


@pytest.mark.exhaustive
@pytest.mark.core
@pytest.mark.migrated
def test_a_target_of_the_first_release_is_taken_over(migration: Migration) -> None:
    forget(migration)
    migration.query("CREATE SCHEMA bizy_migration")
    for name in ("loads", "repairs", "rejected_rows"):
        migration.query(f"CREATE TABLE bizy_migration.{name} (id integer)")
    sentences = migration.run().sentences
    assert sentences
    for sentence in sentences:
        assert "or an earlier release" in sentence
        assert "adopt: true" in sentence
    outcome = migration.run(run_config=ADOPT)
    assert outcome.success, outcome.sentences
    assert outcome.metadata("pg_tasks")["unchanged"] == 149


@pytest.mark.migrated
def test_a_target_of_a_later_release_is_refused(migration: Migration) -> None:
    migration.query("UPDATE bizy_migration.version SET number = 99")
    [sentence] = migration.run().sentences
    assert "created by a later release of bizy-assets (its version is 99" in sentence


def test_a_table_that_there_is_not_cannot_be_skipped(migration: Migration) -> None:
    outcome = migration.run(run_config=skipping(task=[1]))
    [sentence] = outcome.sentences
    assert "skip_ids names the table 'task', but the tables are goals, tasks" in sentence
    assert migration.tables() == set()
