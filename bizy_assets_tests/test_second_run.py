"""Running again: nothing changes without a reason, and what changed arrives."""

from datetime import datetime

from bizy_assets_tests import bizy_files
from bizy_assets_tests.conftest import ADOPT, Migration


def versions(migration: Migration) -> dict[str, list[tuple[object, ...]]]:
    """Returns every row with the transaction that wrote it and its place on disk."""
    return {
        table: migration.query(f"SELECT xmin::text, ctid::text, id, updated_at FROM {table}")
        for table in ("goals", "tasks", "users")
    }


def test_an_unchanged_source_changes_no_row(migration: Migration) -> None:
    migration.migrate()
    before = versions(migration)
    outcome = migration.migrate()
    assert versions(migration) == before
    assert outcome.metadata("pg_tasks")["unchanged"] == 149
    assert outcome.metadata("pg_tasks")["inserted"] == 0


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
    outcome = migration.run(run_config=ADOPT)
    assert outcome.success, outcome.sentences
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


def second_source(migration: Migration, **rows: list[dict[str, object]]) -> None:
    """Goes on with another Bizy file."""
    path = bizy_files.make(migration.source.with_name("second.db"), **rows)
    migration.setenv(SQLITE_DB_PATH=str(path))


def test_two_sources_with_other_ids_live_side_by_side(migration: Migration) -> None:
    migration.migrate()
    first = versions(migration)
    second_source(migration, goals=[{"id": 500}], tasks=[{"id": 500, "parent_goal_id": 500}])
    migration.migrate()
    after = versions(migration)
    for table in ("goals", "tasks"):
        assert [row for row in after[table] if row[2] != 500] == first[table]
    assert migration.run("rollback").success
    assert migration.tables() == set()


def test_two_sources_with_the_same_ids_are_refused(migration: Migration) -> None:
    migration.migrate()
    before = versions(migration)
    second_source(migration, goals=[{"id": 3}, {"id": 500}])
    [sentence] = migration.run().sentences
    assert f"written from {migration.source}: 3; nothing was changed" in sentence
    assert versions(migration) == before


def test_a_row_that_another_source_lost_is_a_parent_again(migration: Migration) -> None:
    migration.migrate()
    migration.query("DELETE FROM goals WHERE id = 3")
    migration.migrate()
    second_source(migration, goals=[{"id": 3}, {"id": 500, "parent_goal_id": 3}])
    migration.migrate()
    assert migration.query("SELECT parent_goal_id FROM goals WHERE id = 500") == [(3,)]


def test_edits_of_another_sources_rows_are_no_drift(migration: Migration) -> None:
    migration.migrate()
    migration.query("UPDATE goals SET title = 'edited' WHERE id = 3")
    migration.migrate()
    second_source(migration, goals=[{"id": 500}])
    assert migration.migrate().checks()["pg_goals", "count"].passed


def test_a_row_that_both_sources_had_is_taken_over_with_its_repairs(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET created_at = NULL WHERE id IN (3, 4)")
    migration.migrate()
    migration.query("DELETE FROM goals WHERE id = 3")
    second_source(migration, goals=[{"id": 3, "created_at": None}])
    migration.migrate()
    second = migration.source.with_name("second.db")
    bizy_files.change(
        second, "INSERT INTO goals (id, title, updated_at) VALUES (4, 'x', '2025-11-01 12:00:00')"
    )
    outcome = migration.run(run_config=ADOPT)
    assert outcome.success, outcome.sentences
    listed = "SELECT source, source_id FROM bizy_migration.repairs WHERE column_name = 'created_at'"
    assert {(str(second), 3), (str(second), 4)} <= set(migration.query(listed))
