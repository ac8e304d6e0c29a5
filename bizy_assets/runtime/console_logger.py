"""The console logger of the jobs, for a user at a terminal.

It follows the messages of steps and the check results of a run, and ignores Dagster's other events.
A terminal in the foreground gets a live display, other output one line for each message. The last
lines are the reasons if a run fails, each once.
"""

import functools
import logging
from collections.abc import Iterator
from typing import Any

import dagster as dg

from bizy_assets.core.common import CheckOutcome
from bizy_assets.core.reconcile import FIRST_DIFFERENCES, checks
from bizy_assets.core.report import differences, warning_sentences
from bizy_assets.metadata import tables_of
from bizy_assets.runtime import interrupts
from bizy_assets.runtime.live_output import LiveOutput
from bizy_assets.runtime.messages import KIND, SUMMARY
from bizy_assets.runtime.plain_output import PlainOutput
from bizy_assets.runtime.run_output import CheckLine, Message, Output, RunEnd
from bizy_assets.terminal import is_live

CONSOLE: dict[str, Any] = {"loggers": {"console": {"config": {}}}}
"""Configuration of a job; Dagster uses a logger only if a job configures it."""

FAILED_CHECKS = "failed_checks"
"""Metadata of a step that fails because checks failed, whose results are events of their own."""

_DIFFERENCES_SHOWN = 5
"""Number of differing values of a failed check that are shown."""

_SKIPPED = "Dependencies for step"
"""Start of Dagster's message for each step that it skips after a failure."""

_INTERRUPTED = "DagsterExecutionInterruptedError"
"""Error that Dagster raises in a step when the user interrupts the run, such as by Ctrl-C."""


def check_outcome(evaluation: dg.AssetCheckEvaluation | dg.AssetCheckResult) -> CheckOutcome:
    """Return the outcome of an evaluation, which Dagster may not have recorded yet."""
    is_error = evaluation.severity is dg.AssetCheckSeverity.ERROR
    return CheckOutcome.of(passed=evaluation.passed, is_error=is_error)


