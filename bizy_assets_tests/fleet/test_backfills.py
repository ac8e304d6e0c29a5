"""Backfills of real files on real workers: what fails is retried alone, and all of it is proved."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bizy_assets.core.fleet import read_manifest
from bizy_assets.fleet.definitions import defs
from bizy_assets.fleet.services import PROCESSES, Fleet
from bizy_assets_tests.fleet.conftest import Started, command, processes_of, running
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backends import use_backend
from bizy_assets_tests.support.file_rows import FOREIGN, all_rows, rows_by_file
from bizy_assets_tests.support.graphql import ask
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.pausing import WAITING, gate
from bizy_assets_tests.support.pipelines import Pipeline
from bizy_assets_tests.support.processes import until
from tools import fleet_files

# Dagster's own client is behind the package that it asks with.
pytestmark = pytest.mark.filterwarnings("ignore:Using variable_values:DeprecationWarning")

DEFINITIONS = "bizy_assets.fleet.definitions"
PARTITION = "dagster/partition"
TASKS = 9

FILES = int(os.environ.get("TEST_FLEET_FILES", "10"))
"""Size of the fleet of which most files are good."""

_LAUNCH = """mutation($params: LaunchBackfillParams!) {
    backfill: launchPartitionBackfill(backfillParams: $params) {
        ... on LaunchBackfillSuccess {backfillId}}
}"""
_RETRY = """mutation($params: ReexecutionParams!) {
    backfill: reexecutePartitionBackfill(reexecutionParams: $params) {
        ... on LaunchBackfillSuccess {backfillId}}
}"""
_STATUS = """query($backfill: String!) {
    backfill: partitionBackfillOrError(backfillId: $backfill) {... on PartitionBackfill {status}}
}"""

_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dataclass(frozen=True)
class Backfill:
    """A backfill that has ended: its runs, and their statuses by the key of the file."""

    id: str
    runs: Sequence[dg.DagsterRun]

    @property
    def statuses(self) -> dict[str, str]:
        return {run.tags[PARTITION]: run.status.value for run in self.runs}

    def run(self, key: str) -> dg.DagsterRun:
        [run] = [run for run in self.runs if run.tags[PARTITION] == key]
        return run


@dataclass
class RunningFleet(Started):
    """The services with the real definitions, and the target."""

    migration: Migration
    bad: list[str]

    @property
    def keys(self) -> list[str]:
        return list(read_manifest().entries)

    def prepare(self) -> None:
        self.until_all([self.submit("fleet_prepare")], "SUCCESS")

    def run_each(self, job: str) -> None:
        """Runs a job for each file, which must succeed; a backfill waits up to ten seconds."""
        self.until_all([self.submit(job, {PARTITION: key}) for key in self.keys], "SUCCESS")

    def start(self, job: str) -> str:
        """Starts a backfill of all files, and returns its id."""
        repository = {
            "repositoryName": "__repository__",
            "repositoryLocationName": DEFINITIONS,
        }
        selector = {
            "partitionSetName": f"{job}_partition_set",
            "repositorySelector": repository,
        }
        parameters = {"selector": selector, "partitionNames": self.keys}
        return self._launch(_LAUNCH, parameters)

    def retry(self, failed: Backfill) -> Backfill:
        """Runs again what failed, from the failed step on, as the button of the UI does."""
        parameters = {"parentRunId": failed.id, "strategy": "FROM_FAILURE"}
        return self.ended(self._launch(_RETRY, parameters))

    def ended(self, backfill: str) -> Backfill:
        """Waits until a backfill has ended; gives up when nothing happens for two minutes."""
        tags = {"dagster/backfill": backfill}
        finished = dg.RunsFilter(tags=tags, statuses=_FINISHED)
        count, status = 0, ""

        def has_progressed() -> bool:
            nonlocal count, status
            before = (count, status)
            found = ask(self.fleet.url(), _STATUS, backfill=backfill)["backfill"]
            count, status = self.history.get_runs_count(finished), str(found["status"])
            return (count, status) != before

        while not status.startswith("COMPLETED"):
            until(has_progressed)
        return Backfill(backfill, self.history.get_runs(dg.RunsFilter(tags=tags)))

    def _launch(self, mutation: str, parameters: dict[str, Any]) -> str:
        answer = ask(self.fleet.url(), mutation, params=parameters)
        return str(answer["backfill"]["backfillId"])

    def assert_only_these_failed(self, backfill: Backfill, keys: Collection[str]) -> dict[str, str]:
        """Makes sure which runs failed, and that damaged files left nothing but a sentence.

        Returns the sentences by the key of the file.
        """
        reasons = self.report()
        statuses = {key: "FAILURE" if key in keys else "SUCCESS" for key in self.keys}
        assert backfill.statuses == statuses, reasons
        assert len(backfill.runs) == len(self.keys)
        assert reasons.keys() == set(keys)
        assert {key for key in self.bad if f"{key}.db" not in reasons[key]} == set()
        owners = self.migration.query("SELECT username FROM users WHERE username LIKE 'u0%%'")
        assert {name for (name,) in owners} == set(self.keys) - set(self.bad)
        return reasons

    def report(self) -> dict[str, str]:
        """Returns what a new report says of each file that failed."""
        self.until_all([self.submit("fleet_report")], "SUCCESS")
        key = dg.AssetKey(["fleet", "report"])
        event = self.history.get_latest_materialization_event(key)
        assert event is not None
        assert event.asset_materialization is not None
        text = str(event.asset_materialization.metadata["report"].value)
        rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line[:3] == "| u"]
        return {key: problem for key, verdict, *_, problem in rows if verdict == "failed"}

    def evaluations(self) -> list[tuple[str, str | None, str, str]]:
        """Returns asset, partition, status and run of each execution of a check."""
        storage = self.history.event_log_storage
        return [
            (key.asset_key.path[-1], record.partition, record.status.value, record.run_id)
            for key in defs.resolve_asset_graph().asset_check_keys
            for record in storage.get_asset_check_execution_history(key, limit=100_000)
        ]

    def assert_every_check_has_ended(self) -> None:
        """Makes sure that no check is left without a result, nor one without a partition."""
        found = self.evaluations()
        assert {key for _, key, *_ in found} == set(self.keys)
        assert "PLANNED" not in {status for *_, status, _ in found}


@pytest.fixture
def fleet(
    migration: Migration, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[RunningFleet]:  # fmt: skip
    """The services of generated files, of which some are damaged, on a backend's tables."""
    files, corrupt = request.param
    folder = tmp_path / "files"
    bad = sorted(fleet_files.make_fleet(folder, files, tasks=TASKS, corrupt=corrupt))
    monkeypatch.setenv("BIZY_FLEET", str(folder / fleet_files.MANIFEST))
    use_backend(migration)
    services = Fleet(home, DEFINITIONS)
    with running(services, migration.server, folder, monkeypatch) as started:
        yield RunningFleet(started.fleet, started.history, folder, migration, bad)
    assert processes_of(home) == []


