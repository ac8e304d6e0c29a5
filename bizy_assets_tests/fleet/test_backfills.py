"""Backfills of real files on real workers: what fails is retried alone, and all of it is proved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bizy_assets.core.fleet import read_manifest
from bizy_assets.fleet.definitions import defs
from bizy_assets.fleet.services import Fleet
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

    @property
    def keys(self) -> list[str]:
        return list(read_manifest().entries)

    def prepare(self) -> None:
        self.until_all([self.submit("fleet_prepare")], "SUCCESS")

    def backfill(self, job: str, keys: Sequence[str] = ()) -> Backfill:
        """Runs a job for some files, all unless told otherwise, until the backfill has ended."""
        return self.ended(self.start(job, keys))

    def start(self, job: str, keys: Sequence[str] = ()) -> str:
        repository = {
            "repositoryName": "__repository__",
            "repositoryLocationName": DEFINITIONS,
        }
        selector = {
            "partitionSetName": f"{job}_partition_set",
            "repositorySelector": repository,
        }
        parameters = {"selector": selector, "partitionNames": list(keys or self.keys)}
        return self._launch(_LAUNCH, parameters)

    def retry(self, failed: Backfill) -> Backfill:
        """Runs again what failed, from the failed step on, as the button of the UI does."""
        parameters = {"parentRunId": failed.id, "strategy": "FROM_FAILURE"}
        return self.ended(self._launch(_RETRY, parameters))

    def ended(self, backfill: str) -> Backfill:
        def status() -> str:
            found = ask(self.fleet.url(), _STATUS, backfill=backfill)["backfill"]
            return str(found["status"])

        until(lambda: status().startswith("COMPLETED"))
        runs = self.history.get_runs(dg.RunsFilter(tags={"dagster/backfill": backfill}))
        assert all(run.is_finished for run in runs)
        return Backfill(backfill, runs)

    def _launch(self, mutation: str, parameters: dict[str, Any]) -> str:
        answer = ask(self.fleet.url(), mutation, params=parameters)
        return str(answer["backfill"]["backfillId"])

    def reason(self, run: dg.DagsterRun) -> str:
        """Returns what the failed steps of a run say to the user."""
        entries = self.history.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        failures = [e.dagster_event.step_failure_data for e in entries if e.dagster_event]
        return " ".join(
            str(f.user_failure_data.description) if f.user_failure_data else str(f.error)
            for f in failures
        )

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
        """Makes sure that no check of a run that succeeded is left without a result."""
        found = self.evaluations()
        assert {key for _, key, *_ in found} == set(self.keys)
        unfinished = {run_id for *_, status, run_id in found if status == "PLANNED"}
        assert {self.status(run_id) for run_id in unfinished} <= {"FAILURE"}
        latest = {(asset, key): status for asset, key, status, _ in reversed(found)}
        assert "PLANNED" not in latest.values()


@pytest.fixture
def fleet(
    migration: Migration, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[RunningFleet]:  # fmt: skip
    """The services of generated files, of which some are damaged, on a backend's tables."""
    files, corrupt = request.param
    folder = tmp_path / "files"
    fleet_files.make_fleet(folder, files, tasks=TASKS, corrupt=corrupt)
    monkeypatch.setenv("BIZY_FLEET", str(folder / fleet_files.MANIFEST))
    use_backend(migration)
    services = Fleet(home, DEFINITIONS)
    with running(services, migration.server, folder, monkeypatch) as started:
        yield RunningFleet(started.fleet, started.history, folder, migration)
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


@pytest.mark.parametrize("fleet", [(8, 2)], indirect=True)
def test_bad_files_and_a_killed_worker_cost_one_retry_of_their_own(
    fleet: RunningFleet,
) -> None:
    query, dump = fleet.migration.query, fleet.migration.server.dump
    database = fleet.migration.database
    before = dump(database)
    bad = sorted(fleet_files.make_fleet(fleet.folder, 8, tasks=TASKS, corrupt=2))
    held = next(key for key in fleet.keys if key not in bad)
    held_file = fleet.folder / f"{held}.db"
    bizy_files.change(held_file, "UPDATE tasks SET title = 'held' WHERE priority = 4")
    fleet.prepare()

    with gate(fleet.migration, ("public", "tasks"), "NEW.title = 'held'"):
        backfill = fleet.start("fleet_migrate")
        until(lambda: query(WAITING))
        [run] = fleet.history.get_runs(
            dg.RunsFilter(tags={"dagster/backfill": backfill, PARTITION: held})
        )
        worker = fleet.kill_worker(fleet.process_of(run.run_id))
        fleet.kill_broker()
        restarted = command("start", DEFINITIONS)
        assert restarted.error.startswith(f"Started broker, {worker}.\n")
    first = fleet.ended(backfill)
    red = {*bad, held}
    assert first.statuses == {key: "FAILURE" if key in red else "SUCCESS" for key in fleet.keys}, [
        fleet.reason(run) for run in first.runs
    ]
    sentences = fleet.report()
    assert set(sentences) == red
    for key in bad:
        assert f"{key}.db" in sentences[key], sentences[key]
    assert "process" in sentences[held], sentences[held]
    owners = {name for (name,) in query("SELECT username FROM users WHERE username LIKE 'u0%%'")}
    assert owners == set(fleet.keys) - set(bad)

    fleet_files.mend(fleet.folder, bad, tasks=TASKS)
    again = fleet.retry(first)
    assert again.statuses == dict.fromkeys(red, "SUCCESS"), [
        fleet.reason(run) for run in again.runs
    ]
    assert len(again.runs) == 3
    verified = fleet.backfill("fleet_verify")
    assert verified.statuses == dict.fromkeys(fleet.keys, "SUCCESS")
    fleet.assert_every_check_has_ended()
    assert query(FOREIGN) == []
    assert rows_by_file(query) == undisturbed(fleet)

    records = all_rows(query)
    key = fleet.keys[3]
    fleet.until_all([fleet.submit("fleet_rollback", {PARTITION: key})], "SUCCESS")
    left = all_rows(query)
    assert left == {name: [row for row in rows if row[0] != key] for name, rows in records.items()}
    gone = fleet.backfill("fleet_rollback")
    assert gone.statuses == dict.fromkeys(fleet.keys, "SUCCESS")
    assert dump(database) == before
