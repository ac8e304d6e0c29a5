"""Runs that re-execute others: which snapshot they check and load."""

import dagster as dg
import pytest

from bizy_assets.checks import snapshot_checks
from bizy_assets.definitions import defs
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration, Outcome, sentences_of

BREAK = "UPDATE tasks SET priority = 'high' WHERE id = 20"
FIX = "UPDATE tasks SET priority = 1 WHERE id = 20"
CENSUS = ("sqlite_backup", "census")
TITLE = "SELECT title FROM tasks WHERE id = 500"


def migrate_job() -> dg.JobDefinition:
    """Returns the job; Dagster reconstructs it by this function's name."""
    return defs.resolve_job_def("migrate")


def reexecute(migration: Migration, options: dg.ReexecutionOptions) -> Outcome:
    job = dg.reconstructable(migrate_job)
    with dg.execute_job(job, migration.instance, reexecution_options=options) as result:
        return Outcome(result.success, sentences_of(result), result, migration.instance)


def from_failure(migration: Migration, failed: Outcome) -> Outcome:
    options = dg.ReexecutionOptions.from_failure(failed.result.run_id, migration.instance)
    return reexecute(migration, options)


def failed_validation(migration: Migration) -> Outcome:
    """Runs a migration of a file with an invalid value, which is fixed afterwards."""
    bizy_files.change(migration.source, BREAK)
    failed = migration.run()
    assert not failed.success
    bizy_files.change(migration.source, FIX)
    return failed


def failed_load(migration: Migration) -> Outcome:
    """Runs a migration whose last table fails, for a reason that is removed afterwards."""
    bizy_files.change(
        migration.source,
        "INSERT INTO tasks (id, title, status) VALUES (500, 'at first', 'pending')",
    )
    migration.query("ALTER TABLE tasks ADD CONSTRAINT late CHECK (title <> 'at first')")
    failed = migration.run()
    [sentence] = failed.sentences
    assert "late" in sentence
    migration.query("ALTER TABLE tasks DROP CONSTRAINT late")
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'later' WHERE id = 500")
    return failed


@pytest.mark.migrated
def test_from_failure_validates_the_same_snapshot_and_asks_for_a_new_run(
    migration: Migration,
) -> None:
    failed = failed_validation(migration)
    before = migration.server.dump(migration.database)
    again = from_failure(migration, failed)
    assert not again.success
    first, second = failed.checks()[CENSUS], again.checks()[CENSUS]
    assert second.metadata["snapshot"] == first.metadata["snapshot"]
    assert not second.passed
    assert second.description == (
        f"{first.description} An earlier run took this snapshot. If you have changed the Bizy "
        "file since, start a new run."
    )
    assert migration.server.dump(migration.database) == before
    # Also when it is done once more.
    assert not from_failure(migration, again).checks()[CENSUS].passed


@pytest.mark.migrated
@pytest.mark.exhaustive
def test_all_steps_validate_and_load_a_new_snapshot(migration: Migration) -> None:
    failed = failed_validation(migration)
    again = reexecute(migration, dg.ReexecutionOptions(failed.result.run_id))
    assert again.success, again.sentences
    assert (
        again.checks()[CENSUS].metadata["snapshot"] != failed.checks()[CENSUS].metadata["snapshot"]
    )


@pytest.mark.migrated
def test_from_failure_continues_with_the_snapshot_of_the_failed_run(migration: Migration) -> None:
    failed = failed_load(migration)
    again = from_failure(migration, failed)
    assert again.success, again.sentences
    assert migration.query(TITLE) == [("at first",)]


@pytest.mark.migrated
@pytest.mark.exhaustive
def test_a_step_alone_takes_the_snapshot_of_the_run_it_was_part_of(migration: Migration) -> None:
    failed = failed_load(migration)
    options = dg.ReexecutionOptions(failed.result.run_id, ["checks_of_sqlite_backup", "pg_tasks"])
    again = reexecute(migration, options)
    assert again.success, again.sentences
    assert (
        again.checks()[CENSUS].metadata["snapshot"] == failed.checks()[CENSUS].metadata["snapshot"]
    )
    assert migration.query(TITLE) == [("at first",)]


@pytest.mark.migrated
def test_from_failure_never_goes_back_behind_a_later_snapshot(migration: Migration) -> None:
    failed = failed_load(migration)
    old = failed.metadata("sqlite_backup")["path"]
    migration.migrate()
    before = migration.server.dump(migration.database)
    again = from_failure(migration, failed)
    [sentence] = again.sentences
    assert sentence == (
        f"The snapshot {old} of the run that this one "
        f"re-executes is no longer the latest of {migration.source}; start a new run."
    )
    assert migration.server.dump(migration.database) == before
    assert migration.query(TITLE) == [("later",)]


@pytest.mark.migrated
def test_checks_of_a_run_that_loads_check_the_snapshot_that_it_loads(migration: Migration) -> None:
    bizy_files.change(migration.source, BREAK)
    latest = migration.materialize("sqlite_backup").metadata("sqlite_backup")["path"]
    # As the UI does with a selection of assets and checks.
    job = defs.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection={dg.AssetKey("pg_goals")},
        asset_check_selection={spec.key for spec in snapshot_checks.check_specs},
    )
    result = job.execute_in_process(instance=migration.instance, raise_on_error=False)
    outcome = Outcome(result.success, sentences_of(result), result, migration.instance)
    census = outcome.checks()[CENSUS]
    assert not census.passed
    assert census.metadata["snapshot"].value == latest