def undisturbed(fleet: RunningFleet) -> dict[str, list[tuple[Any, ...]]]:
    """Migrates the files one after the other into another database, and returns their rows."""
    name = f"{fleet.migration.database}_undisturbed"
    pipeline = Pipeline(fleet.migration.server.create_database(name), fleet.folder / "home")
    for key, entry in read_manifest().entries.items():
        alone = replace(pipeline, zone=entry.source_settings().zone.key)
        if key == fleet.keys[0]:
            alone.prepare()
        assert alone.migrate(entry.path, key, email=entry.email).errors == []
    return rows_by_file(pipeline.query)


def fail_and_retry(fleet: RunningFleet) -> None:
    """Migrates the files beside a worker and a broker that are killed, and retries the failed."""
    query = fleet.migration.query
    held = next(key for key in fleet.keys if key not in fleet.bad)
    bizy_files.change(
        fleet.folder / f"{held}.db", "UPDATE tasks SET title = 'held' WHERE priority = 4"
    )
    with gate(fleet.migration, ("public", "tasks"), "NEW.title = 'held'"):
        backfill = fleet.start("fleet_migrate")
        until(lambda: query(WAITING))
        of_held = {"dagster/backfill": backfill, PARTITION: held}
        [run] = fleet.history.get_runs(dg.RunsFilter(tags=of_held))
        worker = fleet.kill_worker(fleet.process_of(run.run_id))
        fleet.kill_broker()
        restarted = command("start", DEFINITIONS)
        assert restarted.error.startswith(f"Started broker, {worker}.\n")
    first = fleet.ended(backfill)
    red = {*fleet.bad, held}
    reasons = fleet.assert_only_these_failed(first, red)
    assert "process has ended" in reasons[held]

    fleet_files.mend(fleet.folder, fleet.bad, tasks=TASKS)
    again = fleet.retry(first)
    assert again.statuses == dict.fromkeys(red, "SUCCESS"), fleet.report()
    assert len(again.runs) == len(red)


