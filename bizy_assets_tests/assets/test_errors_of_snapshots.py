"""A snapshot that is not what was made, or not what the parents were loaded from."""

import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import refused, sentence_of


def delete(path: Path) -> None:
    path.unlink()


def alter(path: Path) -> None:
    """Changes a value by SQLite, as somebody might who takes the snapshot for the source."""
    path.chmod(0o600)
    bizy_files.change(path, "UPDATE tasks SET title = 'altered' WHERE id = 1")


def alter_without_a_trace(path: Path) -> None:
    """Changes one byte, and takes size and times back."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_with_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: list[tuple[Any, str]] = [
    (delete, "cannot be read (No such file or directory); put it back, or materialize"),
    (alter, "was altered since it was made (expected SHA-256 "),
    (alter_without_a_trace, "was altered since it was made (expected SHA-256 "),
    (replace_with_a_folder, "cannot be read (Is a directory); put it back, or materialize"),
]


@pytest.mark.parametrize(("damage", "problem"), DAMAGES)
def test_a_load_alone_refuses_a_snapshot_that_is_not_what_was_made(
    migration: Migration, damage: Any, problem: str
) -> None:
    made = migration.materialize("sqlite_backup", "admin_user")
    path = made.metadata("sqlite_backup")["path"]
    damage(Path(path))
    sentence = refused(migration, asset_selection=[_key("pg_goals")])
    assert f"The snapshot {path}" in sentence
    assert problem in sentence
    assert "materialize sqlite_backup and the tables again" in sentence


@pytest.mark.parametrize(("damage", "problem"), DAMAGES)
@pytest.mark.migrated
def test_checks_refuse_a_snapshot_that_is_not_what_was_loaded(
    migration: Migration, damage: Any, problem: str
) -> None:
    path = migration.metadata("sqlite_backup")["path"]
    damage(Path(path))
    before = migration.server.dump(migration.database)
    outcome = migration.run("verify")
    assert not outcome.success
    sentence = sentence_of(migration, outcome.sentences)
    assert f"The snapshot {path}" in sentence
    assert problem in sentence
    assert migration.server.dump(migration.database) == before


@pytest.mark.migrated
def test_a_new_migration_mends_it(migration: Migration) -> None:
    path = migration.metadata("sqlite_backup")["path"]
    delete(Path(path))
    migration.load()
    assert migration.run("verify").success


@pytest.mark.migrated
def test_tasks_refuse_another_moment_than_that_of_their_goals(migration: Migration) -> None:
    old = migration.metadata("sqlite_backup")["path"]
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 1")
    new = migration.materialize("sqlite_backup").metadata("sqlite_backup")["path"]
    sentence = refused(migration, asset_selection=[_key("pg_tasks")])
    assert sentence == (
        f"pg_tasks would load the snapshot {new}, but pg_goals was loaded from {old}, which "
        "has other content. Materialize pg_goals and pg_tasks together."
    )
    assert migration.materialize("pg_goals", "pg_tasks").success


def test_tasks_refuse_to_be_loaded_before_their_goals(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    sentence = refused(migration, asset_selection=[_key("pg_tasks")])
    assert "Table goals in 127.0.0.1" in sentence
    assert "was never loaded" in sentence


def test_a_load_without_an_owner_says_how_to_make_one(migration: Migration) -> None:
    migration.materialize("sqlite_backup")
    sentence = refused(migration, asset_selection=[_key("pg_goals")])
    assert "The owner account admin@bizy.local does not exist" in sentence
    assert "materialize admin_user first" in sentence


def _key(asset: str) -> dg.AssetKey:
    return dg.AssetKey(asset)
