"""Bad rows: they stop a run before it writes, or are kept out and written down whole."""

import csv
import itertools
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from bizy_assets.core.common import cures, user_command
from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets.core.source import take_snapshot
from bizy_assets.core.validation import quarantine, validate
from bizy_assets_tests.support import bizy_files, corpus
from bizy_assets_tests.support.corpus import Fault
from bizy_assets_tests.support.migrated import MigratedSample, migrated_once
from bizy_assets_tests.support.migrations import ADOPT, Migration, Outcome, only
from bizy_assets_tests.support.servers import Server

REJECTED = (
    "SELECT table_name, row_id, column_name, rule, raw, run_id "
    "FROM bizy_migration.rejected_rows ORDER BY table_name, row_id, column_name"
)


def damage(migration: Migration) -> None:
    """Breaks four values in three rows: two tasks, and a goal with a child."""
    for statement in (
        "UPDATE tasks SET priority = 'high', created_at = '13/01/2025' WHERE id = 5",
        "UPDATE tasks SET notes = CAST(x'ff00fe' AS TEXT) WHERE id = 9",
        "UPDATE goals SET metrics = '{\"mrr\": NaN}' WHERE id = 1",
        "UPDATE tasks SET parent_goal_id = 1 WHERE id = 20",
    ):
        bizy_files.change(migration.source, statement)


@pytest.fixture
def damaged(migration: Migration) -> Migration:
    """The damaged sample, not yet migrated."""
    damage(migration)
    return migration


def damage_and_quarantine(migration: Migration) -> None:
    damage(migration)
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")


@pytest.fixture(scope="module")
def quarantined_once(server: Server, folder: Path) -> Iterator[MigratedSample]:
    yield from migrated_once(server, folder, "quarantined", damage_and_quarantine)


