"""What an earlier load vouches for is not looked at twice, and nothing else is taken for it."""

import subprocess
from pathlib import Path

import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration

VOUCHED = "The file is unchanged since the last load."
WRITTEN_AT_ONCE = (
    "SELECT DISTINCT t.xmin = e.xmin FROM tasks t JOIN bizy_migration.ledger_tasks e USING (id)"
)
AS_LOADED = """
    SELECT l.table_name, count(*)
    FROM (SELECT 'goals' AS name, g.xmin, e.xmin AS entered, run
          FROM goals g JOIN bizy_migration.ledger_goals e USING (id)
          UNION ALL
          SELECT 'tasks', t.xmin, e.xmin, run
          FROM tasks t JOIN bizy_migration.ledger_tasks e USING (id)) AS row
    JOIN bizy_migration.loads l ON l.table_name = row.name AND l.run_id = row.run
    WHERE row.xmin = entered AND row.xmin::text = split_part(fingerprint, ' ', 4)
    GROUP BY 1 ORDER BY 1
"""
"""The numbers of rows whose hash no later run needs to compute."""


def vouched(migration: Migration) -> bool:
    """Migrates, and tells whether the census was spared."""
    census = migration.migrate().checks()["sqlite_backup", "census"]
    return VOUCHED in census.description


def counts(migration: Migration) -> tuple[int, int]:
    metadata = migration.migrate("goals", "tasks").metadata("pg_tasks")
    return metadata["unchanged"], metadata["preserved_edits"]


@pytest.mark.migrated
def test_the_same_bytes_need_one_census(migration: Migration) -> None:
    assert vouched(migration)
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'another' WHERE id = 7")
    assert [vouched(migration) for _ in range(2)] == [False, True]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_bytes_that_another_release_loaded_get_a_census(migration: Migration) -> None:
    migration.query("UPDATE bizy_migration.loads SET fingerprint = 'older ' || fingerprint")
    assert not vouched(migration)


def test_bytes_with_bad_rows_get_a_census_each_time(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 7")
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    for _ in range(2):
        event = migration.migrate().checks()["sqlite_backup", "census"]
        assert "1 value in 1 row" in event.description


@pytest.mark.migrated
def test_a_table_that_was_not_loaded_since_vouches_for_nothing(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET title = 'another' WHERE id = 1")
    assert migration.materialize("sqlite_backup", "admin_user", "pg_goals").success
    assert not vouched(migration)


@pytest.mark.exhaustive
@pytest.mark.core
@pytest.mark.migrated
def test_an_edit_is_seen_in_a_database_that_was_restored_at_once(migration: Migration) -> None:
    # There every row was written by one transaction, like its entry in the ledger.
    migration.query("UPDATE tasks SET title = 'edited there' WHERE id IN (7, 8)")
    server = migration.server
    copy = server.create_database(f"{migration.database}_restored")
    subprocess.run(
        [server.binaries / "psql", "--quiet", "--single-transaction", copy],
        input=server.dump(migration.database),
        check=True,
        capture_output=True,
        text=True,
    )
    migration.setenv(DATABASE_URL=copy)
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    # A load that does not look at the row must not make the next one believe in its entry.
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 7")
    assert counts(migration) == (147, 1)
    for priority in (1, 2):
        bizy_files.change(migration.source, f"UPDATE tasks SET priority = {priority} WHERE id = 7")
        assert counts(migration) == (147, 2)
    titles = migration.query("SELECT title FROM tasks WHERE id IN (7, 8)")
    assert titles == [("edited there",)] * 2


@pytest.mark.core
@pytest.mark.migrated
@pytest.mark.parametrize("statement", ["TRUNCATE {}", "DELETE FROM {}"])
def test_an_edit_is_seen_in_tables_that_were_restored_at_once(
    migration: Migration, tmp_path: Path, statement: str
) -> None:
    migration.query("UPDATE tasks SET title = 'edited there' WHERE id = 7")
    server, url = migration.server, migration.server.url(migration.database)
    dump = [server.binaries / "pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", url]
    subprocess.run(dump, check=True)
    tables = migration.query(
        "SELECT string_agg(format('%%I.%%I', schemaname, tablename), ', ') FROM pg_tables "
        "WHERE schemaname IN ('public', 'bizy_migration')"
    )[0][0]
    names = [tables] if statement.startswith("TRUNCATE") else tables.split(", ")
    emptied = "; ".join(statement.format(name) for name in names)
    migration.query(f"SET session_replication_role TO replica; {emptied}")
    restore = [
        server.binaries / "pg_restore", "--data-only", "--single-transaction",
        "--disable-triggers", f"--dbname={url}", tmp_path / "dump",
    ]  # fmt: skip
    subprocess.run(restore, check=True)
    assert migration.query(WRITTEN_AT_ONCE) == [(True,)]
    for title in ("new", "newer"):
        # A change of another row, so that all rows are merged.
        bizy_files.change(migration.source, f"UPDATE tasks SET title = '{title}' WHERE id = 8")
        assert counts(migration) == (147, 1)
    assert migration.query("SELECT title FROM tasks WHERE id = 7") == [("edited there",)]


@pytest.mark.parametrize("policy", ["keep", "move"])
def test_every_row_shows_the_transaction_of_its_load(migration: Migration, policy: str) -> None:
    migration.setenv(BIZY_ID_POLICY=policy)
    assert counts(migration) == (0, 0)
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'another' WHERE id = 7")
    for unchanged in (148, 149):
        assert counts(migration) == (unchanged, 0)
        assert migration.query(AS_LOADED) == [("goals", 13), ("tasks", 149)]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_column_that_was_dropped_and_made_again_is_an_edit_of_every_row(
    migration: Migration,
) -> None:
    # No row is written to by that.
    migration.query("ALTER TABLE tasks DROP notes, ADD notes text DEFAULT 'filled there'")
    assert [counts(migration) for _ in range(2)] == [(0, 149), (0, 149)]


@pytest.mark.exhaustive
@pytest.mark.core
def test_a_role_that_may_not_ask_for_the_server_loads_and_loads_again(
    migration: Migration,
) -> None:
    migration.query("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public")
    migration.query("CREATE ROLE curious LOGIN PASSWORD 'curious'")
    migration.query("GRANT CREATE, USAGE ON SCHEMA public TO curious")
    migration.query(f"GRANT CREATE ON DATABASE {migration.database} TO curious")
    url = migration.server.url(migration.database, user="curious", password="curious")
    migration.setenv(DATABASE_URL=url)
    assert [counts(migration) for _ in range(2)] == [(0, 0), (149, 0)]
