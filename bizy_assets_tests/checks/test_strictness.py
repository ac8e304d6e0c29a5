"""Strict runs: a warning fails the run, but only after everything is loaded."""

import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration

STRICT = {"resources": {"target": {"config": {"strict": True}}}}


def test_a_strict_migration_fails_at_its_end_with_everything_loaded(migration: Migration) -> None:
    # A warning of goals, which tasks are loaded after.
    bizy_files.change(migration.source, "UPDATE goals SET target_date = '1999-12-31' WHERE id = 1")
    migration.setenv(BIZY_STRICT="true")
    outcome = migration.run()
    assert not outcome.success
    [sentence] = outcome.sentences
    assert sentence.startswith("Fix what 3 checks warned of, or unset BIZY_STRICT: ")
    assert "timestamps of pg_goals" in sentence
    assert "orphans of sqlite_backup" in sentence
    assert "Everything is loaded; only the strict setting" in sentence
    assert migration.query("SELECT count(*) FROM tasks") == [(149,)]
    # Its materialization is recorded, although the step failed.
    assert migration.metadata("migration_report")["checks_warned"] == 3
    assert {event.severity.value for event in outcome.checks().values() if not event.passed} == {
        "WARN"
    }


def test_a_strict_run_of_some_assets_fails_at_the_check_as_no_report_follows(
    migration: Migration,
) -> None:
    migration.setenv(BIZY_STRICT="true")
    outcome = migration.materialize("sqlite_backup", "admin_user", "pg_goals")
    assert not outcome.success
    check = outcome.checks()["sqlite_backup", "orphans"]
    assert (check.passed, check.severity.value) == (False, "ERROR")
    assert "public.goals" not in migration.tables()
    migration.setenv(BIZY_STRICT="false")
    assert migration.materialize("sqlite_backup", "admin_user", "pg_goals").success


@pytest.mark.migrated
def test_a_strict_verification_fails_where_another_warns(migration: Migration) -> None:
    assert migration.run("verify").success
    outcome = migration.run("verify", run_config=STRICT)
    assert not outcome.success
    failed = {key: e.severity.value for key, e in outcome.checks().items() if not e.passed}
    assert failed == {
        ("sqlite_backup", "orphans"): "ERROR",
        ("pg_tasks", "backend_accepts"): "ERROR",
    }
    # The others ran too.
    assert len(outcome.checks()) == 42


def test_an_invalid_setting_fails_the_run_before_it_loads(migration: Migration) -> None:
    migration.setenv(BIZY_STRICT="very")
    [sentence] = migration.run().sentences
    assert sentence == "BIZY_STRICT is 'very'; set it to true or false."
    assert migration.tables() == set()