@pytest.fixture
def quarantined(
    quarantined_once: MigratedSample, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> Migration:
    """The damaged sample, migrated without its bad rows."""
    monkeypatch.setenv("BIZY_ON_BAD_ROW", "quarantine")
    return quarantined_once.restore(instance, monkeypatch)


def census(outcome: Outcome):
    return outcome.checks()["sqlite_backup", "census"]


def test_by_default_the_run_fails_before_it_writes(damaged: Migration) -> None:
    outcome = damaged.run()
    assert not outcome.success
    assert census(outcome).severity.value == "ERROR"
    assert damaged.tables() == set()
    assert not (Path(damaged.source.parent.parent) / "home" / "passwords").exists()


def test_the_user_sees_every_bad_value(damaged: Migration) -> None:
    outcome = damaged.run()
    event = census(outcome)
    action = (
        "Fix the values in Bizy, or leave their rows out: set BIZY_ON_BAD_ROW to quarantine (in "
        "the UI's launchpad: resources: {source: {config: {on_bad_row: quarantine}}})."
    )
    assert event.description.startswith(f"{action} {damaged.source} holds 4 values in 3 rows ")
    for words in (
        "goals.metrics (id 1): JSON with NaN or Infinity",
        "tasks.created_at (id 5): not a datetime such as",
        "tasks.notes (id 9): text that is not valid UTF-8. All are listed in ",
        "The other rows can be loaded without them (command: "
        f"{user_command('migrate', '--on-bad-row', 'quarantine')}).",
    ):
        assert words in event.description
    shown = [record.data for record in event.metadata["first_rejected_values"].records]
    assert [(row["table"], row["id"], row["column"], row["value"]) for row in shown] == [
        ("goals", 1, "metrics", '{"mrr": NaN}'),
        ("tasks", 5, "created_at", "13/01/2025"),
        ("tasks", 5, "priority", "high"),
        ("tasks", 9, "notes", "0xff00fe"),
    ]
    # No wider than the page of the check, which would cut the text above it.
    assert list(shown[0]) == ["table", "id", "column", "value", "meaning"]
    assert event.metadata["rejected_values"].value == 4
    assert event.metadata["rejected_rows"].value == 3
    file = Path(event.metadata["all_rejected_values"].value)
    assert str(file) in event.description
    assert file.name.startswith("rejected_")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open() as stream:
        listed = list(csv.DictReader(stream))
    assert [(row["table"], row["id"], row["value"]) for row in listed] == [
        ("goals", "1", '{"mrr": NaN}'),
        ("tasks", "5", "13/01/2025"),
        ("tasks", "5", "high"),
        ("tasks", "9", "0xff00fe"),
    ]


def test_a_failed_run_says_first_what_to_do(damaged: Migration) -> None:
    outcome = damaged.run()
    shown = census(outcome)
    assert shown.metadata["action"].value.startswith("Fix the values in Bizy, or leave their rows")
    # Dagster sorts them.
    assert min(shown.metadata) == "action"
    [failure] = outcome.result.get_step_failure_events()
    told = failure.step_failure_data.user_failure_data.description
    assert told == f"Check census of sqlite_backup failed: {shown.description}"


def test_the_file_of_bad_values_has_no_formulas(tmp_path: Path) -> None:
    formulas = ["=1+1", "+A1", "-A1", "- ", "-5+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1"]
    harmless = ["-5", "-1.5", "a=1", "'=1", ""]
    rows = [{"created_at": value} for value in formulas + harmless]
    path = bizy_files.make(tmp_path / "tasks.db", tasks=rows)
    validation = validate(take_snapshot(path, tmp_path).snapshot)
    with quarantine.write_violations_csv(validation, tmp_path).open(newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert [row["value"] for row in listed] == [f"'{value}" for value in formulas] + harmless
    assert [row["id"] for row in listed] == [str(n + 1) for n in range(len(rows))]


@pytest.mark.parametrize("asset", ["admin_user", "pg_goals", "pg_tasks"])
def test_no_writing_asset_gets_around_the_census(damaged: Migration, asset: str) -> None:
    damaged.materialize("sqlite_backup")
    outcome = damaged.materialize(asset)
    assert not outcome.success
    assert "4 values in 3 rows" in outcome.sentences[0]
    assert damaged.tables() == set()
    [failure] = [e for e in outcome.result.all_events if e.event_type_value == "STEP_FAILURE"]
    shown = failure.step_failure_data.user_failure_data.metadata["first_rejected_values"]
    assert len(shown.records) == 4


def test_quarantine_loads_the_others_and_says_so(damaged: Migration) -> None:
    damaged.setenv(BIZY_ON_BAD_ROW="quarantine")
    outcome = damaged.migrate()
    assert census(outcome).severity.value == "WARN"
    assert not census(outcome).passed
    event = outcome.checks()["pg_tasks", "count"]
    assert event.severity.value == "WARN"
    assert event.description == (
        "2 rows were left out, as PostgreSQL cannot store them (ids 5, 9); "
        "bizy_migration.rejected_rows has each row and the reason. Fix the values in Bizy, then "
        f"start {cures.job('migrate')} again."
    )
    assert event.metadata["ids_left_out"].value == {"first": [5, 9], "more": 0}
    warned = census(outcome)
    assert warned.description.startswith(str(damaged.source))
    assert warned.metadata["action"].value == (
        f"Fix the values in Bizy, then start {cures.job('migrate')} again; until then their rows "
        "are left out."
    )
    assert outcome.metadata("pg_tasks")["rows_left_out"] == 2
    assert damaged.query("SELECT count(*) FROM tasks WHERE id IN (5, 9)") == [(0,)]
    assert damaged.query("SELECT count(*) FROM tasks") == [(147,)]
    assert damaged.query("SELECT count(*) FROM goals") == [(12,)]
    assert damaged.run("verify").success


def test_quarantined_rows_are_written_down_whole(damaged: Migration) -> None:
    damaged.setenv(BIZY_ON_BAD_ROW="quarantine")
    outcome = damaged.migrate("goals", "tasks")
    run = outcome.result.run_id
    found = [(*row[:4], bytes(row[4]), row[5]) for row in damaged.query(REJECTED)]
    assert found == [
        ("goals", 1, "metrics", "json_nan_or_infinity", b'{"mrr": NaN}', run),
        ("tasks", 5, "created_at", "not_a_datetime", b"13/01/2025", run),
        ("tasks", 5, "priority", "wrong_storage_type", b"high", run),
        ("tasks", 9, "notes", "not_utf8", b"\xff\x00\xfe", run),
    ]
    rows = dict(
        damaged.query('SELECT row_id, "row"::text FROM bizy_migration.rejected_rows '
                      "WHERE table_name = 'tasks'")
    )  # fmt: skip
    names = list(bizy_files.TYPES["tasks"])
    [original] = bizy_files.rows(damaged.source, "tasks WHERE id = 5", *names)
    assert json.loads(rows[5]) == dict(zip(names, original, strict=True))
    assert json.loads(rows[9])["notes"] == "FF00FE"
    [(title,)] = bizy_files.rows(damaged.source, "tasks WHERE id = 9", "title")
    assert json.loads(rows[9])["title"] == title


@pytest.mark.exhaustive
def test_the_counts_agree_where_an_ignored_column_is_named_rowid(damaged: Migration) -> None:
    bizy_files.change(damaged.source, "ALTER TABLE tasks ADD rowid DEFAULT 7")
    damaged.setenv(BIZY_ON_BAD_ROW="quarantine", BIZY_IGNORE_COLUMNS="tasks.rowid")
    outcome = damaged.migrate("goals", "tasks")
    assert outcome.metadata("pg_tasks")["rows_left_out"] == 2
    assert damaged.query("SELECT count(*) FROM tasks") == [(147,)]


@pytest.mark.exhaustive
def test_a_child_of_a_quarantined_goal_is_an_orphan(quarantined: Migration) -> None:
    assert quarantined.query("SELECT parent_goal_id FROM tasks WHERE id = 20") == [(None,)]
    assert quarantined.query(
        "SELECT raw FROM bizy_migration.repairs WHERE table_name = 'tasks' AND row_id = 20"
    ) == [("1",)]


def test_a_mended_row_is_loaded_and_its_entry_cleared(quarantined: Migration) -> None:
    bizy_files.change(quarantined.source, "UPDATE goals SET metrics = NULL WHERE id = 1")
    bizy_files.change(quarantined.source, "UPDATE tasks SET notes = 'mended' WHERE id = 9")
    quarantined.migrate("goals", "tasks")
    assert quarantined.query("SELECT notes FROM tasks WHERE id = 9") == [("mended",)]
    assert quarantined.query("SELECT parent_goal_id FROM tasks WHERE id = 20") == [(1,)]
    assert [row[1] for row in quarantined.query(REJECTED)] == [5, 5]


@pytest.mark.exhaustive
def test_entries_of_a_moved_source_are_cleared_too(quarantined: Migration) -> None:
    moved = quarantined.source.rename(quarantined.source.with_name("moved.db"))
    bizy_files.change(moved, "UPDATE tasks SET notes = 'mended' WHERE id = 9")
    quarantined.setenv(SQLITE_DB_PATH=str(moved))
    assert quarantined.run(run_config=ADOPT, asset_selection=only("goals", "tasks")).success
    assert [row[1] for row in quarantined.query(REJECTED)] == [1, 5, 5]


@pytest.mark.exhaustive
def test_bytes_in_a_column_of_numbers_are_written_down(migration: Migration) -> None:
    columns = ("priority", "estimated_hours", "parent_goal_id")
    cells = dict(enumerate(itertools.product(columns, ("ff41", "410041", "00")), 6))
    for number, (column, value) in cells.items():
        bizy_files.change(
            migration.source,
            f"UPDATE tasks SET {column} = CAST(x'{value}' AS TEXT) WHERE id = {number}",
        )
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    migration.prove("goals", "tasks")
    rejected = migration.query(
        'SELECT row_id, column_name, raw, "row" FROM bizy_migration.rejected_rows'
    )
    assert {number: (column, bytes(raw).hex()) for number, column, raw, _ in rejected} == cells
    assert len(rejected) == len(cells)
    assert all(row[column] == bytes(raw).hex().upper() for _, column, raw, row in rejected)


@pytest.mark.migrated
def test_a_row_that_was_loaded_and_is_bad_now_stays(migration: Migration) -> None:
    before = migration.query("SELECT * FROM tasks WHERE id = 5")[0][:4]
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 5")
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    outcome = migration.migrate("goals", "tasks")
    assert migration.query("SELECT * FROM tasks WHERE id = 5")[0][:4] == before
    metadata = outcome.metadata("pg_tasks")
    assert (metadata["unchanged"], metadata["rows_left_out"]) == (148, 1)


def test_the_same_bad_rows_again_write_nothing_new(quarantined: Migration) -> None:
    before = quarantined.query("SELECT xmin::text, run_id FROM bizy_migration.rejected_rows")
    quarantined.migrate("goals", "tasks")
    assert (
        quarantined.query("SELECT xmin::text, run_id FROM bizy_migration.rejected_rows") == before
    )


def test_a_lost_entry_is_seen(quarantined: Migration) -> None:
    quarantined.query("DELETE FROM bizy_migration.rejected_rows WHERE row_id = 9")
    event = quarantined.run("verify").checks()["pg_tasks", "count"]
    assert event.severity.value == "ERROR"
    assert "2 rows were rejected, but bizy_migration.rejected_rows records 1." in event.description


@pytest.mark.exhaustive
def test_a_row_without_a_usable_id_is_quarantined_too(migration: Migration) -> None:
    bizy_files.change(migration.source, "ALTER TABLE tasks RENAME TO old")
    types = {**bizy_files.TYPES["tasks"], "id": ""}
    columns = ", ".join(f"{name} {type_}" for name, type_ in types.items())
    bizy_files.change(migration.source, f"CREATE TABLE tasks ({columns})")
    bizy_files.change(migration.source, "INSERT INTO tasks SELECT * FROM old")
    bizy_files.change(migration.source, "DROP TABLE old")
    bizy_files.change(migration.source, "UPDATE tasks SET id = NULL WHERE id = 3")
    bizy_files.change(migration.source, "UPDATE tasks SET id = 'seven' WHERE id = 7")
    bizy_files.change(migration.source, "UPDATE tasks SET id = 11 WHERE id = 12")
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    migration.load("goals", "tasks")
    outcome = migration.migrate("goals", "tasks")
    words = "4 rows were left out, as PostgreSQL cannot store them (id 11, 3 without a valid id); "
    assert words in outcome.checks()["pg_tasks", "count"].description
    assert migration.query("SELECT count(*) FROM tasks") == [(145,)]
    assert migration.query(
        "SELECT row_id, rule, count(*) FROM bizy_migration.rejected_rows GROUP BY 1, 2 ORDER BY 2"
    ) == [(11, "duplicate_id", 2), (None, "non_integer_id", 1), (None, "null_id", 1)]


def test_orphans_are_told_before_they_are_loaded(migration: Migration) -> None:
    event = migration.migrate().checks()["sqlite_backup", "orphans"]
    assert event.severity.value == "WARN"
    assert "14 tasks refer to a parent goal that does not exist" in event.description
    assert "1 goal refers to a parent goal that does not exist; its parent will be NULL" in (
        event.description
    )


def test_the_whole_corpus_of_faults_is_named_and_nothing_is_written(migration: Migration) -> None:
    migration.source.unlink()
    expected = corpus.faulty(migration.source)
    outcome = migration.run()
    assert not outcome.success
    assert migration.tables() == set()
    shown = [record.data for record in census(outcome).metadata["first_rejected_values"].records]
    assert len(shown) == 100
    assert max(len(row["value"]) for row in shown) <= 201
    csv.field_size_limit(2**31 - 1)
    with Path(census(outcome).metadata["all_rejected_values"].value).open(newline="") as file:
        listed = {
            (row["table"], int(row["rowid"]), row["column"], row["rule"])
            for row in csv.DictReader(file)
        }
    assert listed == {(f.table, f.position, f.column, f.rule) for f in expected}


def test_the_whole_corpus_of_faults_is_quarantined_and_every_good_row_loaded(
    migration: Migration,
) -> None:
    migration.source.unlink()
    expected = corpus.faulty(migration.source)
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    outcome = migration.migrate()
    rejected = migration.query(
        "SELECT table_name, position, column_name, rule, raw FROM bizy_migration.rejected_rows"
    )
    assert {
        Fault(*row[:4], None if row[4] is None else bytes(row[4])) for row in rejected
    } == expected
    for table in BY_TABLE:
        bad = {fault.position for fault in expected if fault.table == table}
        good = [
            number
            for number, position in bizy_files.rows(migration.source, table, "id", "rowid")
            if position not in bad
        ]
        assert sorted(good) == [number for (number,) in migration.rows(table, "id")]
        assert outcome.checks()[f"pg_{table}", "content"].passed
    assert migration.run("verify").success
