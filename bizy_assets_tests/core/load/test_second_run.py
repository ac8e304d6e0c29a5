"""Running again: nothing changes without a reason, and what changed arrives."""

import shutil
from datetime import datetime
from typing import Any

import pytest

from bizy_assets.core.contracts.model import Column, Kind, Rule
from bizy_assets.core.contracts.tables import BY_TABLE, CONTRACTS
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import ADOPT, Migration, only

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


@pytest.mark.core
@pytest.mark.migrated
def test_an_unchanged_source_changes_no_row(migration: Migration) -> None:
    before = versions(migration)
    outcome = migration.migrate()
    assert versions(migration) == before
    counts = {"tasks": 149, "goals": 13, "daily_logs": 11, "research": 9, "metrics": 14}
    for table, count in {**counts, "business_plans": 2}.items():
        metadata = outcome.metadata(f"pg_{table}")
        assert (metadata["unchanged"], metadata["inserted"]) == (count, 0)


def test_a_changed_cell_of_each_kind_arrives_and_touches_no_other_row(migration: Migration) -> None:
    migration.source.unlink()
    columns = {
        contract.table: {
            column.kind: column for column in filter(is_plain, contract.source_columns)
        }
        for contract in CONTRACTS
    }
    rows: dict[str, list[dict[str, Any]]] = {t: [{}] * (len(c) + 1) for t, c in columns.items()}
    bizy_files.make(migration.source, **rows)
    migration.load()
    before = versions(migration)
    for table, kinds in columns.items():
        for number, column in enumerate(kinds.values(), 1):
            bizy_files.change(
                migration.source,
                f"UPDATE {table} SET {column.name} = ? WHERE id = ?", OTHER[column.kind], number,
            )  # fmt: skip
    outcome = migration.migrate()
    after = versions(migration)
    for table, kinds in columns.items():
        metadata = outcome.metadata(f"pg_{table}")
        assert (metadata["updated"], metadata["unchanged"]) == (len(kinds), 1)
        assert {row[2] for row in after[table] if row in before[table]} == {len(kinds) + 1}
        assert len(after[table]) == len(before[table])
        assert outcome.checks()[f"pg_{table}", "content"].passed


@pytest.mark.migrated
def test_changed_and_new_rows_arrive_and_the_others_stay(migration: Migration) -> None:
    before = {row[2]: row for row in versions(migration)["tasks"]}
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'changed' WHERE id IN (4, 9)")
    bizy_files.change(
        migration.source,
        "INSERT INTO tasks (id, title, created_at) VALUES (200, 'new', '2025-11-01 12:00:00')",
    )
    outcome = migration.migrate("goals", "tasks")
    metadata = outcome.metadata("pg_tasks")
    assert (metadata["inserted"], metadata["updated"], metadata["unchanged"]) == (1, 2, 147)
    after = {row[2]: row for row in versions(migration)["tasks"]}
    assert {number for number in after if after[number] != before.get(number)} == {4, 9, 200}
    assert migration.query("SELECT title FROM tasks WHERE id IN (4, 9)") == [("changed",)] * 2


