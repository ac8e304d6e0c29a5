"""What became of a run: the exit status, and a document for other programs.

Everything is read from the events of the run in Dagster's history, apart from the next steps of a
migration, which its report lists.
"""

import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from bizy_assets.assets import PLANNED_OUTCOME, read_report
from bizy_assets.core.common import CheckOutcome
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import connect
from bizy_assets.core.report import (
    Evaluation,
    Report,
    Verdict,
    headline,
    next_steps,
    zone_doubt,
)
from bizy_assets.metadata import REPORT, SINGLE_FILE, recorded_counts, tables_of
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import check_outcome, was_interrupted

_STATUS = {Verdict.COMPLETE: 0, Verdict.WARNINGS: 0, Verdict.FAILED: 1, Verdict.LEFT_OUT: 3}

Step = tuple[str, str | None]
"""What to do, and a command or a text to copy."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A run that has ended."""

    job: str
    run_id: str
    success: bool
    errors: list[str]
    """Reasons for the failure, one for each failed step."""
    tables: dict[str, dict[str, int]]
    """The counts of each table by name, those of a load or what a rollback left."""
    checks: list[dict[str, str]]
    """The checks that did not pass."""
    rows_left_out: int = 0
    rows_left: int = 0
    """Edited rows that a rollback left."""
    report_file: str | None = None
    plan: str | None = None
    """What a migration would do, if this was a dry run."""
    planned_verdict: str | None = None
    planned_steps: Sequence[Step] = ()
    """What to do after a dry run."""
    zone_steps: Sequence[tuple[str, str]] = ()
    """What to do first if the checks doubt the time zone."""

    @classmethod
    def of(cls, result: dg.JobExecutionResult) -> "Outcome":
        """Return the outcome of a run, from its events."""
        metadata = dict(_materializations(result))
        about_report = metadata.get(REPORT, {})
        plan = next(_plans(result), {})
        planned = plan.get(PLANNED_OUTCOME, {})
        return cls(
            job=result.dagster_run.job_name,
            run_id=result.run_id,
            success=result.success,
            errors=list(dict.fromkeys(_errors(result))),
            tables={
                table: recorded_counts(metadata[key])
                for table in BY_TABLE
                if (key := SINGLE_FILE.table(table)) in metadata
            }
            | planned.get("tables", {}),
            checks=[*_checks_not_passed(result), *planned.get("checks_not_passed", [])],
            rows_left_out=int({**about_report, **planned}.get("rows_left_out", 0)),
            rows_left=sum(_rows_left(result)),
            report_file=about_report.get("file"),
            plan=plan.get("summary"),
            planned_verdict=planned.get("verdict"),
            planned_steps=planned.get("next_steps", ()),
            zone_steps=_zone_steps(result),
        )

    @property
    def verdict(self) -> Verdict:
        """The verdict of the report, of a plan, or of a rollback, which may leave edited rows."""
        if not self.success:
            return Verdict.FAILED
        if self.planned_verdict:
            return Verdict(self.planned_verdict)
        if self.rows_left_out or self.rows_left:
            return Verdict.LEFT_OUT
        return Verdict.WARNINGS if self.checks else Verdict.COMPLETE

    def status(self, *, strict: bool) -> int:
        """Return the exit status of the command; a strict one fails if any check warned."""
        if was_interrupted():
            # As a shell reports a program that Ctrl-C has ended.
            return 128 + signal.SIGINT
        return 1 if strict and self.checks else _STATUS[self.verdict]

    def document(
        self, status: int, steps: Sequence[Step], instance: dg.DagsterInstance
    ) -> dict[str, Any]:
        """Return everything, for JSON, with what the report says."""
        report = _report(instance, self.run_id) if self.report_file else None
        all_steps = [*(next_steps(report) if report else self.planned_steps), *steps]
        return {
            "job": self.job,
            "run_id": self.run_id,
            "verdict": self.verdict.value,
            "exit_status": status,
            "headline": headline(report) if report else self.plan,
            "rows_left_out": self.rows_left_out,
            "rows_left": self.rows_left,
            "tables": self.tables,
            "checks_not_passed": self.checks,
            "errors": self.errors,
            "report": self.report_file,
            "next_steps": [{"text": text, "copy": copy} for text, copy in all_steps],
        }


def _materializations(
    result: dg.JobExecutionResult,
) -> Iterator[tuple[dg.AssetKey, Mapping[str, Any]]]:
    for event in result.get_asset_materialization_events():
        materialization = event.step_materialization_data.materialization
        yield (
            materialization.asset_key,
            {name: entry.value for name, entry in materialization.metadata.items()},
        )


def _plans(result: dg.JobExecutionResult) -> Iterator[Mapping[str, Any]]:
    """Yield the metadata of a dry run, which that of a migration that would fail has too."""
    failures = (event.step_failure_data for event in result.get_step_failure_events())
    observed = [
        *(
            event.asset_observation_data.asset_observation.metadata
            for event in result.get_asset_observation_events()
        ),
        *(data.user_failure_data.metadata for data in failures if data.user_failure_data),
    ]
    for metadata in observed:
        if PLANNED_OUTCOME in metadata:
            yield {name: entry.value for name, entry in metadata.items()}


def _rows_left(result: dg.JobExecutionResult) -> Iterator[int]:
    for event in result.all_events:
        if event.event_type is dg.DagsterEventType.STEP_OUTPUT:
            rows = event.step_output_data.metadata.get("rows_left")
            yield int(str(rows.value)) if rows else 0


def _checks_not_passed(result: dg.JobExecutionResult) -> Iterator[dict[str, str]]:
    for evaluation in result.get_asset_check_evaluations():
        outcome = check_outcome(evaluation)
        if outcome is not CheckOutcome.PASSED:
            yield {
                "asset": evaluation.asset_key.to_user_string(),
                "check": evaluation.check_name,
                "outcome": str(outcome),
                "message": evaluation.description or "",
            }


def _zone_steps(result: dg.JobExecutionResult) -> list[tuple[str, str]]:
    doubt = zone_doubt(
        Evaluation(
            asset=evaluation.asset_key.to_user_string(),
            check=evaluation.check_name,
            outcome=check_outcome(evaluation),
            tables=tables_of(evaluation.metadata),
        )
        for evaluation in result.get_asset_check_evaluations()
    )
    return [(text, str(command)) for text, command in (doubt.first_step() if doubt else ())]


def _errors(result: dg.JobExecutionResult) -> Iterator[str]:
    for event in result.get_step_failure_events():
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            yield data.user_failure_data.description
        elif data.error is not None and data.error.cls_name != "DagsterAssetCheckFailedError":
            yield data.error.message.strip()


def _report(instance: dg.DagsterInstance, run_id: str) -> Report:
    source, target = BizySource().settings(), BizyTarget()
    with connect(target.url(), purpose=f"summary {run_id[:8]}") as connection, connection.begin():
        return read_report(connection, instance, run_id, source.key, embedded=target.is_embedded)
