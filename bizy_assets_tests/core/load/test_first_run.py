"""The first load of a table."""

import pytest
import sqlalchemy as sa

from bizy_assets.core.load.table_load import ensure_memory
from bizy_assets.core.postgres import connect, parse_url
from bizy_assets_tests.support.migrations import Migration


@pytest.mark.core
@pytest.mark.migrated
def test_queries_of_a_newly_filled_table_are_planned_with_statistics(migration: Migration) -> None:
    analyzed = {tuple(row) for row in migration.query("SELECT schemaname, tablename FROM pg_stats")}
    # So few rows are never analyzed by PostgreSQL itself.
    assert {("public", "goals"), ("bizy_migration", "ledger_goals")} <= analyzed


@pytest.mark.core
@pytest.mark.parametrize(("configured", "used"), [("1MB", "256MB"), ("300MB", "300MB")])
def test_a_load_keeps_memory_that_is_set_above_what_it_needs(
    migration: Migration, configured: str, used: str
) -> None:
    url = parse_url(migration.server.url(migration.database), variable="DATABASE_URL")
    with connect(url, purpose="test") as connection, connection.begin():
        connection.execute(sa.text(f"SET LOCAL maintenance_work_mem TO '{configured}'"))
        ensure_memory(connection)
        assert connection.scalar(sa.text("SHOW maintenance_work_mem")) == used
        assert connection.scalar(sa.text("SHOW work_mem")) == "64MB"
