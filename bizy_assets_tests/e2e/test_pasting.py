"""Commands that a terminal of 80 columns shows after a failure, selected there and pasted."""

import os
import shutil
from pathlib import Path

import pytest

from bizy_assets.core.common import user_command
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backends import make_backend_tables
from bizy_assets_tests.support.commands import run_script
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of
from bizy_assets_tests.support.terminals import Terminal, on_terminal


@pytest.fixture
def file(migration: Migration) -> Path:
    """The source under a name that a shell must not read, in the settings of the user."""
    path = migration.source.with_name("my (own) tasks.db")
    shutil.copy(migration.source, path)
    migration.setenv(SQLITE_DB_PATH=str(path), DAGSTER_POSTGRES_URL=history_of(migration.server))
    return path


def selected(terminal: Terminal, ending: str) -> str:
    """Returns the only command on the screen; the screen itself breaks a line of it."""
    lines = [line for line in terminal.remaining() if "bizy-assets" in line]
    [line] = lines
    assert line.rstrip().endswith(ending), terminal.remaining()
    return line


def pasted(line: str, home: Path) -> int:
    """Pastes a line into a new shell, which has only the connection URLs."""
    names = ("DATABASE_URL", "DAGSTER_POSTGRES_URL")
    return run_script(line, home=home, **{name: os.environ[name] for name in names}).status


@pytest.mark.parametrize("command", ["migrate", *exhaustive("plan")])
def test_the_way_to_load_the_other_rows(
    migration: Migration, file: Path, tmp_path: Path, command: str
) -> None:
    bizy_files.change(file, "UPDATE tasks SET priority = 'high' WHERE id IN (7, 20)")
    with on_terminal("bizy-assets", command) as terminal:
        assert terminal.status() == 1, terminal.output
    terminal.keep(f"terminal_bad_rows_{command}")
    line = selected(terminal, "bizy-assets migrate --on-bad-row quarantine")
    assert pasted(line, tmp_path) == 3
    assert migration.query("SELECT count(*) FROM tasks") == [(147,)]


@pytest.mark.parametrize("command", ["migrate", *exhaustive("plan")])
@pytest.mark.usefixtures("file")
def test_the_way_to_keep_rows_of_others(migration: Migration, tmp_path: Path, command: str) -> None:
    make_backend_tables(migration)
    migration.query(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (99, 'eve@example.org', 'eve', '', now(), now())"
    )
    migration.query(
        "INSERT INTO goals (id, user_id, title, created_at, updated_at) "
        "VALUES (3, 99, 'hers', now(), now())"
    )
    with on_terminal("bizy-assets", command) as terminal:
        assert terminal.status() == 1, terminal.output
    line = selected(terminal, "bizy-assets migrate")
    assert line.strip() == user_command("migrate", BIZY_ID_POLICY="move")
    assert pasted(line, tmp_path) == 0
    assert migration.query("SELECT count(*) FROM goals WHERE title = 'hers'") == [(1,)]
    assert migration.query("SELECT count(*) FROM tasks") == [(149,)]


@pytest.mark.migrated
def test_the_way_to_finish_a_rollback_is_shown_once(migration: Migration, tmp_path: Path) -> None:
    migration.setenv(DAGSTER_POSTGRES_URL=history_of(migration.server))
    migration.query("UPDATE tasks SET title = 'mine' WHERE id = 4")
    with on_terminal("bizy-assets", "rollback") as terminal:
        assert terminal.status() == 3, terminal.output
    line = selected(terminal, "rollback --keep-edited")
    command = user_command("rollback", "--keep-edited")
    assert line.partition(": ")[2] == command
    assert pasted(command, tmp_path) == 0
    assert migration.query("SELECT title FROM tasks") == [("mine",)]
