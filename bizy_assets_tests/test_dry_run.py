"""The job ``dry_run``: says what ``migrate`` would do, and leaves the target as it was."""

from bizy_assets_tests.conftest import Migration


def test_a_dry_run_on_an_empty_database_leaves_it_empty(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    outcome = migration.run("dry_run")
    assert outcome.success, outcome.sentences
    assert migration.server.dump(migration.database) == before
    assert "13" in outcome.metadata("migration_plan")["plan"]


def test_a_dry_run_on_a_migrated_database_leaves_it_as_it_was(migration: Migration) -> None:
    migration.migrate()
    before = migration.server.dump(migration.database)
    outcome = migration.run("dry_run")
    assert outcome.success, outcome.sentences
    assert migration.server.dump(migration.database) == before
