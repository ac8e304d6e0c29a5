"""Running again: nothing changes without a reason, and what changed arrives."""

from datetime import datetime

import pytest

from bizy_assets.core.contracts import BY_TABLE, CONTRACTS, Column, Contract, Kind, Rule
from bizy_assets_tests import bizy_files
from bizy_assets_tests.conftest import Migration

OTHER = {
    Kind.INTEGER: 7,
    Kind.FLOAT: 7.5,
    Kind.TEXT: "seven",
    Kind.JSON: "[7]",
    Kind.BOOLEAN: 0,
    Kind.TIMESTAMP: "2025-07-07 00:00:00.000000",
}
"""For each kind, what no row of the builder's holds."""


def is_plain(column: Column) -> bool:
    return column.name != "id" and column.rule is not Rule.PARENT


def versions(migration: Migration) -> dict[str, list[tuple[object, ...]]]:
    """Returns every row with the transaction that wrote it and its place on disk."""
    return {
        table: migration.query(f"SELECT xmin::text, ctid::text, id FROM {table}")
        for table in ("users", *BY_TABLE)
    }


def test_an_unchanged_source_changes_no_row(migration: Migration) -> None:
    migration.migrate()
    before = versions(migration)
    outcome = migration.migrate()
    assert versions(migration) == before
    counts = {"tasks": 149, "goals": 13, "daily_logs": 11, "research": 9, "metrics": 14}
    for table, count in {**counts, "business_plans": 2}.items():
        metadata = outcome.metadata(f"pg_{table}")
        assert (metadata["unchanged"], metadata["inserted"]) == (count, 0)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.table)
def test_a_changed_cell_of_each_kind_arrives_and_touches_no_other_row(
    migration: Migration, contract: Contract
) -> None:
    table = contract.table
    migration.source.unlink()
    columns = {column.kind: column for column in contract.source_columns if is_plain(column)}
    bizy_files.make(migration.source, **{table: [{} for _ in range(len(columns) + 1)]})
    migration.migrate()
    before = {row[2]: row for row in versions(migration)[table]}
    for number, column in enumerate(columns.values(), 1):
        bizy_files.change(
            migration.source,
            f"UPDATE {table} SET {column.name} = ? WHERE id = ?", OTHER[column.kind], number,
        )  # fmt: skip
    outcome = migration.migrate()
    metadata = outcome.metadata(f"pg_{table}")
    assert (metadata["updated"], metadata["unchanged"]) == (len(columns), 1)
    after = {row[2]: row for row in versions(migration)[table]}
    assert {number for number in after if after[number] == before[number]} == {len(columns) + 1}
    assert outcome.checks()[f"pg_{table}", "content"].passed


def test_changed_and_new_rows_arrive_and_the_others_stay(migration: Migration) -> None:
    migration.migrate()
    before = {row[2]: row for row in versions(migration)["tasks"]}
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'changed' WHERE id IN (4, 9)")
    bizy_files.change(
        migration.source,
        "INSERT INTO tasks (id, title, created_at) VALUES (200, 'new', '2025-11-01 12:00:00')",
    )
    outcome = migration.migrate()
    metadata = outcome.metadata("pg_tasks")
    assert (metadata["inserted"], metadata["updated"], metadata["unchanged"]) == (1, 2, 147)
    after = {row[2]: row for row in versions(migration)["tasks"]}
    assert {number for number in after if after[number] != before.get(number)} == {4, 9, 200}
    assert migration.query("SELECT title FROM tasks WHERE id IN (4, 9)") == [("changed",)] * 2


def test_a_missing_time_keeps_what_the_first_run_gave_it(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET created_at = NULL WHERE id = 3")
    migration.migrate()
    repairs = "SELECT written FROM bizy_migration.repairs WHERE rule = 'missing_timestamp'"
    given = migration.query("SELECT created_at FROM goals WHERE id = 3"), migration.query(repairs)
    outcome = migration.migrate()
    assert outcome.metadata("pg_goals")["unchanged"] == 13
    again = migration.query("SELECT created_at FROM goals WHERE id = 3"), migration.query(repairs)
    assert again == given


def test_a_time_that_bizy_lost_keeps_what_was_loaded(migration: Migration) -> None:
    migration.migrate()
    before = migration.query("SELECT created_at FROM tasks WHERE id = 5")
    bizy_files.change(migration.source, "UPDATE tasks SET created_at = NULL WHERE id = 5")
    migration.migrate()
    assert migration.query("SELECT created_at FROM tasks WHERE id = 5") == before
    assert migration.run("verify").success


def test_a_moved_source_goes_on_as_the_same(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET created_at = NULL WHERE id = 3")
    migration.migrate()
    moved = migration.source.rename(migration.source.with_name("moved.db"))
    migration.setenv(SQLITE_DB_PATH=str(moved))
    outcome = migration.migrate()
    assert outcome.metadata("pg_goals")["unchanged"] == 13
    assert migration.query("SELECT DISTINCT source FROM bizy_migration.repairs") == [(str(moved),)]


def test_a_repaired_row_is_no_longer_listed(migration: Migration) -> None:
    migration.migrate()
    listed = "SELECT count(*) FROM bizy_migration.repairs WHERE table_name = 'tasks'"
    assert migration.query(listed) == [(14,)]
    bizy_files.change(
        migration.source,
        "UPDATE tasks SET parent_goal_id = NULL "
        "WHERE parent_goal_id NOT IN (SELECT id FROM goals) AND id < 100",
    )
    migration.migrate()
    left = bizy_files.rows(
        migration.source,
        "tasks WHERE parent_goal_id NOT IN (SELECT id FROM goals)",
        "count(*)",
    )
    assert migration.query(listed) == left


def test_the_last_possible_id_leaves_the_next_row_a_free_one(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET id = 2147483647 WHERE id = 77")
    for _ in range(2):
        outcome = migration.migrate()
        assert outcome.checks()["pg_tasks", "sequence"].passed
    assert migration.query("SELECT nextval('tasks_id_seq')") == [(150,)]


def test_another_zone_moves_local_times_only(migration: Migration) -> None:
    migration.migrate()
    created = migration.query("SELECT id, created_at FROM goals ORDER BY id")
    [(done,)] = migration.query("SELECT completed_at FROM tasks WHERE id = 1")
    migration.setenv(BIZY_SOURCE_TIMEZONE="UTC")
    migration.run()
    assert migration.query("SELECT id, created_at FROM goals ORDER BY id") == created
    assert done == datetime(2025, 3, 24, 23, 54, 20, 284264)
    assert migration.query("SELECT completed_at FROM tasks WHERE id = 1") == [
        (datetime(2025, 3, 24, 16, 54, 20, 284264),)
    ]


def test_rows_of_another_owner_are_never_replaced(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user", "pg_goals", "pg_tasks")
    migration.query(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (7, 'eve@example.org', 'eve', '', now(), now())"
    )
    migration.query("UPDATE tasks SET user_id = 7, title = 'hers' WHERE id IN (10, 11)")
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'changed'")
    outcome = migration.run()
    assert not outcome.success
    [sentence] = outcome.sentences
    assert "other users" in sentence
    assert "10, 11" in sentence
    assert migration.query("SELECT title FROM tasks WHERE user_id = 7") == [("hers",), ("hers",)]
    assert migration.query("SELECT count(*) FROM tasks WHERE title = 'changed'") == [(0,)]
