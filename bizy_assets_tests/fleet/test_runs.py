"""Runs of a fleet in this process: one for each file, on a target that was prepared once."""

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.fleet.assets import FILES, RECORDED_CHECKS
from bizy_assets.fleet.definitions import defs
from bizy_assets_tests.support import bizy_files, neighbours
from bizy_assets_tests.support.migrations import Migration, Outcome, sentences_of
from tools import fleet_files

KEYS = ("u00001", "u00002")
PARTITION = "dagster/partition"
MOST_STATEMENTS = 285
"""How many the target may get for a file that did not change, each of which costs every file."""
TASKS = (
    "SELECT key, count(t.id) FROM bizy_migration.sources "
    "LEFT JOIN tasks t USING (user_id) GROUP BY 1 ORDER BY 1"
)


def migrate_job() -> dg.JobDefinition:
    return defs.resolve_job_def("fleet_migrate")


@dataclass
class Fleet:
    """A target of its own, and the files of a fleet in a folder."""

    migration: Migration
    folder: Path

    @property
    def instance(self) -> dg.DagsterInstance:
        return self.migration.instance

    def run(self, job: str, key: str | None = None, **options: Any) -> Outcome:
        result = defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, raise_on_error=False, partition_key=key, **options
        )
        return Outcome(result.success, sentences_of(result), result, self.instance)

    def migrate(self, *keys: str) -> list[Outcome]:
        return [self.run("fleet_migrate", key) for key in keys]

    def from_failure(self, failed: Outcome, key: str) -> Outcome:
        options = dg.ReexecutionOptions.from_failure(failed.result.run_id, self.instance)
        job, tags = dg.reconstructable(migrate_job), {PARTITION: key}
        with dg.execute_job(job, self.instance, reexecution_options=options, tags=tags) as result:
            return Outcome(result.success, sentences_of(result), result, self.instance)

    def metadata(self, asset: str) -> dict[str, Any]:
        """Returns the metadata of the latest materialization of an asset of the fleet."""
        event = self.instance.get_latest_materialization_event(dg.AssetKey(["fleet", asset]))
        assert event is not None
        assert event.asset_materialization is not None
        return {name: v.value for name, v in event.asset_materialization.metadata.items()}

    def verdicts(self) -> tuple[int, int]:
        """Returns how many files a new report calls failed and incomplete."""
        outcome = self.run("fleet_report")
        assert outcome.success, outcome.sentences
        metadata = self.metadata("report")
        return metadata["files failed"], metadata["files incomplete"]

    def snapshots(self, key: str) -> list[Path]:
        return sorted((self.folder / "snapshots" / key).iterdir())

    def evaluations(self) -> set[tuple[str, str | None, str]]:
        """Returns asset, partition and status of each evaluation of a check."""
        storage = self.instance.event_log_storage
        return {
            (key.asset_key.path[-1], record.partition, record.status.value)
            for key in defs.resolve_asset_graph().asset_check_keys
            for record in storage.get_asset_check_execution_history(key, limit=100)
        }


def make(migration: Migration, tmp_path: Path, files: int = 2) -> Fleet:
    folder = tmp_path / "fleet"
    fleet_files.make_fleet(folder / "files", files, tasks=9)
    migration.setenv(
        BIZY_FLEET=str(folder / "files" / fleet_files.MANIFEST),
        BIZY_BACKUP_DIR=str(folder / "snapshots"),
    )
    return Fleet(migration, folder)


@pytest.fixture
def fleet(migration: Migration, tmp_path: Path) -> Fleet:
    """A fleet of two files, and a prepared target."""
    fleet = make(migration, tmp_path)
    outcome = fleet.run("fleet_prepare")
    assert outcome.success, outcome.sentences
    return fleet


def change(fleet: Fleet, key: str, statement: str) -> None:
    """Changes the file of a partition."""
    bizy_files.change(fleet.folder / "files" / f"{key}.db", statement)


def messages(fleet: Fleet, outcome: Outcome) -> Sequence[str]:
    entries = fleet.instance.all_logs(outcome.result.run_id)
    return [entry.user_message for entry in entries if entry.dagster_event is None]


