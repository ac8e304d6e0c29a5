"""The UI's start page: what is in the target, how the last run ended, and what to do next.

Everything on it comes from Dagster's history and from settings, so that opening it neither starts
nor waits for a database. It has no scripts and shows no secret.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from bizy_assets.core.common import CheckOutcome, quantity, shorten
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import BizyError, printable
from bizy_assets.core.report import COLORS, Verdict
from bizy_assets.core.settings import bizy_home
from bizy_assets.metadata import ACTION, REPORT, SINGLE_FILE, glossary
from bizy_assets.runtime import settings_in_use
from bizy_assets.runtime.console_logger import check_outcome
from bizy_assets.runtime.messages import describe_target

if TYPE_CHECKING:
    from jinja2 import Environment

START_PATH = "/start"
"""Path of the page below the address of the UI."""

GRAPH_PATH = "/asset-groups?expanded=" + ",".join(
    f"global@global:{group}" for group in (glossary.SOURCE, glossary.TARGET, glossary.REPORTING)
)
"""Path of the graph with all groups open."""

REPORTS_PATH = f"{START_PATH}/reports"
"""Path below which the reports of the migration are served."""

_REPORT_NAME = re.compile(r"[A-Za-z0-9_]+\.html")
_LAST_REPORT = re.compile(r"migration_\d{8}_\d{6}\w*\.html")
_REASON_LENGTH = 1000


@dataclass(frozen=True, kw_only=True)
class State:
    """What the page reports first.

    Attributes:
        color: ``green``, ``amber``, ``red``, or ``grey`` if nothing has been migrated.
        headline: What is in the target.
        run: How the last run ended; empty if nothing has run.
        run_id: That run.
        action: What to do about its failure, if a check says so.
        reason: Why it failed, if it did.
        next_job: The job to start next, if one is obvious.
    """

    color: str
    headline: str
    run: str = ""
    run_id: str = ""
    action: str = ""
    reason: str = ""
    next_job: str = ""


def start_page(instance: dg.DagsterInstance) -> str:
    """Return the page as HTML."""
    return (
        _environment()
        .get_template("start.html.j2")
        .render(
            title="Bizy to PostgreSQL",
            state=read_state(instance),
            settings=list(settings_in_use.describe_settings()),
            report=_last_report(),
            index=_index_of_reports(),
            graph=GRAPH_PATH.removeprefix("/"),
        )
    )


def report_file(name: str) -> Path | None:
    """Return the file of a report of this project by its name, or None if there is none."""
    if not _REPORT_NAME.fullmatch(name):
        return None
    file = _reports_folder() / name
    return file if file.is_file() and not file.is_symlink() else None


def read_state(instance: dg.DagsterInstance) -> State:
    """Read the state of the target and of the last run from Dagster's history."""
    rows, left_out, target = _migrated(instance)
    last = next(iter(instance.get_run_records(limit=1)), None)
    if target is None:
        headline, color, next_job = "Nothing has been migrated yet.", "grey", "migrate"
    elif not rows:
        headline = f"No migrated rows are in {target}: the migration was undone."
        color, next_job = "grey", "migrate"
    else:
        verdict = _last_verdict(instance)
        verb = "is" if rows == 1 else "are"
        caveat = ", with warnings" if verdict is Verdict.WARNINGS else ""
        headline = f"{quantity(rows, 'migrated row')} {verb} in {target}{caveat}."
        color, next_job = COLORS[verdict], "verify"
    if left_out:
        headline = f"{quantity(left_out, 'row was', 'rows were')} left out. {headline}"
        color, next_job = "red", ""
    if last is None:
        return State(color=color, headline=headline, next_job=next_job)
    run = last.dagster_run
    failed = run.status is dg.DagsterRunStatus.FAILURE
    action, reason = _reason(instance, run.run_id) if failed else ("", "")
    return State(
        color="red" if failed else color,
        headline=headline,
        run=_run_sentence(last),
        run_id=run.run_id,
        action=action,
        reason=reason,
        next_job="" if failed else next_job,
    )


