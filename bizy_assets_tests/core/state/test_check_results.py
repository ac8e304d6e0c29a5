"""Results of checks that overlap a load of what they check."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bizy_assets.core import pipeline
from bizy_assets.core.common import CheckOutcome, CheckResult
from bizy_assets.core.postgres import connect, parse_url
from bizy_assets.core.report.fleet_collect import collect_fleet
from bizy_assets.core.state import runs, sources
from bizy_assets.core.state.check_results import SNAPSHOT, LoadResults, record_results
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.pipelines import Pipeline
from bizy_assets_tests.support.servers import Server

KEY = "u1"
RECORDED = (
    "SELECT table_name, dagster_run_id, status FROM bizy_migration.check_results ORDER BY 1, 2"
)
FINE = CheckResult(check="integrity", summary="Fine.")


@pytest.fixture
def target(server: Server, tmp_path: Path) -> Iterator[Pipeline]:
    with Pipeline.in_new_database(server, tmp_path / "home") as target:
        target.prepare()
        yield target


@pytest.fixture
def file(target: Pipeline, tmp_path: Path) -> Path:
    """A file that is loaded."""
    file = bizy_files.make(tmp_path / "tasks.db", goals=[{"id": 1}], tasks=[{"id": 1}])
    target.migrate(file, KEY)
    return file


def checked(target: Pipeline, *tables: str) -> dict[str, LoadResults]:
    """Checks the content of tables as they were loaded last, and the snapshot of their load."""
    results = {}
    with connect(parse_url(target.url, variable="url"), purpose="test") as connection:
        for table in tables:
            with connection.begin():
                load = pipeline.require_load(connection, table, KEY, only=True)
                found = pipeline.check_table(connection, load, ["content"], run_id="test")
                results[table] = LoadResults(results=found, run=load.run.number)
        with connection.begin():
            run = pipeline.loaded_run(connection, KEY, only=True)
    assert run is not None
    return results | {SNAPSHOT: LoadResults(results=[FINE], run=run.number)}


def record(target: Pipeline, results: dict[str, LoadResults], run_id: str) -> None:
    with target.writing(KEY) as connection, connection.begin():
        source = sources.find_source(connection, KEY)
        assert source is not None
        record_results(connection, source.id, results, run_id)


def failed(results: dict[str, LoadResults]) -> dict[str, LoadResults]:
    """Returns the results as if each check had found a difference."""
    return {
        table: LoadResults(
            results=[CheckResult(check=each.check, summary="", errors=["1 row differs."])
                     for each in of_table.results],
            run=of_table.run,
        )
        for table, of_table in results.items()
    }  # fmt: skip


def test_results_of_an_earlier_load_replace_none_of_a_later_one(
    target: Pipeline, file: Path
) -> None:
    old = checked(target, "goals", "tasks")
    assert {result.outcome for each in old.values() for result in each.results} == {
        CheckOutcome.PASSED
    }
    bizy_files.change(file, "UPDATE tasks SET title = 'another'")
    target.migrate(file, KEY)
    record(target, failed(checked(target, "tasks")), "migrate")
    before = target.query(RECORDED)
    assert before == [(SNAPSHOT, "migrate", "FAILED"), ("tasks", "migrate", "FAILED")]
    record(target, old, "verify")
    # Neither those that were recorded nor, of goals, those that were not.
    assert target.query(RECORDED) == before
    with connect(parse_url(target.url, variable="url"), purpose="test") as connection:
        [source] = collect_fleet(connection, [], checks=3).sources
    assert (source.failed, source.passed) == (2, 0)
    record(target, checked(target, "goals", "tasks"), "verify")
    assert target.query(RECORDED) == [
        ("goals", "verify", "ok"), (SNAPSHOT, "verify", "ok"), ("tasks", "verify", "ok"),
    ]  # fmt: skip


@pytest.mark.usefixtures("file")
def test_results_of_the_table_that_was_not_loaded_again_are_recorded(target: Pipeline) -> None:
    results = checked(target, "goals", "tasks")
    # A run that has loaded the first table.
    target.query(
        "INSERT INTO bizy_migration.loads SELECT (jsonb_populate_record(l, "
        "jsonb_build_object('run_id', run_id + 1))).* FROM bizy_migration.loads l "
        "WHERE table_name = 'goals'"
    )
    record(target, results, "verify")
    assert target.query(RECORDED) == [("tasks", "verify", "ok")]


@pytest.mark.usefixtures("file")
def test_results_of_a_snapshot_that_is_not_loaded_are_recorded(target: Pipeline) -> None:
    record(target, {SNAPSHOT: LoadResults(results=[FINE], run=None)}, "migrate")
    assert target.query(RECORDED) == [(SNAPSHOT, "migrate", "ok")]


@pytest.mark.usefixtures("file")
def test_results_of_a_load_that_was_rolled_back_are_not_recorded(target: Pipeline) -> None:
    results = checked(target, "goals", "tasks")
    with connect(parse_url(target.url, variable="url"), purpose="test") as connection:
        source_id = runs.require_load(connection, "tasks", 1).run.source.id
    target.query("DELETE FROM bizy_migration.loads")
    with target.writing(KEY) as connection, connection.begin():
        record_results(connection, source_id, results, "verify")
    assert target.query(RECORDED) == []
