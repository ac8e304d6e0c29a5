"""Every check: green on a good table, red with figures and ids where something is wrong."""

import re

import dagster as dg
import pytest

from bizy_assets.core.common import user_command
from bizy_assets.core.contracts.tables import BY_TABLE, CONTRACTS
from bizy_assets.definitions import defs
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.families import first_and_last
from bizy_assets_tests.support.migrations import Migration, Outcome, only


def check(outcome: Outcome, asset: str, name: str):
    found = outcome.checks()[asset, name]
    key = dg.AssetCheckKey(dg.AssetKey(asset), name)
    announced = defs.resolve_asset_graph().get(key).metadata["severity"]
    assert found.passed or found.severity.value in announced
    return found


def test_all_checks_of_a_good_migration_pass(migration: Migration) -> None:
    outcome = migration.migrate()
    failed = {name for name, event in outcome.checks().items() if not event.passed}
    # The sample has orphans, and tasks without a title.
    assert failed == {("sqlite_backup", "orphans"), ("pg_tasks", "backend_accepts")}
    # Three of the snapshot, six of each table, and one more of the two that the backend serves.
    assert len(outcome.checks()) == 4 + 6 * 6 + 2


@pytest.mark.core
@pytest.mark.migrated
def test_verify_writes_nothing(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    assert migration.run("verify").success
    assert migration.server.dump(migration.database) == before


@pytest.mark.migrated
def test_a_part_of_verify_fails_like_the_whole(migration: Migration) -> None:
    outcome = migration.run("verify", op_selection=["verdict"])
    assert outcome.sentences == [
        "Start the job again from its beginning: only 0 of 42 checks ran in this run."
    ]
    assert migration.run("verify", op_selection=["verify_pg_goals"]).success
    migration.query("UPDATE goals SET title = 'mine' WHERE id = 1")
    outcome = migration.run("verify", op_selection=["verify_pg_goals"])
    [reason] = outcome.sentences
    assert reason.startswith("Check content of pg_goals failed: ")


@pytest.mark.migrated
def test_verify_of_nothing_fails_once(migration: Migration) -> None:
    assert migration.run("rollback").success
    outcome = migration.run("verify")
    [sentence] = outcome.sentences
    assert "there is nothing to verify" in sentence
    # The snapshot is still there, with warnings that concern nothing now.
    assert outcome.checks() == {}


BROKEN = {"sqlite_backup", "pg_tasks"}

# What is broken behind the migration's back, the check that must see it, and what it must say.
BREAKAGES = [
    (
        "count",
        "DELETE FROM tasks WHERE id IN (5, 6)",
        "2 rows are missing in PostgreSQL (ids 5, 6).",
    ),
    (
        "null_user_id",
        "ALTER TABLE tasks ALTER user_id DROP NOT NULL; UPDATE tasks SET user_id = NULL "
        "WHERE id = 8",
        "1 row has no owner (id 8).",
    ),
    ("null_user_id", "ALTER TABLE tasks ALTER user_id DROP NOT NULL", "tasks.user_id allows NULL"),
    (
        "null_user_id",
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (7, 'eve@example.org', 'eve', '', now(), now()); "
        "UPDATE tasks SET user_id = 7 WHERE id = 9",
        "1 row belongs to a different user (id 9).",
    ),
    (
        "orphan_fk",
        "ALTER TABLE tasks DROP CONSTRAINT tasks_parent_goal_id_fkey; "
        "UPDATE tasks SET parent_goal_id = 4000 WHERE id = (SELECT min(id) FROM tasks "
        "WHERE parent_goal_id IS NOT NULL)",
        "1 row has a parent_goal_id that does not exist",
    ),
    (
        "orphan_fk",
        "ALTER TABLE tasks DROP CONSTRAINT tasks_user_id_fkey",
        "The foreign key of tasks.user_id to users is missing;",
    ),
    (
        "orphan_fk",
        "ALTER TABLE tasks DROP CONSTRAINT tasks_user_id_fkey; ALTER TABLE tasks ADD CONSTRAINT "
        "tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users NOT VALID",
        "is not validated",
    ),
    (
        "orphan_fk",
        "UPDATE tasks SET parent_goal_id = NULL WHERE parent_goal_id = "
        "(SELECT min(parent_goal_id) FROM tasks)",
        "lost their parent_goal_id",
    ),
    (
        "orphan_fk",
        "UPDATE tasks SET parent_goal_id = 1 WHERE id = (SELECT min(row_id) FROM "
        "bizy_migration.repairs WHERE table_name = 'tasks')",
        "1 row has a parent_goal_id although the snapshot has none",
    ),
    (
        "timestamps",
        "ALTER TABLE tasks ALTER created_at DROP NOT NULL; UPDATE tasks SET created_at = NULL "
        "WHERE id = 12",
        "1 row has no created_at (id 12).",
    ),
    (
        "timestamps",
        "UPDATE tasks SET completed_at = NULL WHERE id = 1",
        "1 row has no completed_at (id 1).",
    ),
    ("sequence", "SELECT setval('tasks_id_seq', 20)", "continues at 21, but the highest id is 149"),
    (
        "sequence",
        "ALTER TABLE tasks ALTER id DROP DEFAULT",
        "tasks.id has no sequence as its default",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "breakage", "words"),
    first_and_last(BREAKAGES, kind=lambda case: case[0]),
    ids=[f"{b[0]}-{i}" for i, b in enumerate(BREAKAGES)],
)
@pytest.mark.migrated
def test_a_broken_table_is_seen(migration: Migration, name: str, breakage: str, words: str) -> None:
    migration.query(breakage)
    outcome = migration.run("verify")
    assert not outcome.success
    event = check(outcome, "pg_tasks", name)
    assert not event.passed
    assert event.severity.value == "ERROR"
    assert words in event.description
    # The run fails once, with what each check found.
    [reasons] = outcome.sentences
    assert f"Check {name} of pg_tasks failed: {event.description}" in reasons.split("\n")
    others = [e for (asset, _), e in outcome.checks().items() if asset not in BROKEN]
    assert others
    assert all(event.passed for event in others)


def test_every_check_of_every_table_sees_what_it_is_there_for(migration: Migration) -> None:
    columns = {contract.table: contract.timestamps[0].name for contract in CONTRACTS}
    migration.source.unlink()
    rows = {t: [{c: bizy_files.day(n)} for n in range(4)] for t, c in columns.items()}
    bizy_files.make(migration.source, **rows)
    migration.migrate()
    for table, column in columns.items():
        migration.query(
            f"DELETE FROM {table} WHERE id = 1; "
            f"ALTER TABLE {table} ALTER user_id DROP NOT NULL, ALTER {column} DROP NOT NULL, "
            f"DROP CONSTRAINT {table}_user_id_fkey; "
            f"UPDATE {table} SET user_id = NULL WHERE id = 2; "
            f"UPDATE {table} SET {column} = NULL WHERE id = 3; "
            f"SELECT setval('{table}_id_seq', 2)"
        )
    outcome = migration.run("verify")
    assert not outcome.success
    found = {key: e.description for key, e in outcome.checks().items() if not e.passed}
    expected = {}
    for table, column in columns.items():
        expected |= reported_of_a_broken_table(table, column)
    assert found == expected


def reported_of_a_broken_table(table: str, column: str) -> dict[tuple[str, str], str]:
    migrate = f"start the job migrate (command: {user_command('migrate')}): it keeps"
    missing = (
        f"If the deletion was on purpose, {migrate} deletions, and later checks only warn. "
        f"Otherwise undo the deletion: start the job rollback (command: {user_command('rollback')})"
        ", then the job migrate."
    )
    edited = (
        f"If the edit was on purpose, {migrate} edits, and later checks only warn. Otherwise set "
        "the values of the snapshot again"
    )
    return {
        (f"pg_{table}", "count"): f"1 row is missing in PostgreSQL (id 1). {missing}",
        (f"pg_{table}", "null_user_id"): f"Column {table}.user_id allows NULL; run ALTER TABLE "
        f"{table} ALTER user_id SET NOT NULL, once every row has an owner. "
        "1 row has no owner (id 2). Set user_id to 1 there.",
        (f"pg_{table}", "orphan_fk"): f"The foreign key of {table}.user_id to users is missing; "
        "run the job migrate once, which creates it.",
        (f"pg_{table}", "timestamps"): f"1 row has no {column} (id 3). {edited}, which the check "
        "content shows.",
        (f"pg_{table}", "sequence"): f"Sequence {table}_id_seq continues at 3, but the highest id "
        "is 4; run the job migrate once, which advances it.",
        (f"pg_{table}", "content"): "1 row is missing in PostgreSQL (id 1). 1 row has a different "
        f"{column} (id 3). {missing} {edited}: see 'first differences', or the row in the "
        "snapshot.",
    }


@pytest.mark.core
@pytest.mark.migrated
def test_a_check_shows_the_figures_and_the_first_ids(migration: Migration) -> None:
    migration.query("DELETE FROM tasks WHERE id BETWEEN 50 AND 79")
    outcome = migration.run("verify")
    event = check(outcome, "pg_tasks", "count")
    assert "50, 51, 52" in event.description
    assert "69 and 10 more" in event.description
    metadata = {name: value.value for name, value in event.metadata.items()}
    assert metadata["rows_in_snapshot"] == 149
    assert metadata["rows_of_the_snapshot_in_PostgreSQL"] == 119
    assert metadata["ids_missing_in_PostgreSQL"] == {"first": list(range(50, 70)), "more": 10}
    # All in the style of the metadata of assets.
    names = {name for each in outcome.checks().values() for name in each.metadata}
    assert {name for name in names if not re.fullmatch(r"\w+(\.\w+)?", name)} == set()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE tasks SET completed_at = '2024-01-01 00:00:00.5' WHERE id = 1",
            "was completed before it was created (id 1); check BIZY_SOURCE_TIMEZONE",
        ),
        (
            "UPDATE tasks SET completed_at = '2199-01-01 00:00:00.5' WHERE id = 1",
            "has a completed_at after the snapshot was taken (id 1); check BIZY_SOURCE_TIMEZONE",
        ),
        (
            "UPDATE tasks SET created_at = '2199-01-01', completed_at = NULL WHERE id = 1",
            "has a created_at after the snapshot was taken (id 1); check BIZY_SOURCE_TIMEZONE",
        ),
        (
            "UPDATE tasks SET due_date = '1999-12-31 00:00:00' WHERE id = 1",
            "has a time before the year 2000 (id 1); check BIZY_SOURCE_TIMEZONE",
        ),
    ],
)
def test_a_suspicious_time_warns_and_the_run_goes_on(
    migration: Migration, statement: str, words: str
) -> None:
    bizy_files.change(migration.source, statement)
    outcome = migration.run(asset_selection=only("goals", "tasks"))
    assert outcome.success
    event = check(outcome, "pg_tasks", "timestamps")
    assert not event.passed
    assert event.severity.value == "WARN"
    assert words in event.description