def _migrated(instance: dg.DagsterInstance) -> tuple[int, int, str | None]:
    """Return rows in the target, rows left out and the target, as the last loads recorded them."""
    keys = [SINGLE_FILE.table(table) for table in BY_TABLE]
    events = instance.get_latest_materialization_events(keys).values()
    rows = left_out = 0
    target = None
    for event in (entry.asset_materialization for entry in events if entry):
        found = {name: str(value.value) for name, value in event.metadata.items()} if event else {}
        rows += int(found.get("dagster/row_count", "0"))
        # Named `rejected` by earlier releases.
        left_out += int(found.get("rows_left_out", found.get("rejected", "0")))
        target = _target_name(found.get("dagster/table_name", "")) or target
    return rows, left_out, target


def _last_verdict(instance: dg.DagsterInstance) -> Verdict:
    """Return the verdict of the last report; reports of earlier releases have none."""
    event = instance.get_latest_materialization_event(REPORT)
    materialization = event.asset_materialization if event else None
    found = materialization.metadata.get("verdict") if materialization else None
    return Verdict(str(found.value)) if found else Verdict.COMPLETE


def _target_name(table_name: str) -> str:
    """Return the target of ``host:port/database/schema.table``."""
    return describe_target(table_name.rpartition("/")[0])


def _run_sentence(record: Any) -> str:  # noqa: ANN401 - Dagster does not export its type
    run = record.dagster_run
    # Assets that are materialized without a job run in an unnamed one.
    job = "materialization of assets" if run.job_name.startswith("__") else run.job_name
    words = {
        dg.DagsterRunStatus.SUCCESS: "succeeded",
        dg.DagsterRunStatus.FAILURE: "failed",
        dg.DagsterRunStatus.CANCELED: "was cancelled",
    }
    if run.status not in words:
        return f"The run {job} is in progress."
    ended = datetime.fromtimestamp(record.end_time or record.create_timestamp.timestamp(), UTC)
    return f"The last run, {job}, {words[run.status]} on {ended:%Y-%m-%d at %H:%M} UTC."


def _reason(instance: dg.DagsterInstance, run_id: str) -> tuple[str, str]:
    """Return what to do about a failed run, if a check says so, and its first reason."""
    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
    events = [entry.dagster_event for entry in instance.all_logs(run_id, of_type=kinds)]
    found = map(_reason_of, filter(None, events))
    action, reason = next((each for each in found if each[1]), ("", ""))
    # A text that begins with what to do says it once.
    lines = (action, reason.removeprefix(action))
    action, reason = (shorten(printable(" ".join(text.split())), _REASON_LENGTH) for text in lines)
    return action, reason


def _reason_of(event: dg.DagsterEvent) -> tuple[str, str]:
    if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        data = event.asset_check_evaluation_data
        if check_outcome(data) is not CheckOutcome.FAILED:
            return "", ""
        action = data.metadata.get(ACTION)
        return str(action.value) if action else "", data.description or ""
    return "", _failure_of(event)


def _failure_of(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data
    if failure.user_failure_data is not None:
        return failure.user_failure_data.description or ""
    return failure.error.message if failure.error is not None else ""


def _last_report() -> str:
    """Return the name of the newest report, or an empty text."""
    names = (file.name for file in _report_files() if _LAST_REPORT.fullmatch(file.name))
    return max(names, default="")


def _index_of_reports() -> str:
    return next((file.name for file in _report_files() if file.name == "index.html"), "")


def _report_files() -> Iterator[Path]:
    try:
        yield from _reports_folder().glob("*.html")
    except BizyError:
        return


def _reports_folder() -> Path:
    return bizy_home() / "reports"


@functools.cache
def _environment() -> "Environment":
    # Importing jinja2 takes 0.1 s.
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    packages = ("bizy_assets.runtime", "bizy_assets.core.report")
    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        # The report's package has the page that both look like.
        loader=ChoiceLoader([PackageLoader(name) for name in packages]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
