"""Files of every age: of each release, upgraded in place, and with what nobody knows."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.families import exhaustive, first_and_last
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import refused

OTHERS = [table for table in BY_TABLE if table != "goals"]
"""Tables that no other table refers to."""

TWO_ROWS: dict[str, list[dict[str, object]]] = {table: [{}, {}] for table in BY_TABLE}


def add(path: Path, column: str) -> None:
    """Gives a table of a file a column that no release of Bizy has, filled."""
    table, _, name = column.partition(".")
    bizy_files.change(path, f"ALTER TABLE {table} ADD COLUMN {name} TEXT")
    bizy_files.change(path, f"UPDATE {table} SET {name} = 'precious'")


def counts(migration: Migration) -> dict[str, int]:
    return {
        table: number
        for table in BY_TABLE
        for (number,) in migration.query(f"SELECT count(*) FROM {table}")
    }


@pytest.mark.parametrize("release", first_and_last([(name,) for name in bizy_files.RELEASES]))
def test_a_file_of_each_release_migrates_with_null_for_what_it_lacks(
    migration: Migration, release: str
) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, release, **TWO_ROWS)
    checks = migration.migrate().checks()
    assert all(event.passed for event in checks.values())
    assert counts(migration) == dict.fromkeys(BY_TABLE, 2)
    for table in BY_TABLE:
        for column in bizy_files.RELEASES[release].get(table, ()):
            assert migration.rows(table, column) == [(None,), (None,)]


@pytest.mark.parametrize(
    "table",
    [
        "goals",
        *exhaustive(*OTHERS),
    ],
)
def test_a_file_without_a_table_migrates(migration: Migration, table: str) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, **TWO_ROWS)
    bizy_files.change(migration.source, f"DROP TABLE {table}")
    outcome = migration.migrate()
    assert all(event.passed for event in outcome.checks().values())
    assert counts(migration) == {name: 0 if name == table else 2 for name in BY_TABLE}
    assert outcome.metadata(f"pg_{table}")["dagster/row_count"] == 0


@pytest.mark.exhaustive
def test_a_file_with_empty_tables_migrates_and_again(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, research=[{}])
    for _ in range(2):
        assert all(event.passed for event in migration.migrate().checks().values())
        assert counts(migration) == {**dict.fromkeys(BY_TABLE, 0), "research": 1}


@pytest.mark.exhaustive
def test_a_file_with_nothing_but_one_empty_table_migrates(migration: Migration) -> None:
    migration.source.unlink()
    with closing(sqlite3.connect(migration.source)) as connection:
        bizy_files.create(connection, "metrics", bizy_files.TYPES["metrics"])
    assert all(event.passed for event in migration.migrate().checks().values())
    assert counts(migration) == dict.fromkeys(BY_TABLE, 0)


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_columns_in_another_order_reach_their_own_places(migration: Migration) -> None:
    in_order = {table: migration.rows(table, "*") for table in set(BY_TABLE) - {"tasks"}}
    with closing(sqlite3.connect(migration.source)) as connection:
        for table, types in bizy_files.TYPES.items():
            names = ", ".join(types)
            connection.execute(f"ALTER TABLE {table} RENAME TO old")
            bizy_files.create(connection, table, reversed(types))
            connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM old")
            connection.execute("DROP TABLE old")
        connection.commit()
    assert bizy_files.names(migration.source, "tasks")[-1] == "id"
    assert migration.run("rollback").success
    outcome = migration.migrate()
    assert outcome.checks()["pg_tasks", "content"].passed
    assert {table: migration.rows(table, "*") for table in in_order} == in_order


def test_an_unknown_table_is_told_and_left_alone(
    migration: Migration, capsys: pytest.CaptureFixture[str]
) -> None:
    bizy_files.change(migration.source, "CREATE TABLE songs (id INTEGER PRIMARY KEY AUTOINCREMENT)")
    bizy_files.change(migration.source, "INSERT INTO songs DEFAULT VALUES")
    bizy_files.change(migration.source, "CREATE TABLE Notes (text)")
    bizy_files.change(migration.source, "ANALYZE")
    outcome = migration.migrate("goals", "tasks")
    # SQLite's own tables (sqlite_sequence, sqlite_stat1) are none of anybody's.
    assert outcome.metadata("sqlite_backup")["unknown_tables_ignored"] == ["Notes", "songs"]
    assert "unknown tables ignored: Notes, songs" in capsys.readouterr().err
    assert not {name for name in migration.tables() if "songs" in name or "otes" in name}


@pytest.mark.parametrize("table", BY_TABLE)
def test_an_unknown_column_stops_the_run_by_name_and_says_what_to_do(
    migration: Migration, table: str
) -> None:
    add(migration.source, f"{table}.rhythm")
    sentence = refused(migration)
    assert f"would lose ({table}.rhythm); use a version that knows them" in sentence
    assert "list them in BIZY_IGNORE_COLUMNS" in sentence


def test_all_unknown_columns_are_named_at_once(migration: Migration) -> None:
    for column in ("tasks.mood", "goals.color", "tasks.rhythm"):
        add(migration.source, column)
    assert "(goals.color, tasks.mood, tasks.rhythm)" in refused(migration)
    migration.setenv(BIZY_IGNORE_COLUMNS="tasks.mood")
    assert "(goals.color, tasks.rhythm)" in refused(migration)


def test_a_listed_column_is_left_out_and_told(
    migration: Migration, capsys: pytest.CaptureFixture[str]
) -> None:
    add(migration.source, "tasks.mood")
    add(migration.source, "goals.user_id")
    migration.setenv(BIZY_IGNORE_COLUMNS=" tasks.mood, goals.user_id ,,metrics.never_there")
    outcome = migration.migrate("goals", "tasks")
    ignored = ["goals.user_id", "tasks.mood"]
    assert outcome.metadata("sqlite_backup")["unknown_columns_ignored"] == ignored
    assert "unknown columns ignored: goals.user_id, tasks.mood" in capsys.readouterr().err
    assert "mood" not in {
        name
        for (name,) in migration.query(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'tasks'"
        )
    }
    assert migration.query("SELECT DISTINCT user_id FROM goals") == [(1,)]
    assert migration.query("SELECT count(*) FROM tasks") == [(149,)]


@pytest.mark.exhaustive
def test_resource_configuration_lists_columns_instead_of_the_environment(
    migration: Migration,
) -> None:
    add(migration.source, "tasks.mood")
    migration.setenv(BIZY_IGNORE_COLUMNS="tasks.mood")

    def given(*columns: str) -> dict[str, object]:
        return {"resources": {"source": {"config": {"ignore_columns": list(columns)}}}}

    assert "(tasks.mood)" in refused(migration, run_config=given())
    migration.setenv(BIZY_IGNORE_COLUMNS="")
    assert migration.run(run_config=given("tasks.mood")).success


def test_the_checks_of_what_was_loaded_need_no_list(migration: Migration) -> None:
    add(migration.source, "tasks.mood")
    migration.setenv(BIZY_IGNORE_COLUMNS="tasks.mood")
    migration.load()
    migration.setenv(BIZY_IGNORE_COLUMNS="")
    assert migration.run("verify").success


@pytest.mark.parametrize("asset", ["admin_user", "pg_goals", "pg_metrics"])
def test_an_asset_alone_does_not_get_around_an_unknown_column(
    migration: Migration, asset: str
) -> None:
    add(migration.source, "tasks.mood")
    migration.setenv(BIZY_IGNORE_COLUMNS="tasks.mood")
    assert migration.materialize("sqlite_backup").success
    migration.setenv(BIZY_IGNORE_COLUMNS="")
    outcome = migration.materialize(asset)
    assert not outcome.success
    assert "would lose (tasks.mood)" in outcome.sentences[0]
    assert migration.tables() == set()


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("mood", "names 'mood', which is not a column of one of Bizy's tables (goals, tasks"),
        ("tasks.", "names 'tasks.', which is not a column"),
        ("songs.text", "names 'songs.text', which is not a column"),
        ("tasks.mood,tasks.title", "names tasks.title, which is migrated"),
        ("tasks.id", "names tasks.id, which is migrated"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(
    migration: Migration, listed: str, words: str
) -> None:
    migration.setenv(BIZY_IGNORE_COLUMNS=listed)
    assert f"BIZY_IGNORE_COLUMNS {words}" in refused(migration)