def test_due_dates_in_the_future_are_no_reason_to_warn(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET due_date = '2199-01-01' WHERE id = 1")
    assert check(migration.migrate("goals", "tasks"), "pg_tasks", "timestamps").passed


@pytest.mark.migrated
def test_a_failing_check_of_goals_keeps_tasks_from_loading(migration: Migration) -> None:
    # Breaks the sequence behind the load's back, in the moment in which it writes itself down.
    migration.query(
        "CREATE FUNCTION set_back() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN PERFORM setval('public.goals_id_seq', 1); RETURN NEW; END$$; "
        "CREATE TRIGGER set_back AFTER INSERT ON bizy_migration.loads "
        "FOR EACH ROW WHEN (NEW.table_name = 'goals') EXECUTE FUNCTION set_back()"
    )
    loads = "SELECT table_name, count(*) FROM bizy_migration.loads GROUP BY 1 ORDER BY 1"
    outcome = migration.run()
    assert not outcome.success
    assert not check(outcome, "pg_goals", "sequence").passed
    assert dict(migration.query(loads)) == {**dict.fromkeys(BY_TABLE, 2), "tasks": 1}


@pytest.mark.core
@pytest.mark.migrated
def test_a_failing_audit_rolls_the_load_back(migration: Migration) -> None:
    migration.query("ALTER TABLE goals ALTER user_id DROP NOT NULL")
    bizy_files.change(migration.source, "UPDATE goals SET title = 'changed'")
    outcome = migration.run()
    assert not outcome.success
    [sentence] = outcome.sentences
    assert "Table goals was not loaded and is unchanged" in sentence
    assert "Column goals.user_id allows NULL; run ALTER TABLE goals ALTER user_id" in sentence
    assert migration.query("SELECT count(*) FROM goals WHERE title = 'changed'") == [(0,)]
