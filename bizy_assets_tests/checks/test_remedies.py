"""What failing checks advise works."""

import pytest

from bizy_assets.core.common import user_command
from bizy_assets_tests.support.migrations import Migration, Outcome


def failed_checks(outcome: Outcome) -> dict[tuple[str, str], str]:
    return {
        key: event.description
        for key, event in outcome.checks().items()
        if not event.passed and event.severity.value == "ERROR"
    }


@pytest.mark.core
@pytest.mark.migrated
def test_an_edit_is_restored_by_the_value_shown_or_accepted_by_a_migration(
    migration: Migration,
) -> None:
    edit = "UPDATE tasks SET title = 'by hand', estimated_hours = 3.25 WHERE id = 4"
    migration.query(edit)
    outcome = migration.run("verify")
    [(name, text)] = failed_checks(outcome).items()
    assert name == ("pg_tasks", "content")
    assert text.startswith("1 row has a different title (id 4). 1 row has a different estimated_")
    advice = f"start the job migrate (command: {user_command('migrate')}): it keeps edits"
    assert text.count(advice) == 1
    metadata = outcome.checks()[name].metadata
    assert advice in metadata["action"].value
    assert min(metadata) == "action"
    shown = metadata["first_differences"].records
    for record in shown:
        # As it is shown, a text in quotes.
        column, value = record.data["column"], record.data["source value"]
        migration.query(f"UPDATE tasks SET {column} = {value} WHERE id = 4")
    assert len(shown) == 2
    assert failed_checks(migration.run("verify")) == {}
    migration.query(edit)
    migration.load("goals", "tasks")
    assert failed_checks(migration.run("verify")) == {}
    assert migration.query("SELECT title FROM tasks WHERE id = 4") == [("by hand",)]


@pytest.mark.migrated
def test_a_deletion_is_accepted_by_a_migration_or_undone_by_a_rollback_and_a_migration(
    migration: Migration,
) -> None:
    migration.query("DELETE FROM tasks WHERE id = 5")
    text = failed_checks(migration.run("verify"))["pg_tasks", "count"]
    assert "Otherwise undo the deletion: start the job rollback" in text
    migration.load("goals", "tasks")
    assert failed_checks(migration.run("verify")) == {}
    assert migration.query("SELECT count(*) FROM tasks WHERE id = 5") == [(0,)]
    assert migration.run("rollback").success
    migration.load()
    assert failed_checks(migration.run("verify")) == {}
    assert migration.query("SELECT count(*) FROM tasks WHERE id = 5") == [(1,)]


@pytest.mark.migrated
def test_keys_sequences_and_required_columns_are_repaired_as_advised(migration: Migration) -> None:
    migration.query(
        "ALTER TABLE tasks ALTER user_id DROP NOT NULL, ALTER id DROP DEFAULT, "
        "DROP CONSTRAINT tasks_user_id_fkey; "
        "ALTER TABLE tasks ADD CONSTRAINT mine FOREIGN KEY (user_id) REFERENCES users NOT VALID; "
        "ALTER TABLE research DROP CONSTRAINT research_user_id_fkey; "
        "UPDATE tasks SET user_id = NULL WHERE id = 8; "
        "SELECT setval('goals_id_seq', 2)"
    )
    found = failed_checks(migration.run("verify"))
    assert (
        "The foreign key mine of tasks.user_id is not validated; drop it"
        in found["pg_tasks", "orphan_fk"]
    )
    assert "Set user_id to 1 there." in found["pg_tasks", "null_user_id"]
    migration.query(
        "UPDATE tasks SET user_id = 1 WHERE id = 8; ALTER TABLE tasks ALTER user_id SET NOT NULL; "
        "ALTER TABLE tasks ALTER id SET DEFAULT nextval('tasks_id_seq'); "
        "ALTER TABLE tasks DROP CONSTRAINT mine"
    )
    migration.load()
    assert failed_checks(migration.run("verify")) == {}


@pytest.mark.migrated
def test_after_a_rollback_a_verification_has_one_sentence(migration: Migration) -> None:
    migration.query("UPDATE tasks SET title = 'mine' WHERE id = 4")
    assert migration.run("rollback").success
    [sentence] = set(migration.run("verify").sentences)
    assert "was rolled back, except for rows that were edited, so there is nothing" in sentence
    command = user_command("rollback", "--keep-edited")
    assert f"the job rollback (command: {command})" in sentence
    config = {"ops": {"roll_back": {"config": {"keep_edited": True}}}}
    assert migration.run("rollback", run_config=config).success
    [sentence] = set(migration.run("verify").sentences)
    assert sentence.startswith("The Bizy file was never loaded into 127.0.0.1")
