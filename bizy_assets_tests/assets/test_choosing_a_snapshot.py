"""Which snapshot a load takes, and which ones stay."""

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bizy_assets.core import pipeline
from bizy_assets.core.source.snapshot import take_snapshot
from bizy_assets.core.target.owner import Owner, ensure_owner
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration

LOAD = ("admin_user", "pg_goals", "pg_tasks")


def backups(folder: Path) -> set[Path]:
    return set(folder.glob("*_backup_*.db"))


def back_up(migration: Migration) -> Path:
    outcome = migration.materialize("sqlite_backup")
    assert outcome.success, outcome.sentences
    return Path(outcome.metadata("sqlite_backup")["path"])


def loaded_from(migration: Migration) -> set[str]:
    return {path for (path,) in migration.query("SELECT snapshot_path FROM bizy_migration.runs")}


def test_a_load_takes_the_snapshot_and_not_the_source(migration: Migration) -> None:
    back_up(migration)
    bizy_files.change(migration.source, "DELETE FROM tasks")
    assert migration.materialize(*LOAD).success
    assert migration.query("SELECT count(*) FROM tasks") == [(149,)]


def test_a_load_alone_takes_the_latest_snapshot(migration: Migration) -> None:
    back_up(migration)
    bizy_files.change(migration.source, "DELETE FROM tasks WHERE id > 100")
    latest = back_up(migration)
    assert migration.materialize(*LOAD).success
    assert loaded_from(migration) == {str(latest)}


def test_a_load_never_takes_the_snapshot_of_another_source(
    migration: Migration, tmp_path: Path
) -> None:
    own = back_up(migration)
    other = bizy_files.make(tmp_path / "tasks.db", tasks=[{}])
    migration.setenv(SQLITE_DB_PATH=str(other))
    back_up(migration)
    migration.setenv(SQLITE_DB_PATH=str(migration.source))
    assert migration.materialize(*LOAD).success
    assert loaded_from(migration) == {str(own)}


@pytest.mark.exhaustive
def test_a_run_takes_its_own_snapshot_though_another_run_made_a_later_one(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure = ensure_owner

    def meanwhile(*arguments: Any, **options: Any) -> Owner:
        made = take_snapshot(migration.source, migration.source.parent).snapshot
        migration.instance.report_runless_asset_event(
            dg.AssetMaterialization(
                "sqlite_backup",
                metadata={
                    "path": str(made.path),
                    "source": str(made.source),
                    "sha256": made.sha256,
                    "taken_at": dg.MetadataValue.timestamp(made.taken_at),
                },
            )
        )
        return ensure(*arguments, **options)

    monkeypatch.setattr(pipeline, "ensure_owner", meanwhile)
    outcome = migration.migrate()
    first, later = sorted(backups(migration.source.parent))
    assert outcome.metadata("sqlite_backup")["path"] == str(later)
    assert loaded_from(migration) == {str(first)}


def test_a_load_without_any_snapshot_says_how_to_make_one(migration: Migration) -> None:
    outcome = migration.materialize("admin_user", "pg_goals")
    assert outcome.sentences == [
        f"There is no snapshot of {migration.source} yet; materialize sqlite_backup first."
    ]


def test_all_snapshots_stay_unless_a_number_is_set(migration: Migration) -> None:
    made = {back_up(migration) for _ in range(3)}
    assert backups(migration.source.parent) == made


def test_the_number_of_snapshots_that_is_set_stays(migration: Migration) -> None:
    migration.setenv(BIZY_KEEP_BACKUPS="2")
    made = [back_up(migration) for _ in range(4)]
    assert backups(migration.source.parent) == set(made[2:])


@pytest.mark.migrated
def test_the_snapshot_that_was_loaded_last_stays(migration: Migration) -> None:
    migration.setenv(BIZY_KEEP_BACKUPS="1")
    [loaded] = loaded_from(migration)
    made = [back_up(migration) for _ in range(3)]
    assert backups(migration.source.parent) == {Path(loaded), made[2]}
    assert migration.run("verify").success


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_what_another_target_was_loaded_from_stays(migration: Migration) -> None:
    migration.setenv(BIZY_KEEP_BACKUPS="1")
    first = migration.database
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'changed'")
    migration.setenv(DATABASE_URL=migration.server.create_database(f"{first}_b"))
    migration.load()
    migration.load()
    migration.setenv(DATABASE_URL=migration.server.url(first))
    assert migration.run("verify").success


def test_what_was_removed_is_named(migration: Migration) -> None:
    migration.setenv(BIZY_KEEP_BACKUPS="1")
    first = back_up(migration)
    outcome = migration.materialize("sqlite_backup")
    assert outcome.metadata("sqlite_backup")["deleted_snapshots"] == [str(first)]


def test_files_that_are_not_ours_stay(migration: Migration, tmp_path: Path) -> None:
    folder = migration.source.parent
    migration.setenv(BIZY_KEEP_BACKUPS="1", BIZY_BACKUP_DIR=str(folder))
    old = Path(shutil.copy(migration.source, folder / "tasks_backup_20200101_000000.db"))
    replaced = back_up(migration)
    replaced.write_text("something else under the name of a snapshot")
    migration.setenv(SQLITE_DB_PATH=str(bizy_files.make(tmp_path / "tasks.db", tasks=[{}])))
    of_another_source = back_up(migration)
    migration.setenv(SQLITE_DB_PATH=str(migration.source))
    latest = [back_up(migration) for _ in range(2)][1]
    assert backups(folder) == {old, replaced, of_another_source, latest}
    assert replaced.read_text() == "something else under the name of a snapshot"


@pytest.mark.parametrize("keep", [0, -1])
def test_a_number_in_run_configuration_is_checked_too(migration: Migration, keep: int) -> None:
    outcome = migration.run(
        run_config={"resources": {"source": {"config": {"keep_backups": keep}}}}
    )
    [sentence] = outcome.sentences
    assert f"keep_backups is {keep}" in sentence
    assert backups(migration.source.parent) == set()