def test_files_are_migrated_verified_and_reported_one_by_one(fleet: Fleet) -> None:
    outcomes = fleet.migrate(*KEYS)
    assert [outcome.sentences for outcome in outcomes] == [[], []]
    query = fleet.migration.query
    assert query(TASKS) == [(key, 9) for key in KEYS]
    assert query("SELECT count(*) FROM users WHERE is_superuser") == [(0,)]
    checked = {f"pg_{contract.table}" for contract in CONTRACTS} | {"sqlite_backup"}
    # A warning counts as failed here, but its severity lets the run succeed.
    found = {(asset, key) for asset, key, _ in fleet.evaluations()}
    assert found == {(asset, key) for asset in checked for key in KEYS}
    assert {status for *_, status in fleet.evaluations()} <= {"SUCCEEDED", "FAILED"}
    recorded = "SELECT key, count(*) FROM bizy_migration.check_results JOIN bizy_migration.sources "
    assert query(recorded + "ON id = source_id GROUP BY 1 ORDER BY 1") == [
        (key, RECORDED_CHECKS) for key in KEYS
    ]
    assert [len(fleet.snapshots(key)) for key in KEYS] == [1, 1]
    # Each message and each event of thousands of runs is stored.
    assert messages(fleet, outcomes[0]) == []
    assert len(fleet.instance.all_logs(outcomes[0].result.run_id)) < 60

    before = query("SELECT count(*) FROM bizy_migration.loads")
    verified = fleet.run("fleet_verify", KEYS[1])
    assert verified.success, verified.sentences
    assert len(verified.checks()) == len(checked)
    assert query("SELECT count(*) FROM bizy_migration.loads") == before

    assert fleet.verdicts() == (0, 0)
    assert Path(fleet.metadata("report")["file"]).is_file()
    # The report is about what was migrated, also if a file is gone.
    (fleet.folder / "files" / f"{KEYS[0]}.db").unlink()
    assert fleet.verdicts() == (0, 0)


