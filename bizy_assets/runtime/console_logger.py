"""The console logger of the jobs, for a user at a terminal.

It writes one line for each message of a step and each check result, and ignores Dagster's other
events. When a run fails, its last lines repeat the reasons. A message may quote names and values of
others, so all but its line breaks is made printable, and its further lines are indented: none of
them looks like a message of its own.
"""

import functools
import logging
import sys
from collections import Counter
from typing import Any

import dagster as dg

from bizy_assets.core.common import CheckOutcome, quantity
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import printable
from bizy_assets.core.reconcile import checks

CONSOLE: dict[str, Any] = {"loggers": {"console": {"config": {}}}}
"""Configuration of a job; Dagster uses a logger only if a job configures it."""

FAILED_CHECKS = "failed_checks"
"""Metadata of a step that fails because checks failed, whose results are events of their own."""

_SKIPPED = "Dependencies for step"
"""Start of Dagster's message for each step that it skips after a failure."""

_INTERRUPTED = "DagsterExecutionInterruptedError"
"""Error that Dagster raises in a step when the user interrupts the run, such as by Ctrl-C."""

_INDENT = "  "
"""Before all lines of a message except the first."""

_WIDTH = max(len(f"pg_{table}") for table in BY_TABLE)


def check_outcome(evaluation: dg.AssetCheckEvaluation) -> CheckOutcome:
    """Return the outcome of an evaluation."""
    is_error = evaluation.severity is dg.AssetCheckSeverity.ERROR
    return CheckOutcome.of(passed=evaluation.passed, is_error=is_error)


def check_line(outcome: CheckOutcome, check: str, text: str | None) -> str:
    """Return the line that reports a check result."""
    return f"{outcome:<8} {check}: {text or ''}"


class ConsoleHandler(logging.Handler):
    """Writes the events of a run to standard error."""

    def __init__(self) -> None:
        super().__init__()
        self._reasons: list[str] = []
        self._outcomes: Counter[CheckOutcome] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the lines of a record, if it concerns the user."""
        meta = getattr(record, "dagster_meta", {})
        step = meta.get("step_key") or ""
        event = meta.get("dagster_event")
        if event is not None:
            if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                step = event.asset_check_evaluation_data.asset_key.to_user_string()
            for text in self._texts(event):
                self._write(record, step, text)
            return
        message = str(meta.get("orig_message", record.getMessage()))
        if record.levelno >= logging.INFO and not message.startswith(_SKIPPED):
            self._write(record, step, message)

    def _texts(self, event: dg.DagsterEvent) -> list[str]:
        match event.event_type:
            case dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                return [self._check(event)]
            case dg.DagsterEventType.STEP_FAILURE:
                return self._step_failure(event)
            case dg.DagsterEventType.RUN_FAILURE:
                return self._run_failure(event)
            case dg.DagsterEventType.RUN_SUCCESS:
                return [f"Run {event.job_name} succeeded{self._check_summary()}."]
            case _:
                return []

    def _check(self, event: dg.DagsterEvent) -> str:
        data = event.asset_check_evaluation_data
        outcome = check_outcome(data)
        self._outcomes[outcome] += 1
        if outcome is CheckOutcome.FAILED:
            asset = data.asset_key.to_user_string()
            self._reasons.append(
                checks.check_failure(data.check_name, asset, data.description or "")
            )
        return check_line(outcome, data.check_name, data.description)

    def _check_summary(self) -> str:
        if not (total := self._outcomes.total()):
            return ""
        warnings = self._outcomes[CheckOutcome.WARNED]
        return f": {quantity(total, 'check')}{f', {warnings} with a warning' if warnings else ''}"

    def _step_failure(self, event: dg.DagsterEvent) -> list[str]:
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            if FAILED_CHECKS in data.user_failure_data.metadata:
                # Their results, which stand above, are the reasons.
                return []
            description = data.user_failure_data.description
            is_repeated = description in self._reasons
            self._reasons.append(description)
            return [] if is_repeated else [description]
        error = data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is None or error.cls_name == "DagsterAssetCheckFailedError":
            return []
        if error.cls_name == _INTERRUPTED:
            self._reasons.append("The run was interrupted; start it again.")
            return ["interrupted"]
        # An unexpected error is a bug, and its stack trace is needed to fix it.
        self._reasons.append(error.message.strip())
        return [error.to_string()]

    def _run_failure(self, event: dg.DagsterEvent) -> list[str]:
        # Tables that are loaded independently of each other may fail for one reason.
        reasons = list(dict.fromkeys(self._reasons))
        if not reasons:
            error = event.job_failure_data.error
            reasons = [error.to_string() if error else event.message or ""]
        return [f"Run {event.job_name} failed.", *reasons]

    def _write(self, record: logging.LogRecord, step: str, text: str) -> None:
        """Write a text beside the step or asset, without the prefix that a fleet's have."""
        step = step.replace("__", "/").rpartition("/")[-1]
        time = logging.Formatter().formatTime(record, "%H:%M:%S")
        indent = ""
        for line in text.rstrip("\n").split("\n"):
            sys.stderr.write(f"{time} {step:<{_WIDTH}} {indent}{printable(line)}\n")
            indent = _INDENT
        sys.stderr.flush()


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
    return ConsoleHandler()
