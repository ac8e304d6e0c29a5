"""The console logger of our jobs: what a user at a terminal should read, and nothing else.

Dagster sends every event of a run here. Steps' own messages and check results become a line
each; when a run fails, the reasons come once more as its last lines.
"""

import functools
import logging
import sys
from typing import Any

import dagster as dg

from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.reconcile import check_failure

CONSOLE: dict[str, Any] = {"loggers": {"console": {"config": {}}}}
"""A job's configuration: Dagster uses its logger only where it is named there."""

_SKIPPED = "Dependencies for step"
"""How Dagster begins its line for each step that it does not run after a failure."""

_INTERRUPTED = "DagsterExecutionInterruptedError"
"""What Dagster raises in a step when a user ends the run, as by Ctrl-C."""


_WIDTH = max(len(f"pg_{table}") for table in BY_TABLE)
"""Of the column with the assets' names."""


class ConsoleHandler(logging.Handler):
    """Writes a run's events to standard error."""

    def __init__(self) -> None:
        super().__init__()
        self._reasons: list[str] = []
        self._warnings = 0
        self._checks = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a line where the record is worth one."""
        meta = getattr(record, "dagster_meta", {})
        step = meta.get("step_key") or ""
        event = meta.get("dagster_event")
        if event is not None:
            if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                step = event.asset_check_evaluation_data.asset_key.to_user_string()
            for line in self._lines(event):
                self._write(record, step, line)
            return
        message = str(meta.get("orig_message", record.getMessage()))
        if record.levelno >= logging.INFO and not message.startswith(_SKIPPED):
            for line in message.splitlines():
                self._write(record, step, line)

    def _lines(self, event: dg.DagsterEvent) -> list[str]:
        match event.event_type:
            case dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                return [self._check(event)]
            case dg.DagsterEventType.STEP_FAILURE:
                return self._step_failure(event)
            case dg.DagsterEventType.RUN_FAILURE:
                return self._run_failure(event)
            case dg.DagsterEventType.RUN_SUCCESS:
                warned = f", {self._warnings} with a warning" if self._warnings else ""
                checked = f": {self._checks} checks{warned}" if self._checks else ""
                return [f"Run {event.job_name} succeeded{checked}."]
            case _:
                return []

    def _check(self, event: dg.DagsterEvent) -> str:
        data = event.asset_check_evaluation_data
        self._checks += 1
        if data.passed:
            return f"ok       {data.check_name}: {data.description}"
        if data.severity is dg.AssetCheckSeverity.WARN:
            self._warnings += 1
            return f"WARNING  {data.check_name}: {data.description}"
        asset = data.asset_key.to_user_string()
        self._reasons.append(check_failure(data.check_name, asset, data.description or ""))
        return f"FAILED   {data.check_name}: {data.description}"

    def _step_failure(self, event: dg.DagsterEvent) -> list[str]:
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            self._reasons.append(data.user_failure_data.description)
            return [data.user_failure_data.description]
        error = data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if error is None or error.cls_name == "DagsterAssetCheckFailedError":
            return []
        if error.cls_name == _INTERRUPTED:
            self._reasons.append("It was interrupted; run again.")
            return ["interrupted"]
        # An error that we did not foresee: whoever mends it needs all of it.
        self._reasons.append(error.message.strip())
        return error.to_string().splitlines()

    def _run_failure(self, event: dg.DagsterEvent) -> list[str]:
        reasons = self._reasons
        if not reasons:
            error = event.job_failure_data.error
            reasons = [error.to_string() if error else event.message or ""]
        return [f"Run {event.job_name} failed.", *reasons]

    def _write(self, record: logging.LogRecord, step: str, line: str) -> None:
        moment = logging.Formatter().formatTime(record, "%H:%M:%S")
        sys.stderr.write(f"{moment} {step:<{_WIDTH}} {line}\n")
        sys.stderr.flush()


@dg.logger(
    config_schema=None,
    description="Lines for a user at a terminal: what steps say, checks, and reasons.",
)
def console(context: dg.InitLoggerContext) -> logging.Logger:
    """Makes the logger of one run."""
    logger = logging.Logger("bizy_assets", level=logging.DEBUG)
    logger.addHandler(_handler_of_run(context.run_id))
    return logger


@functools.lru_cache(maxsize=8)
def _handler_of_run(run_id: str | None) -> ConsoleHandler:  # noqa: ARG001
    """Makes one handler for a run; Dagster makes its loggers anew when the run has failed."""
    return ConsoleHandler()
