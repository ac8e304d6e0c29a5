"""The first load of a table."""

import pytest

from bizy_assets_tests.support.migrations import Migration


@pytest.mark.core
@pytest.mark.migrated
def test_queries_of_a_newly_filled_table_are_planned_with_statistics(migration: Migration) -> None:
    analyzed = {tuple(row) for row in migration.query("SELECT schemaname, tablename FROM pg_stats")}
    # So few rows are never analyzed by PostgreSQL itself.
    assert {("public", "goals"), ("bizy_migration", "ledger_goals")} <= analyzed