class ConsoleHandler(logging.Handler):
    """Passes the events of a run on to a display of standard error."""

    def __init__(self) -> None:
        super().__init__()
        self._output: Output = LiveOutput() if is_live() else PlainOutput()
        self._reasons: list[str] = []
        self._checks = 0
        self._warnings: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record, if it concerns the user."""
        meta = getattr(record, "dagster_meta", {})
        step = _subject(meta.get("step_key") or "")
        event = meta.get("dagster_event")
        if event is not None:
            self._show_event(event, step, record.created)
            return
        text = str(meta.get("orig_message", record.getMessage()))
        if record.levelno >= logging.INFO and not text.startswith(_SKIPPED):
            message = Message(
                step=step,
                text=text,
                at=record.created,
                is_warning=record.levelno >= logging.WARNING,
                kind=getattr(record, KIND, None),
                summary=getattr(record, SUMMARY, None),
            )
            self._output.message(message)

    def _show_event(self, event: dg.DagsterEvent, step: str, at: float) -> None:
        match event.event_type:
            case dg.DagsterEventType.STEP_START:
                interrupts.spare_children(starting=False)
                self._output.step_started(step)
            case dg.DagsterEventType.STEP_SUCCESS:
                self._output.step_ended(step, at, failed=False)
            case dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                self._output.check(self._check(event, at))
            case dg.DagsterEventType.STEP_FAILURE:
                is_new = self._step_failure(event, step, at)
                self._output.step_ended(step, at, failed=is_new)
            case dg.DagsterEventType.RUN_FAILURE:
                self._end(event, at, self._failure_reasons(event))
            case dg.DagsterEventType.RUN_SUCCESS:
                self._end(event, at, [])

    def _check(self, event: dg.DagsterEvent, at: float) -> CheckLine:
        data = event.asset_check_evaluation_data
        outcome, text = check_outcome(data), data.description or ""
        asset = data.asset_key.to_user_string()
        self._checks += 1
        if outcome is CheckOutcome.WARNED:
            self._warnings.update(warning_sentences(asset, text))
        if outcome is CheckOutcome.FAILED:
            failure = checks.check_failure(data.check_name, asset, text)
            self._reasons.append("\n".join([failure, *_first_differences(data)]))
        return CheckLine(
            asset=_subject(asset), check=data.check_name, outcome=outcome, text=text, at=at
        )

    def _step_failure(self, event: dg.DagsterEvent, step: str, at: float) -> bool:
        """Remember the reason, and show the stack trace of an error that is a bug.

        Returns False if checks that were shown before are the reason.
        """
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            if FAILED_CHECKS in data.user_failure_data.metadata:
                # Their results, which stand above, are the reasons.
                return False
            description = data.user_failure_data.description
            is_new = description not in self._reasons
            self._reasons.append(description)
            return is_new
        error = data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is None or error.cls_name == "DagsterAssetCheckFailedError":
            return False
        if error.cls_name == _INTERRUPTED:
            self._reasons.append(interrupts.SENTENCE)
            return True
        self._reasons.append(error.message.strip())
        self._output.message(Message(step=step, text=error.to_string(), at=at, is_warning=True))
        return True

    def _failure_reasons(self, event: dg.DagsterEvent) -> list[str]:
        # Tables that are loaded independently of each other may fail for one reason.
        if reasons := list(dict.fromkeys(self._reasons)):
            return reasons
        error = event.job_failure_data.error
        if error is not None and error.cls_name == _INTERRUPTED:
            return [interrupts.SENTENCE]
        return [error.to_string() if error else event.message or ""]

    def _end(self, event: dg.DagsterEvent, at: float, reasons: list[str]) -> None:
        interrupts.spare_children(starting=False)
        if interrupts.SENTENCE in reasons:
            # One sentence, whatever else the interrupt made fail.
            reasons = [interrupts.SENTENCE]
            interrupts.note_reported()
        self._output.end(
            RunEnd(
                job=event.job_name,
                at=at,
                reasons=reasons,
                checks=self._checks,
                warnings=len(self._warnings),
                is_interrupted=interrupts.SENTENCE in reasons,
            )
        )


def _first_differences(evaluation: dg.AssetCheckEvaluation) -> Iterator[str]:
    """Yield lines with the first values that a failed check found to differ."""
    tables = tables_of(evaluation.metadata)
    # A check of a fleet's asset has those of several checks, each with a prefix.
    found = [rows for name, rows in tables.items() if name.endswith(FIRST_DIFFERENCES)]
    # Ids of missing rows are in the message.
    examples = differences(row for rows in found for row in rows if row["column"] != "id")
    if examples:
        yield f"The {FIRST_DIFFERENCES}:"
    asset = evaluation.asset_key.to_user_string()
    table = _subject(asset).removeprefix("pg_")
    for one in examples[:_DIFFERENCES_SHOWN]:
        yield f"  {table}, {one.label}: {one.before} in Bizy, {one.after} in PostgreSQL"
    if len(examples) > _DIFFERENCES_SHOWN:
        yield f"  More are in the UI, with the check {evaluation.check_name} of {asset}."


def _subject(step: str) -> str:
    """Return the asset of a step or check, without the prefix that a fleet's have."""
    name = step.replace("__", "/").rpartition("/")[-1]
    return name.removeprefix("checks_of_")


@dg.logger(
    config_schema=None,
    description="Messages of steps, check results and reasons for failures, for a terminal.",
)
def console(context: dg.InitLoggerContext) -> logging.Logger:
    """Create the logger of a run."""
    logger = logging.Logger("bizy_assets", level=logging.DEBUG)
    logger.addHandler(_handler_of_run(context.run_id))
    return logger


@functools.lru_cache(maxsize=8)
def _handler_of_run(run_id: str | None) -> ConsoleHandler:  # noqa: ARG001
    """Return the handler of a run; Dagster creates its loggers again after a failure."""
    # Dagster starts its processes between this and the first step.
    interrupts.spare_children(starting=True)
    return ConsoleHandler()