def test_a_verification_that_a_migration_overtakes_replaces_no_later_result(fleet: Fleet) -> None:
    key = KEYS[0]
    fleet.migrate(key)
    waiting, overtaking = [key], []

    def overtake(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        # The verification has read everything, and is about to lock and to record what it found.
        if waiting and "pg_advisory_lock" in statement:
            waiting.clear()
            change(fleet, key, "UPDATE tasks SET parent_goal_id = 999999, priority = -5")
            overtaking.extend(fleet.migrate(key))

    sa.event.listen(sa.Engine, "before_cursor_execute", overtake)
    try:
        verified = fleet.run("fleet_verify", key)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", overtake)
    assert verified.success, verified.sentences
    [migrated] = overtaking
    query = fleet.migration.query
    recorded = query(
        "SELECT table_name, check_name, status FROM bizy_migration.check_results "
        "WHERE dagster_run_id = %s AND status <> 'ok' ORDER BY 1",
        migrated.result.run_id,
    )
    assert recorded == [
        ("sqlite_backup", "orphans", "WARNING"),
        ("tasks", "backend_accepts", "WARNING"),
    ]
    by_run = "SELECT dagster_run_id, count(*) FROM bizy_migration.check_results GROUP BY 1"
    assert query(by_run) == [(migrated.result.run_id, RECORDED_CHECKS)]
    # Another one, which nothing overtakes, replaces all of them.
    verified = fleet.run("fleet_verify", key)
    assert query(by_run) == [(verified.result.run_id, RECORDED_CHECKS)]


def test_an_unchanged_file_takes_few_statements(fleet: Fleet) -> None:
    key = KEYS[0]
    fleet.migrate(key)
    statements: list[str] = []

    def note(connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        # Dagster's history is in SQLite here.
        if connection.dialect.name == "postgresql":
            statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        [outcome] = fleet.migrate(key)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert outcome.sentences == []
    assert len(statements) <= MOST_STATEMENTS


def test_collected_files_are_only_read(
    migration: Migration, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(tempfile.mkdtemp(dir=folder))
    place.chmod(0o755)
    fleet = make(migration, place)
    assert fleet.run("fleet_prepare").success
    monkeypatch.setenv("BIZY_HOME", str(place / "home"))
    for writable in (fleet.folder / "snapshots", place / "home"):
        writable.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(writable, neighbours.NOBODY, neighbours.NOBODY)
    files = fleet.folder / "files"
    for path in (*files.iterdir(), files, fleet.folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with neighbours.without_privileges():
        [outcome] = fleet.migrate(KEYS[0])
    assert outcome.success, outcome.sentences
    assert migration.query(TASKS) == [(KEYS[0], 9)]


def test_a_bad_file_fails_alone_and_is_retried_alone(fleet: Fleet) -> None:
    good, bad = KEYS
    files = fleet.folder / "files"
    # The second damage is a value, so the file gets as far as a snapshot.
    assert fleet_files.make_fleet(files, 2, tasks=9, corrupt=2)[bad] == "datetime"
    fleet_files.mend(files, [good], tasks=9)
    failed, migrated = fleet.migrate(bad, good)
    assert (failed.success, migrated.success) == (False, True)
    assert fleet.migration.query(TASKS) == [(good, 9)]
    # Never the rows of another file.
    verified = fleet.run("fleet_verify", bad)
    assert any("was never loaded" in sentence for sentence in verified.sentences)
    # The advice names the field of the manifest, not a variable.
    [check] = failed.checks().values()
    cure = "set on_bad_row in the manifest to quarantine"
    assert cure in str(check.description)
    [sentence] = failed.sentences
    assert sentence == f"Check verified of fleet/sqlite_backup failed: {check.description}"
    ran = {(a, key) for a, key, status in fleet.evaluations() if status != "PLANNED"}
    assert {asset for asset, key in ran if key == bad} == {"sqlite_backup"}
    assert fleet.verdicts() == (1, 0)
    # The reason stands once, as the check gave it, in the list and in the table.
    report = Path(fleet.metadata("report")["file"]).read_text()
    assert (report.count(cure), report.count("Check verified of")) == (2, 0)
    # A snapshot of the mended file, although the failed run took one before.
    fleet_files.mend(files, [bad], tasks=9)
    again = fleet.from_failure(failed, bad)
    assert again.success, again.sentences
    assert len(fleet.snapshots(bad)) == 2
    assert fleet.migration.query(TASKS) == [(key, 9) for key in KEYS]
    assert fleet.verdicts() == (0, 0)
    change(fleet, bad, "UPDATE tasks SET priority = 'high'")
    [worse] = fleet.migrate(bad)
    assert fleet.verdicts() == (1, 0)
    report = Path(fleet.metadata("report")["file"]).read_text()
    assert re.search(f"run <code>{worse.result.run_id}</code> of 20.* UTC", report)
    assert again.result.run_id not in report


def test_a_strict_fleet_fails_a_file_with_warnings_after_it_is_loaded(fleet: Fleet) -> None:
    warned, clean = KEYS
    change(fleet, warned, "UPDATE tasks SET parent_goal_id = 999999")
    fleet.migration.setenv(BIZY_STRICT="true")
    failed, migrated = fleet.migrate(warned, clean)
    assert migrated.success, migrated.sentences
    [sentence] = failed.sentences
    assert sentence.startswith(
        "Fix what 1 check warned of, or unset BIZY_STRICT: verified of fleet/sqlite_backup. "
    )
    assert fleet.migration.query(TASKS) == [(key, 9) for key in KEYS]
    [found] = [each for each in failed.checks().values() if not each.passed]
    assert found.severity.value == "WARN"
    # These runs have no last step that could fail them.
    for strict in (
        fleet.run("fleet_verify", warned),
        fleet.run("fleet_migrate", warned, asset_selection=[found.asset_key]),
    ):
        assert not strict.success
        kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
        events = fleet.instance.all_logs(strict.result.run_id, of_type=kind)
        data = [e.dagster_event.asset_check_evaluation_data for e in events if e.dagster_event]
        assert [each.severity.value for each in data if not each.passed] == ["ERROR"]
    fleet.migration.setenv(BIZY_STRICT="false")
    assert fleet.run("fleet_verify", warned).success


def test_a_failed_file_is_reported_with_its_key(fleet: Fleet, tmp_path: Path) -> None:
    [sensor] = [each for each in defs.sensors or [] if each.name == "alert_on_failure"]
    tick = sensor.evaluate_tick(dg.build_sensor_context(fleet.instance))
    change(fleet, KEYS[1], "UPDATE tasks SET priority = 'high'")
    fleet.migration.setenv(BIZY_ALERT_COMMAND=f"tee '{tmp_path}/alert'")
    assert [outcome.success for outcome in fleet.migrate(*KEYS)] == [True, False]
    sensor.evaluate_tick(dg.build_sensor_context(fleet.instance, tick.cursor))
    assert (
        (tmp_path / "alert")
        .read_text()
        .startswith(f"The Bizy job fleet_migrate failed for {KEYS[1]}: Check verified of ")
    )


def test_from_failure_continues_with_the_snapshot_of_the_failed_run(fleet: Fleet) -> None:
    key = KEYS[0]
    query = fleet.migration.query
    query("ALTER TABLE goals ADD CONSTRAINT early CHECK (user_id < 0) NOT VALID")
    [failed] = fleet.migrate(key)
    assert not failed.success
    # Tables that do not depend on the one that failed are loaded and checked.
    assert [sentence for sentence in failed.sentences if "early" in sentence]
    ran = {asset for asset, _, status in fleet.evaluations() if status != "PLANNED"}
    loaded = {f"pg_{contract.table}" for contract in CONTRACTS} - {"pg_goals", "pg_tasks"}
    assert ran == {"sqlite_backup", *loaded}
    query("ALTER TABLE goals DROP CONSTRAINT early")
    # The snapshot of another file is not the latest of this one.
    assert all(outcome.success for outcome in fleet.migrate(KEYS[1]))
    [snapshot] = fleet.snapshots(key)
    again = fleet.from_failure(failed, key)
    assert again.success, again.sentences
    assert fleet.snapshots(key) == [snapshot]
    steps = {event.step_key for event in again.result.all_events if event.is_step_start}
    assert steps == {"fleet__tables"}
    assert (str(snapshot),) in query("SELECT DISTINCT snapshot_path FROM bizy_migration.runs")


def test_what_cannot_work_in_a_fleet_is_refused(migration: Migration, tmp_path: Path) -> None:
    fleet = make(migration, tmp_path)
    fleet.instance.add_dynamic_partitions(str(FILES.name), [*KEYS, "u9"])
    manifest = fleet.folder / "files" / fleet_files.MANIFEST
    unknown = fleet.run("fleet_migrate", "u9")
    assert unknown.sentences == [
        f"{manifest} has no file with the key 'u9'; add it again, or choose another."
    ]
    text = manifest.read_text()
    manifest.write_text(text.replace(f'username = "{KEYS[1]}"', f'username = "{KEYS[0]}"'))
    [sentence] = fleet.run("fleet_migrate", KEYS[0]).sentences
    assert sentence.startswith(f"{manifest} has 1 mistake. Line 14: username is 'u00001', as in")
    manifest.write_text(text)
    # As in an instance in which the fleet was not prepared.
    fleet.instance.delete_dynamic_partition(str(FILES.name), KEYS[1])
    with dg.execute_job(
        dg.reconstructable(migrate_job), fleet.instance, tags={PARTITION: KEYS[1]}
    ) as result:
        [sentence] = sentences_of(result)
    assert sentence.startswith("Dagster has no partition u00002 yet; run fleet_prepare")
    migration.setenv(BIZY_TRIGGERS="disable")
    for job, key in (("fleet_prepare", None), ("fleet_migrate", KEYS[0])):
        [sentence] = fleet.run(job, key).sentences
        assert sentence.startswith("BIZY_TRIGGERS is 'disable', which would lock a table")
    assert migration.tables() == set()


def test_preparing_twice_creates_nothing(fleet: Fleet) -> None:
    created = fleet.metadata("target_schema")["created"]
    assert {"users", "goals", "tasks"} <= set(created)
    before = fleet.migration.server.dump(fleet.migration.database)
    assert fleet.run("fleet_prepare").success
    assert fleet.metadata("target_schema")["created"] == []
    assert fleet.migration.server.dump(fleet.migration.database) == before


def test_one_file_is_rolled_back_and_the_last_one_takes_the_objects(
    migration: Migration, tmp_path: Path
) -> None:
    empty = migration.server.dump(migration.database)
    fleet = make(migration, tmp_path)
    assert fleet.run("fleet_prepare").success
    assert all(outcome.success for outcome in fleet.migrate(*KEYS))
    assert fleet.run("fleet_rollback", KEYS[0]).success
    assert migration.query(TASKS) == [(KEYS[1], 9)]
    assert fleet.run("fleet_verify", KEYS[1]).success
    # A file that has left the manifest has no partition any more.
    (fleet.folder / "files" / fleet_files.MANIFEST).write_text("")
    config = {"ops": {"roll_back_file": {"config": {"key": KEYS[1]}}}}
    rolled_back = fleet.run("fleet_rollback", run_config=config)
    assert rolled_back.success, rolled_back.sentences
    assert migration.server.dump(migration.database) == empty
