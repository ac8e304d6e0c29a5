"""The job ``rollback``: takes out what was migrated and nothing else."""

from bizy_assets_tests.conftest import Migration


def test_a_rollback_leaves_an_empty_database_as_it_was(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    migration.migrate()
    outcome = migration.run("rollback")
    assert outcome.success, outcome.sentences
    assert migration.server.dump(migration.database) == before