def assert_undisturbed(fleet: RunningFleet) -> None:
    """Makes sure that checks and rows are those of files that were migrated one by one."""
    fleet.assert_every_check_has_ended()
    assert fleet.migration.query(FOREIGN) == []
    assert rows_by_file(fleet.migration.query) == undisturbed(fleet)


@pytest.mark.parametrize("fleet", [(3, 1)], indirect=True)
def test_a_bad_file_and_a_killed_worker_cost_one_retry_of_their_own(fleet: RunningFleet) -> None:
    fleet.prepare()
    fail_and_retry(fleet)
    assert_undisturbed(fleet)


@pytest.mark.exhaustive
@pytest.mark.parametrize("fleet", [(6, 2)], indirect=True)
def test_files_that_were_retried_are_verified_and_rolled_back_one_by_one(
    fleet: RunningFleet,
) -> None:
    query, dump = fleet.migration.query, fleet.migration.server.dump
    database = fleet.migration.database
    before = dump(database)
    fleet.prepare()
    fail_and_retry(fleet)
    fleet.run_each("fleet_verify")
    assert_undisturbed(fleet)

    records = all_rows(query)
    gone = fleet.keys[3]
    fleet.until_all([fleet.submit("fleet_rollback", {PARTITION: gone})], "SUCCESS")
    for table, rows in all_rows(query).items():
        assert rows == [row for row in records[table] if row[0] != gone], table
    fleet.run_each("fleet_rollback")
    assert dump(database) == before
    assert set(command("stop", DEFINITIONS).error.splitlines()) == {
        f"{name}: stopped" for name in ("broker", *PROCESSES)
    }


@pytest.mark.exhaustive
@pytest.mark.parametrize("fleet", [(FILES, 3)], indirect=True)
def test_of_many_files_only_the_damaged_ones_fail(fleet: RunningFleet) -> None:
    fleet.prepare()
    first = fleet.ended(fleet.start("fleet_migrate"))
    fleet.assert_only_these_failed(first, fleet.bad)
    fleet_files.mend(fleet.folder, list(fleet.bad), tasks=TASKS)
    again = fleet.retry(first)
    assert again.statuses == dict.fromkeys(fleet.bad, "SUCCESS")
    assert len(again.runs) == len(fleet.bad)
    verified = fleet.ended(fleet.start("fleet_verify"))
    assert verified.statuses == dict.fromkeys(fleet.keys, "SUCCESS")
    assert len(verified.runs) == len(fleet.keys)
    assert fleet.report() == {}
    fleet.assert_every_check_has_ended()
    assert fleet.migration.query(FOREIGN) == []