def test_a_missing_time_keeps_what_the_first_run_gave_it(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET created_at = NULL WHERE id = 3")
    migration.load("goals", "tasks")
    repairs = "SELECT written FROM bizy_migration.repairs WHERE rule = 'missing_timestamp'"
    given = migration.query("SELECT created_at FROM goals WHERE id = 3"), migration.query(repairs)
    outcome = migration.migrate("goals", "tasks")
    assert outcome.metadata("pg_goals")["unchanged"] == 13
    again = migration.query("SELECT created_at FROM goals WHERE id = 3"), migration.query(repairs)
    assert again == given


@pytest.mark.migrated
def test_a_time_that_bizy_lost_keeps_what_was_loaded(migration: Migration) -> None:
    before = migration.query("SELECT created_at FROM tasks WHERE id = 5")
    bizy_files.change(migration.source, "UPDATE tasks SET created_at = NULL WHERE id = 5")
    migration.load("goals", "tasks")
    assert migration.query("SELECT created_at FROM tasks WHERE id = 5") == before
    assert migration.run("verify").success


def test_a_moved_source_goes_on_as_the_same(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET created_at = NULL WHERE id = 3")
    migration.load("goals", "tasks")
    moved = migration.source.rename(migration.source.with_name("moved.db"))
    migration.setenv(SQLITE_DB_PATH=str(moved))
    outcome = migration.run(run_config=ADOPT, asset_selection=only("goals", "tasks"))
    assert outcome.success, outcome.sentences
    assert outcome.metadata("pg_goals")["unchanged"] == 13
    assert migration.query(
        "SELECT DISTINCT key FROM bizy_migration.repairs JOIN bizy_migration.sources "
        "ON id = source_id"
    ) == [(str(moved),)]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_source_whose_rows_another_one_adopted_is_not_taken_for_unchanged(
    migration: Migration,
) -> None:
    copy = migration.source.with_name("copy.db")
    shutil.copy(migration.source, copy)
    migration.setenv(SQLITE_DB_PATH=str(copy))
    assert migration.run(run_config=ADOPT, asset_selection=only("goals", "tasks")).success
    migration.setenv(SQLITE_DB_PATH=str(migration.source))
    outcome = migration.run(asset_selection=only("goals", "tasks"))
    assert not outcome.success
    assert f"were written from {copy}" in outcome.sentences[0]


@pytest.mark.migrated
def test_a_repaired_row_is_no_longer_listed(migration: Migration) -> None:
    listed = "SELECT count(*) FROM bizy_migration.repairs WHERE table_name = 'tasks'"
    assert migration.query(listed) == [(14,)]
    bizy_files.change(
        migration.source,
        "UPDATE tasks SET parent_goal_id = NULL "
        "WHERE parent_goal_id NOT IN (SELECT id FROM goals) AND id < 100",
    )
    migration.prove("goals", "tasks")
    left = bizy_files.rows(
        migration.source,
        "tasks WHERE parent_goal_id NOT IN (SELECT id FROM goals)",
        "count(*)",
    )
    assert migration.query(listed) == left


@pytest.mark.exhaustive
@pytest.mark.usefixtures("_sparse_ids")
def test_the_last_possible_id_leaves_the_next_row_a_free_one(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET id = 2147483647 WHERE id = 77")
    for _ in range(2):
        outcome = migration.migrate("goals", "tasks")
        assert outcome.checks()["pg_tasks", "sequence"].passed
    assert migration.query("SELECT nextval('tasks_id_seq')") == [(150,)]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_another_zone_moves_local_times_only(migration: Migration) -> None:
    created = migration.query("SELECT id, created_at FROM goals ORDER BY id")
    [(done,)] = migration.query("SELECT completed_at FROM tasks WHERE id = 1")
    migration.setenv(BIZY_SOURCE_TIMEZONE="UTC")
    migration.run()
    assert migration.query("SELECT id, created_at FROM goals ORDER BY id") == created
    assert done == datetime(2025, 3, 24, 23, 54, 20, 284264)
    assert migration.query("SELECT completed_at FROM tasks WHERE id = 1") == [
        (datetime(2025, 3, 24, 16, 54, 20, 284264),)
    ]


@pytest.mark.core
@pytest.mark.migrated
def test_what_others_did_in_postgresql_stays_and_is_drift(migration: Migration) -> None:
    migration.query("UPDATE tasks SET title = 'edited there' WHERE id = 7")
    migration.query("DELETE FROM tasks WHERE id = 8")
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'edited here' WHERE id < 10")
    outcome = migration.migrate()
    metadata = outcome.metadata("pg_tasks")
    counts = [
        metadata[name]
        for name in ("updated", "unchanged", "preserved_edits", "preserved_deletions")
    ]
    assert counts == [7, 140, 1, 1]
    titles = migration.query("SELECT id, title FROM tasks WHERE id IN (7, 8, 9)")
    assert titles == [(7, "edited there"), (9, "edited here")]
    warned = {name: event for name, event in outcome.checks().items() if not event.passed}
    assert (
        "was edited in PostgreSQL (id 7); edits are preserved."
        in warned["pg_tasks", "count"].description
    )
    assert (
        "was deleted in PostgreSQL (id 8); deletions are preserved."
        in warned["pg_tasks", "count"].description
    )
    assert "was edited in PostgreSQL in column title" in warned["pg_tasks", "content"].description
    assert {event.severity.value for event in warned.values()} == {"WARN"}
    assert migration.run("verify").success


@pytest.mark.migrated
def test_drift_beside_a_wrong_cell_is_told_apart(migration: Migration) -> None:
    migration.query("UPDATE tasks SET title = 'edited there' WHERE id = 7")
    migration.load("goals", "tasks")
    migration.query("UPDATE tasks SET title = 'broken' WHERE id = 9")
    event = migration.run("verify").checks()["pg_tasks", "content"]
    assert event.severity.value == "ERROR"
    assert event.description.startswith("1 row has a different title (id 9).")
    assert "in column title (id 7); edits are preserved." in event.description


@pytest.mark.core
@pytest.mark.migrated
def test_rows_that_bizy_deleted_go_unless_they_were_edited(migration: Migration) -> None:
    migration.query("UPDATE tasks SET title = 'edited there' WHERE id = 7")
    migration.query("DELETE FROM tasks WHERE id = 8")
    bizy_files.change(migration.source, "DELETE FROM tasks WHERE id IN (6, 7, 8)")
    outcome = migration.migrate("goals", "tasks")
    metadata = outcome.metadata("pg_tasks")
    assert (metadata["deleted"], metadata["retained"], metadata["unchanged"]) == (1, 1, 146)
    assert migration.query("SELECT id FROM tasks WHERE id IN (6, 7, 8)") == [(7,)]
    assert (
        "1 row was deleted in Bizy but edited" in outcome.checks()["pg_tasks", "count"].description
    )
    entries = "SELECT id, state FROM bizy_migration.ledger_tasks WHERE id IN (6, 7, 8)"
    assert migration.query(entries) == [(7, "edited")]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_goal_that_bizy_deleted_makes_no_edits_of_its_tasks(migration: Migration) -> None:
    children = migration.query("SELECT id FROM tasks WHERE parent_goal_id = 1")
    assert children
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 1")
    metadata = migration.migrate("goals", "tasks").metadata("pg_tasks")
    assert (metadata["preserved_edits"], metadata["updated"], metadata["unchanged"]) == (0, 0, 149)
    bizy_files.change(
        migration.source, "UPDATE tasks SET title = 'changed' WHERE parent_goal_id = 1"
    )
    assert migration.migrate("goals", "tasks").metadata("pg_tasks")["updated"] == len(children)


@pytest.mark.core
@pytest.mark.migrated
def test_a_goal_that_others_deleted_makes_orphans(migration: Migration) -> None:
    children = migration.query("SELECT id FROM tasks WHERE parent_goal_id = 1 ORDER BY id")
    before = versions(migration)["tasks"]
    migration.query("DELETE FROM goals WHERE id = 1")
    touched = versions(migration)["tasks"]
    metadata = migration.migrate("goals", "tasks").metadata("pg_tasks")
    assert (metadata["preserved_edits"], metadata["unchanged"]) == (0, 149)
    assert versions(migration)["tasks"] == touched != before
    orphans = migration.query(
        "SELECT row_id FROM bizy_migration.repairs WHERE rule = 'orphan_parent' AND raw = '1' "
        "AND table_name = 'tasks' ORDER BY 1"
    )
    assert orphans == children


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_goal_that_others_put_back_gets_its_tasks_again(migration: Migration) -> None:
    children = migration.query("SELECT id FROM tasks WHERE parent_goal_id = 1 ORDER BY id")
    migration.query("CREATE TABLE kept AS SELECT * FROM goals WHERE id = 1")
    migration.query("DELETE FROM goals WHERE id = 1")
    migration.load("goals", "tasks")
    migration.query("INSERT INTO goals SELECT * FROM kept")
    migration.prove("goals", "tasks")
    assert migration.query("SELECT id FROM tasks WHERE parent_goal_id = 1 ORDER BY 1") == children


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_row_edited_to_what_bizy_says_counts_as_written(migration: Migration) -> None:
    migration.query("UPDATE tasks SET title = 'agreed', updated_at = '2030-01-01' WHERE id = 7")
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'agreed' WHERE id = 7")
    before = versions(migration)["tasks"]
    outcome = migration.migrate("goals", "tasks")
    assert outcome.metadata("pg_tasks")["unchanged"] == 149
    assert outcome.checks()["pg_tasks", "content"].passed
    assert versions(migration)["tasks"] == before
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'changed' WHERE id = 7")
    assert migration.migrate("goals", "tasks").metadata("pg_tasks")["updated"] == 1


@pytest.mark.exhaustive
@pytest.mark.core
@pytest.mark.migrated
def test_the_hash_knows_neither_columns_of_others_nor_their_order(migration: Migration) -> None:
    migration.query(
        "ALTER TABLE tasks ADD later integer DEFAULT 5; "
        "ALTER TABLE tasks ADD copy text; UPDATE tasks SET copy = notes; "
        "ALTER TABLE tasks DROP notes; ALTER TABLE tasks RENAME copy TO notes"
    )
    migration.query(
        f"ALTER DATABASE {migration.database} SET datestyle = 'SQL'; "
        f"ALTER DATABASE {migration.database} SET extra_float_digits = -10; "
        f"ALTER DATABASE {migration.database} SET client_encoding = 'LATIN1'; "
        f"ALTER DATABASE {migration.database} SET bytea_output = 'escape'"
    )
    outcome = migration.migrate("goals", "tasks")
    assert outcome.metadata("pg_tasks")["unchanged"] == 149
    assert outcome.metadata("pg_tasks")["preserved_edits"] == 0


@pytest.mark.migrated
def test_a_quarantined_row_that_was_loaded_before_is_not_deleted(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 7")
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    assert migration.migrate("goals", "tasks").metadata("pg_tasks")["deleted"] == 0
    assert migration.query("SELECT count(*) FROM tasks WHERE id = 7") == [(1,)]


@pytest.mark.migrated
def test_another_owner_is_refused_for_what_was_migrated(migration: Migration) -> None:
    before = versions(migration)
    migration.setenv(DEFAULT_USER_EMAIL="eve@example.org", DEFAULT_USER_USERNAME="eve")
    sentence = migration.run().sentences[0]
    assert "was migrated from" in sentence
    assert "for user 1, but this run is for a new user" in sentence
    assert versions(migration) == before


@pytest.mark.migrated
def test_the_runs_are_written_down_with_their_outcome(migration: Migration) -> None:
    migration.query("ALTER TABLE goals ALTER user_id DROP NOT NULL")
    assert not migration.run().success
    runs = migration.query(
        "SELECT key, zone, outcome, ended_at >= started_at, length(snapshot_sha256) "
        "FROM bizy_migration.runs JOIN bizy_migration.sources ON sources.id = source_id "
        "ORDER BY runs.id"
    )
    where = (str(migration.source), "America/Los_Angeles")
    assert runs == [(*where, "completed", True, 64), (*where, "failed", True, 64)]


@pytest.mark.migrated
def test_an_unchanged_source_writes_nothing_to_disk_but_its_own_record(
    migration: Migration,
) -> None:
    written = (
        "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables "
        "WHERE relname IN ('goals', 'tasks', 'users', 'ledger_goals', 'ledger_tasks', 'repairs') "
        "ORDER BY 1"
    )
    migration.query("SELECT pg_stat_force_next_flush()")
    before = migration.query(written)
    migration.prove()
    migration.query("SELECT pg_stat_force_next_flush()")
    assert migration.query(written) == before


def second_source(migration: Migration, **rows: list[dict[str, object]]) -> None:
    """Goes on with another Bizy file."""
    path = bizy_files.make(migration.source.with_name("second.db"), **rows)
    migration.setenv(SQLITE_DB_PATH=str(path))


@pytest.mark.migrated
def test_two_sources_with_other_ids_live_side_by_side(migration: Migration) -> None:
    first = versions(migration)
    second_source(migration, goals=[{"id": 500}], tasks=[{"id": 500, "parent_goal_id": 500}])
    migration.load("goals", "tasks")
    after = versions(migration)
    for table in ("goals", "tasks"):
        assert [row for row in after[table] if row[2] != 500] == first[table]
    assert migration.run("rollback").success
    assert migration.tables() == set()


@pytest.mark.migrated
def test_two_sources_with_the_same_ids_are_refused(migration: Migration) -> None:
    before = versions(migration)
    second_source(migration, goals=[{"id": 3}, {"id": 500}])
    [sentence] = migration.run(asset_selection=only("goals", "tasks")).sentences
    assert f"written from {migration.source}: 3. Nothing was changed" in sentence
    assert versions(migration) == before


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_row_that_another_source_lost_is_a_parent_again(migration: Migration) -> None:
    migration.query("DELETE FROM goals WHERE id = 3")
    migration.load("goals", "tasks")
    second_source(migration, goals=[{"id": 3}, {"id": 500, "parent_goal_id": 3}])
    migration.prove("goals", "tasks")
    assert migration.query("SELECT parent_goal_id FROM goals WHERE id = 500") == [(3,)]


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_edits_of_another_sources_rows_are_no_drift(migration: Migration) -> None:
    migration.query("UPDATE goals SET title = 'edited' WHERE id = 3")
    migration.load("goals", "tasks")
    second_source(migration, goals=[{"id": 500}])
    assert migration.migrate("goals", "tasks").checks()["pg_goals", "count"].passed


@pytest.mark.exhaustive
def test_a_row_that_both_sources_had_is_taken_over_with_its_repairs(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET created_at = NULL WHERE id IN (3, 4)")
    migration.load("goals", "tasks")
    migration.query("DELETE FROM goals WHERE id = 3")
    second_source(migration, goals=[{"id": 3, "created_at": None}])
    migration.load("goals", "tasks")
    second = migration.source.with_name("second.db")
    bizy_files.change(
        second, "INSERT INTO goals (id, title, updated_at) VALUES (4, 'x', '2025-11-01 12:00:00')"
    )
    outcome = migration.run(run_config=ADOPT, asset_selection=only("goals", "tasks"))
    assert outcome.success, outcome.sentences
    listed = (
        "SELECT key, row_id FROM bizy_migration.repairs JOIN bizy_migration.sources "
        "ON id = source_id WHERE column_name = 'created_at'"
    )
    assert {(str(second), 3), (str(second), 4)} <= set(migration.query(listed))


def days(migration: Migration) -> list[tuple[Any, ...]]:
    return migration.query("SELECT id, date::date::text, notes FROM daily_logs ORDER BY id")


@pytest.mark.exhaustive
def test_days_may_change_places(migration: Migration) -> None:
    logs = [{"id": number, "date": bizy_files.day(number)} for number in (1, 2, 3, 4)]
    bizy_files.make(migration.source.with_name("days.db"), daily_logs=logs)
    migration.setenv(SQLITE_DB_PATH=str(migration.source.with_name("days.db")))
    migration.load("daily_logs")
    before = [day for _, day, _ in days(migration)]
    source = migration.source.with_name("days.db")
    for number, other in ((1, 9), (2, 1), (3, 2), (1, 3)):
        bizy_files.change(
            source, "UPDATE daily_logs SET date = ? WHERE id = ?", bizy_files.day(other), number
        )
    bizy_files.change(source, "DELETE FROM daily_logs WHERE id = 4")
    bizy_files.change(source, "INSERT INTO daily_logs (id, date) VALUES (5, ?)", bizy_files.day(4))
    assert migration.migrate("daily_logs").metadata("pg_daily_logs")["updated"] == 3
    after = [(number, day) for number, day, _ in days(migration)]
    assert after == [(1, before[2]), (2, before[0]), (3, before[1]), (5, before[3])]


def test_a_day_that_somebody_entered_in_postgresql_is_refused_by_id(migration: Migration) -> None:
    source = bizy_files.make(
        migration.source.with_name("days.db"), daily_logs=[{"id": 1, "date": bizy_files.day(1)}]
    )
    migration.setenv(SQLITE_DB_PATH=str(source))
    migration.load("daily_logs")
    migration.query(
        "INSERT INTO daily_logs (id, user_id, date, notes) "
        "SELECT 50, user_id, date + interval '1 day', 'mine' FROM daily_logs"
    )
    before = days(migration)
    bizy_files.change(source, "INSERT INTO daily_logs (id, date) VALUES (2, ?)", bizy_files.day(2))
    [sentence] = migration.run().sentences
    assert "has rows with the same date as other rows of Bizy: 2." in sentence
    assert days(migration) == before


def test_indexes_and_keys_of_a_table_without_rows_stay(migration: Migration) -> None:
    bizy_files.change(migration.source, "DELETE FROM research")
    migration.prove("research")
    objects = (
        "SELECT conname::text, oid FROM pg_constraint WHERE conrelid = 'research'::regclass UNION "
        "SELECT indexrelid::regclass::text, indexrelid FROM pg_index "
        "WHERE indrelid = 'research'::regclass ORDER BY 1"
    )
    before = migration.query(objects)
    assert {"fk_research_user_id_users", "ix_research_user_id"} & {name for name, _ in before}
    migration.prove("research")
    assert migration.query(objects) == before
