"""A source that cannot be migrated: what a user is told, and that nothing is written."""

import os
import sqlite3
from contextlib import closing

import pytest

from bizy_assets.core.source import sqlite
from bizy_assets_tests.support import bizy_files, neighbours
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import refused

JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""First bytes of a journal that is not empty (SQLite file format 3.0)."""

DIE_HALFWAY = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
connection.execute("UPDATE tasks SET notes = hex(randomblob(3000))")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_missing_file(migration: Migration) -> None:
    migration.source.unlink()
    assert refused(migration) == (
        f"There is no file {migration.source}; set SQLITE_DB_PATH to the Bizy database to migrate."
    )


def test_a_table_that_leaves_no_name_for_the_number_of_a_row(migration: Migration) -> None:
    names = ("rowid", "_ROWID_", "Oid")
    for name in names:
        bizy_files.change(migration.source, f"ALTER TABLE tasks ADD {name}")
    migration.setenv(BIZY_IGNORE_COLUMNS=",".join(f"tasks.{name}" for name in names))
    assert refused(migration) == (
        f"In {migration.source}, table tasks has columns named rowid, _rowid_, oid, which leave "
        "SQLite no name for the number of a row; rename one of these columns."
    )


def test_a_missing_folder(migration: Migration) -> None:
    migration.setenv(SQLITE_DB_PATH=str(migration.source / "deeper" / "tasks.db"))
    assert "set SQLITE_DB_PATH to the Bizy database" in refused(migration)


def test_a_folder(migration: Migration) -> None:
    migration.setenv(SQLITE_DB_PATH=str(migration.source.parent))
    sentence = refused(migration)
    assert f"{migration.source.parent} is a folder or a device" in sentence
    assert "set SQLITE_DB_PATH to the Bizy database in it" in sentence


def test_a_pipe_does_not_make_a_run_wait(migration: Migration) -> None:
    migration.source.unlink()
    os.mkfifo(migration.source)
    assert "is a folder or a device" in refused(migration)


def test_a_home_of_nobody(migration: Migration) -> None:
    migration.setenv(SQLITE_DB_PATH="~no-such-account/tasks.db")
    assert "'~no-such-account/tasks.db'" in refused(migration)


@pytest.mark.parametrize("content", [b"id,title\n1,Call\n", b"\x00" * 4096, b"SQLite format 2"])
def test_a_file_that_is_no_sqlite_file(migration: Migration, content: bytes) -> None:
    migration.source.write_bytes(content)
    assert refused(migration) == (
        f"{migration.source} is not a SQLite file; set SQLITE_DB_PATH to the file that Bizy "
        "writes, usually ~/.business-agent/tasks.db."
    )


def test_an_empty_file(migration: Migration) -> None:
    migration.source.write_bytes(b"")
    assert f"{migration.source} is empty (0 bytes); set SQLITE_DB_PATH" in refused(migration)


@pytest.mark.parametrize("length", [50, 100, 5000])
def test_a_file_that_was_cut_off(migration: Migration, length: int) -> None:
    os.truncate(migration.source, length)
    sentence = refused(migration)
    assert str(migration.source) in sentence
    assert "SQLITE_DB_PATH" in sentence or "use an earlier backup" in sentence


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE songs (id INTEGER PRIMARY KEY)", "PRAGMA user_version = 1"]
)
def test_a_sqlite_file_without_tables_of_bizy(migration: Migration, statement: str) -> None:
    migration.source.unlink()
    bizy_files.change(migration.source, statement)
    sentence = refused(migration)
    assert f"{migration.source} is a SQLite file without Bizy's tables (goals, tasks" in sentence
    assert "set SQLITE_DB_PATH to the file that Bizy writes" in sentence


def test_a_table_of_another_program(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.change(migration.source, "CREATE TABLE tasks (uuid TEXT, title TEXT)")
    sentence = refused(migration)
    assert "table tasks without the column 'id', which it has in every version of Bizy" in sentence


@pytest.mark.parametrize(
    "column", ["mood TEXT", "mood TEXT GENERATED ALWAYS AS (title || '!') VIRTUAL"]
)
def test_an_unknown_column(migration: Migration, column: str) -> None:
    bizy_files.change(migration.source, f"ALTER TABLE goals ADD COLUMN {column}")
    sentence = refused(migration)
    assert f"{migration.source} has columns that this version" in sentence
    assert "would lose (goals.mood); use a version that knows them" in sentence


def test_a_hot_journal(migration: Migration) -> None:
    path = migration.source
    whole = path.read_bytes()
    neighbours.run(DIE_HALFWAY, path)
    journal = path.with_name("tasks.db-journal")
    assert journal.read_bytes().startswith(JOURNAL_MAGIC)
    half = path.read_bytes()
    assert half != whole
    sentence = refused(migration)
    assert f"{path} contains an incomplete transaction of a program that crashed" in sentence
    assert "open the file once with Bizy or with 'sqlite3'" in sentence
    assert path.read_bytes() == half
    # What the sentence says to do helps.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM tasks").fetchall()
    migration.prove("goals", "tasks")


@pytest.mark.parametrize("statement", ["BEGIN EXCLUSIVE", "PRAGMA locking_mode = EXCLUSIVE"])
def test_a_file_that_another_program_keeps_locked(
    migration: Migration, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.6)
    if "locking_mode" in statement:
        statement += "; BEGIN IMMEDIATE; UPDATE tasks SET title = title; COMMIT"
    with neighbours.running(neighbours.HOLD, migration.source, statement):
        sentence = refused(migration)
    assert f"{migration.source} has been locked by another program" in sentence
    assert "stop that program or let it finish, then run again" in sentence
    migration.prove("goals", "tasks")
