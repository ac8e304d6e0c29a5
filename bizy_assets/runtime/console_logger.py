"""The console logger of the jobs, for a user at a terminal.

It follows the messages of steps and the check results of a run, and ignores Dagster's other events.
A terminal in the foreground gets a live display, other output one line for each message. The last
lines are the reasons if a run fails, each once.
"""

import functools
import logging
from collections import Counter
from typing import Any

import dagster as dg

from bizy_assets.core.common import CheckOutcome
from bizy_assets.core.reconcile import checks
from bizy_assets.runtime import interrupts
from bizy_assets.runtime.live_output import LiveOutput
from bizy_assets.runtime.messages import KIND, SUMMARY
from bizy_assets.runtime.plain_output import PlainOutput
from bizy_assets.runtime.run_output import CheckLine, Message, Output, RunEnd
from bizy_assets.terminal import is_live

CONSOLE: dict[str, Any] = {"loggers": {"console": {"config": {}}}}
"""Configuration of a job; Dagster uses a logger only if a job configures it."""

_SKIPPED = "Dependencies for step"
"""Start of Dagster's message for each step that it skips after a failure."""

_INTERRUPTED = "DagsterExecutionInterruptedError"
"""Error that Dagster raises in a step when the user interrupts the run, such as by Ctrl-C."""


def check_outcome(evaluation: dg.AssetCheckEvaluation) -> CheckOutcome:
    """Return the outcome of an evaluation."""
    is_error = evaluation.severity is dg.AssetCheckSeverity.ERROR
    return CheckOutcome.of(passed=evaluation.passed, is_error=is_error)


class ConsoleHandler(logging.Handler):
    """Passes the events of a run on to a display of standard error."""

    def __init__(self) -> None:
        super().__init__()
        self._output: Output = LiveOutput() if is_live() else PlainOutput()
        self._reasons: list[str] = []
        self._outcomes: Counter[CheckOutcome] = Counter()

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
        self._outcomes[outcome] += 1
        asset = data.asset_key.to_user_string()
        if outcome is CheckOutcome.FAILED:
            self._reasons.append(checks.check_failure(data.check_name, asset, text))
        return CheckLine(
            asset=_subject(asset), check=data.check_name, outcome=outcome, text=text, at=at
        )

    def _step_failure(self, event: dg.DagsterEvent, step: str, at: float) -> bool:
        """Remember the reason, and show the stack trace of an error that is a bug.

        Returns False if checks that were shown before are the reason.
        """
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            self._reasons.append(data.user_failure_data.description)
            return True
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
        self._output.end(RunEnd(job=event.job_name, at=at, reasons=reasons, checks=self._outcomes,
                                is_interrupted=interrupts.SENTENCE in reasons))  # fmt: skip


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
