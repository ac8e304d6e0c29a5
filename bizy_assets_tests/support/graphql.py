"""What scripts ask the webserver of the Dagster UI."""

import json
import urllib.request
from typing import Any

from bizy_assets_tests.support.processes import until

_MIGRATE = {
    "repositoryLocationName": "bizy_assets.definitions",
    "repositoryName": "__repository__",
    "jobName": "migrate",
}
_LAUNCH = """mutation($params: ExecutionParams!) {
    launch: launchRun(executionParams: $params) {... on LaunchRunSuccess {run {runId}}}
}"""
_REEXECUTE = """mutation($params: ReexecutionParams!) {
    launch: launchRunReexecution(reexecutionParams: $params) {... on LaunchRunSuccess {run {runId}}}
}"""
_RUNS = """query($job: PipelineSelector!) {
    pipelineOrError(params: $job) {... on Pipeline {runs(limit: 10) {
        runId repositoryOrigin {repositoryLocationName repositoryName}
    }}}
}"""
_STATUS = "query($run: ID!) {runOrError(runId: $run) {... on Run {status}}}"


def ask(ui: str, query: str, **variables: Any) -> dict[str, Any]:
    """Returns the data with which the webserver answers a query."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{ui}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        data: dict[str, Any] = json.load(response)["data"]
    return data


def runs_of_job(ui: str, job: str) -> list[str]:
    """Returns the runs on the page of a job of this code location, the latest first."""
    location = {key: value for key, value in _MIGRATE.items() if key != "jobName"}
    selector = {**location, "pipelineName": job}
    runs = ask(ui, _RUNS, job=selector)["pipelineOrError"]["runs"]
    assert all(run["repositoryOrigin"] == location for run in runs)
    return [run["runId"] for run in runs]


def launch(ui: str) -> tuple[str, str]:
    """Runs ``migrate``; returns the run's id, and its status at the end."""
    return _finish(ui, ask(ui, _LAUNCH, params={"selector": _MIGRATE, "runConfigData": {}}))


def reexecute(ui: str, run_id: str, strategy: str) -> tuple[str, str]:
    """Re-executes a run as the button of this strategy does; returns as above."""
    return _finish(ui, ask(ui, _REEXECUTE, params={"parentRunId": run_id, "strategy": strategy}))


def _finish(ui: str, launched: dict[str, Any]) -> tuple[str, str]:
    run_id = launched["launch"]["run"]["runId"]

    def status() -> str:
        return str(ask(ui, _STATUS, run=run_id)["runOrError"]["status"])

    until(lambda: status() in ("SUCCESS", "FAILURE"))
    return run_id, status()
