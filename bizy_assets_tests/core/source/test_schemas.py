"""Files whose schema is not the one that Bizy writes: what works, and what a user is told."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bizy_assets.core.source.integrity import find_damage
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.bizy_files import TYPES
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import refused

COLUMNS = ", ".join(f"{name} {kind}" for name, kind in TYPES["tasks"].items())


def script(path: Path, *statements: str) -> None:
    """Runs statements as a program would that has a function and a collation of its own."""
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("bizy_slug", 1, lambda text: text, deterministic=True)
        connection.create_collation("bizy_order", lambda a, b: (a > b) - (a < b))
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def edit_schema(path: Path, name: str, old: str, new: str) -> None:
    """Changes the declaration of a table or index, whatever values it has."""
    script(
        path,
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{name}'",
    )


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("a view", "CREATE VIEW tasks AS SELECT * FROM todo"),
        ("a virtual table", f"CREATE VIRTUAL TABLE tasks USING fts5({', '.join(TYPES['tasks'])})"),
        ("a table WITHOUT ROWID", f"CREATE TABLE tasks ({COLUMNS}) WITHOUT ROWID"),
    ],
)
def test_something_else_in_place_of_a_table(
    migration: Migration, kind: str, statement: str
) -> None:
    script(migration.source, "ALTER TABLE tasks RENAME TO todo", statement)
    assert refused(migration) == (
        f"In {migration.source}, tasks is {kind}; replace it by an ordinary table with the same "
        "columns and rows, as Bizy creates it, or set SQLITE_DB_PATH to the file that Bizy "
        "writes, usually ~/.business-agent/tasks.db."
    )


def test_a_virtual_table_whose_module_is_missing(migration: Migration) -> None:
    script(
        migration.source,
        "ALTER TABLE tasks RENAME TO todo",
        "CREATE VIRTUAL TABLE tasks USING fts5(id, title)",
    )
    edit_schema(migration.source, "tasks", "fts5", "fts9")
    assert "tasks is a virtual table; replace it" in refused(migration)


def test_generated_columns_and_checks_and_names_in_another_case_migrate(
    migration: Migration,
) -> None:
    path = migration.source
    expected = len(bizy_files.rows(path, "tasks", "id"))
    columns = COLUMNS.replace("id INTEGER", "ID INTEGER").replace("title", "Title")
    columns = columns.replace("notes TEXT", "notes TEXT AS (Title || '!') STORED")
    copied = ", ".join(name for name in TYPES["tasks"] if name != "notes")
    script(
        path,
        "ALTER TABLE tasks RENAME TO old",
        f"CREATE TABLE TASKS ({columns}, CHECK (bizy_slug(Title) = Title))",
        f"INSERT INTO TASKS ({copied}) SELECT {copied} FROM old",
        "DROP TABLE old",
    )
    # Broken by every row, since it was added after them.
    edit_schema(path, "TASKS", "= Title))", "<> Title))")
    migration.prove("goals", "tasks")
    assert migration.query(
        "SELECT count(*), count(*) FILTER (WHERE notes = title || '!') FROM tasks"
    ) == [(expected, expected)]


def test_an_unknown_column_is_named_as_the_file_writes_it(migration: Migration) -> None:
    bizy_files.change(migration.source, "ALTER TABLE goals ADD COLUMN Mood TEXT")
    assert "would lose (goals.Mood); use a version that knows them" in refused(migration)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("CREATE INDEX i ON tasks (title COLLATE bizy_order)", "bizy_order"),
        ("CREATE INDEX i ON tasks (bizy_slug(title))", "bizy_slug"),
        ("CREATE INDEX i ON tasks (title) WHERE bizy_slug(title) = 'x'", "bizy_slug"),
        ("ALTER TABLE tasks DROP COLUMN notes", "(tasks.notes: "),
        ("ALTER TABLE tasks DROP COLUMN tags", "(tasks.tags: "),
    ],
)
def test_functions_and_collations_of_other_programs_are_named(
    migration: Migration, statement: str, found: str
) -> None:
    replaced = {
        "notes": "notes TEXT AS (bizy_slug(title))",
        "tags": "tags TEXT COLLATE bizy_order",
    }
    column = replaced.get(statement.rpartition(" ")[2])
    script(
        migration.source,
        statement,
        *([f"ALTER TABLE tasks ADD COLUMN {column}"] if column else []),
    )
    sentence = refused(migration)
    assert f"The schema of {migration.source} needs a collation, function or module" in sentence
    assert found in sentence
    assert "bizy_slug" in sentence or "bizy_order" in sentence
    assert "the file is not damaged" in sentence
    assert "integrity_check" not in sentence


def test_a_function_that_only_the_drivers_sqlite_lacks_is_named(migration: Migration) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {option for (option,) in connection.execute("PRAGMA compile_options")}
    if "SOUNDEX" not in options:
        pytest.skip("Python's SQLite has no soundex either")
    script(migration.source, "ALTER TABLE tasks DROP COLUMN notes",
           "ALTER TABLE tasks ADD COLUMN notes TEXT AS (soundex(title))")  # fmt: skip
    [sentence] = set(migration.run().sentences)
    assert f"The schema of {migration.source} needs a collation, function or module" in sentence
    assert "function: soundex" in sentence


def test_a_constraint_added_later_is_no_damage(migration: Migration) -> None:
    path = migration.source
    script(
        path,
        "CREATE TABLE other (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE, n INTEGER)",
        "CREATE INDEX codes ON other (code, n)",
        "INSERT INTO other (code, n) VALUES ('a', 1), ('A', 1), ('a', 1), (NULL, 1), (NULL, 1)",
        "UPDATE tasks SET category = NULL WHERE id <= 30",
    )
    edit_schema(path, "codes", "CREATE INDEX", "CREATE UNIQUE INDEX")
    edit_schema(path, "tasks", "category VARCHAR(100)", "category VARCHAR(100) NOT NULL")
    with closing(sqlite3.connect(path)) as connection:
        assert len(connection.execute("PRAGMA integrity_check").fetchall()) > 25
    assert find_damage(path) == "ok"
    migration.prove("goals", "tasks")


def test_a_missing_value_under_not_null_is_missing_and_not_damage(migration: Migration) -> None:
    path = migration.source
    required, optional = "title VARCHAR(500) NOT NULL", "title VARCHAR(500)"
    edit_schema(path, "tasks", required, optional)
    script(path, "UPDATE tasks SET title = NULL WHERE id = 5")
    edit_schema(path, "tasks", optional, required)
    census = migration.run().checks()["sqlite_backup", "census"]
    assert not census.passed
    assert "holds 1 value in 1 row that PostgreSQL cannot store" in census.description
    assert ": NULL in a required column. All are listed in" in census.description
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    migration.prove("goals", "tasks")


def test_damage_is_damage_beside_broken_constraints(source: Path) -> None:
    script(
        source,
        "CREATE TABLE other (id INTEGER PRIMARY KEY, code TEXT, CHECK (id < 3))",
        "CREATE INDEX codes ON other (code)",
        "INSERT INTO other (code) VALUES (NULL), ('walrus1')",
    )
    edit_schema(source, "other", "code TEXT", "code TEXT NOT NULL")
    edit_schema(source, "other", "id < 3", "id > 3")
    assert find_damage(source) == "ok"
    content = source.read_bytes()
    # Once in the table and once in the index, which now differ.
    assert content.count(b"walrus1") == 2
    source.write_bytes(content.replace(b"walrus1", b"walrus2", 1))
    assert "index codes" in find_damage(source)
