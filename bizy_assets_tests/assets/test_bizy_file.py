"""The Bizy file is watched: what changes its version, and when a run follows."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
import yaml

from bizy_assets.assets import source_file
from bizy_assets.core.errors import SourceError
from bizy_assets.core.postgres.urls import describe_url, parse_url
from bizy_assets.core.source.change_detection import file_digest, file_signature
from bizy_assets.definitions import defs
from bizy_assets.resources import WRITES, BizySource
from bizy_assets.sensors import QUIET_SECONDS, migrate_when_bizy_changed
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.observing import observed

RENAME = "UPDATE tasks SET title = 'other' WHERE id = 1"
WAITING = "The Bizy file has changed and been idle for 0 s; `migrate` runs after 60 s."


def test_the_version_changes_with_the_content_alone(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = observed(migration)
    migration.source.touch()
    assert observed(migration) == first
    bizy_files.change(migration.source, RENAME)
    second = observed(migration)
    assert second != first
    # Nothing was written since, so nothing is read.
    monkeypatch.setattr(source_file, "file_digest", None)
    assert observed(migration) == second


def test_a_write_that_is_still_in_the_wal_counts(source: Path) -> None:
    with closing(sqlite3.connect(source)) as bizy:
        bizy.execute("PRAGMA journal_mode = WAL")
        before = file_signature(source), file_digest(source)
        bizy.execute(RENAME)
        bizy.commit()
        after = file_signature(source), file_digest(source)
        assert before[0] != after[0]
        assert before[1] != after[1]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        file_signature(tmp_path / "nothing.db")


class Sensor:
    """The sensor, and the cursor that Dagster keeps for it."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None

    def ticks(self) -> dg.RunRequest | str:
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"source": BizySource()}
        )
        said = migrate_when_bizy_changed(context)
        self.cursor = context.cursor
        return said if isinstance(said, dg.RunRequest) else said.skip_message

    def a_minute_passes(self) -> None:
        seen = json.loads(self.cursor)
        self.cursor = json.dumps(seen | {"since": seen["since"] - QUIET_SECONDS})


def test_a_changed_file_is_migrated_once_it_is_quiet(migration: Migration) -> None:
    sensor = Sensor(migration.instance)
    assert sensor.ticks() == "The Bizy file has not changed."
    sensor.a_minute_passes()
    assert sensor.ticks() == "The Bizy file has not changed."
    bizy_files.change(migration.source, RENAME)
    assert sensor.ticks() == WAITING
    sensor.a_minute_passes()
    bizy_files.change(migration.source, RENAME.replace("other", "again"))
    assert sensor.ticks() == WAITING
    sensor.a_minute_passes()
    request = sensor.ticks()
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == file_signature(migration.source)
    assert sensor.ticks() == "The Bizy file has not changed."


def test_a_file_that_is_gone_is_waited_for(migration: Migration) -> None:
    sensor = Sensor(migration.instance)
    sensor.ticks()
    known = sensor.cursor
    migration.source.rename(migration.source.with_suffix(".away"))
    assert "There is no file" in str(sensor.ticks())
    assert sensor.cursor == known


def test_runs_that_write_queue_for_the_target() -> None:
    settings = yaml.safe_load((CHECKOUT / "dagster.yaml").read_text())
    [limit] = settings["concurrency"]["runs"]["tag_concurrency_limits"]
    writing = {job.name for job in defs.jobs if job.tags.get(limit["key"]) == limit["value"]}
    assert (writing, limit["limit"]) == ({"migrate", "rollback"}, 1)
    assert settings["run_monitoring"]["enabled"]


@pytest.mark.migrated
def test_a_run_can_be_found_by_source_target_and_snapshot(migration: Migration) -> None:
    made = migration.metadata("sqlite_backup")
    tags = {
        "bizy/source": migration.source.name,
        "bizy/version": made["sha256"][:12],
        "bizy/target": describe_url(parse_url(os.environ["DATABASE_URL"], variable="")),
    }
    [run] = migration.instance.get_runs(dg.RunsFilter(tags=tags))
    assert run.is_success
    assert migration.run("verify").success
    assert migration.run("rollback").success
    runs = migration.instance.get_runs(dg.RunsFilter(tags=tags))
    assert {run.job_name for run in runs} == {"migrate", "verify", "rollback"}
    # The UI hides Dagster's own tags, and with them that of a run's process.
    shown = {tag for run in runs for tag in run.tags if not tag.startswith((".dagster", "dagster"))}
    assert shown == {*tags, *WRITES}


def test_nothing_starts_by_itself_before_somebody_wants_it() -> None:
    repository = defs.get_repository_def()
    sensors = {sensor.name: sensor for sensor in repository.sensor_defs}
    assert set(sensors) == {"migrate_when_bizy_changed", "alert_on_failure"}
    assert {s.default_status for s in sensors.values()} == {dg.DefaultSensorStatus.STOPPED}
    assert sensors["migrate_when_bizy_changed"].job_name == "migrate"
    schedules = {schedule.job_name: schedule for schedule in repository.schedule_defs}
    assert set(schedules) == {"verify", "forget_old_runs"}
    for schedule in schedules.values():
        assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
