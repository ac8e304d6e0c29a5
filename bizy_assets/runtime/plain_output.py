"""The display of a run as lines of text, for files, pipes and log collectors.

A message may quote names and values of others, so all but its line breaks is made printable, and
its further lines are indented: none of them looks like a message of its own.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable

from bizy_assets.core.common import CheckOutcome, CheckResult
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import printable
from bizy_assets.runtime.messages import Context, log_details
from bizy_assets.runtime.run_output import (
    CheckLine,
    Message,
    Output,
    RunEnd,
    is_verbose,
    passed_text,
)
from bizy_assets.terminal import command_start, duration

_INDENT = "  "
"""Before all lines of a message except the first."""

_WIDTH = max(len(f"pg_{table}") for table in BY_TABLE)


def check_line(outcome: CheckOutcome, check: str, text: str) -> str:
    """Return the line that reports a check result."""
    return f"{outcome:<8} {check}: {text}"


def log_checks(context: Context, results: Iterable[CheckResult]) -> None:
    """Log the results of checks of one asset: of passed ones only their number."""
    passed = 0
    for result in results:
        if result.passed and not is_verbose():
            passed += 1
        else:
            log_details(context, check_line(result.outcome, result.check, result.text))
    if passed:
        log_details(context, passed_line(passed))


def passed_line(number: int) -> str:
    """Return the line that reports passed checks of one asset."""
    return f"{CheckOutcome.PASSED:<8} {passed_text(number)}"


class PlainOutput(Output):
    """Writes lines to standard error, and a line for the passed checks of an asset."""

    def __init__(self) -> None:
        self._started = command_start()
        self._passed: Counter[str] = Counter()
        self._is_plan = False

    def step_started(self, step: str) -> None:
        """Write nothing."""

    def step_ended(self, step: str, at: float, *, failed: bool) -> None:
        """Write how many of its checks passed, or that it failed."""
        if passed := self._passed.pop(step, 0):
            _write(at, step, passed_line(passed))
        if failed:
            _write(at, step, "failed")

    def message(self, message: Message) -> None:
        """Write the lines of a message."""
        self._is_plan |= message.summary is not None and message.summary.is_plan
        _write(message.at, message.step, message.text)

    def check(self, line: CheckLine) -> None:
        """Write a result, unless the check passed.

        A failure is a reason of the run's, which its last lines give in full.
        """
        if line.outcome is CheckOutcome.PASSED and not is_verbose():
            self._passed[line.asset] += 1
        elif line.outcome is CheckOutcome.FAILED:
            _write(line.at, line.asset, f"{line.outcome:<8} {line.check}")
        else:
            _write(line.at, line.asset, check_line(line.outcome, line.check, line.text))

    def end(self, run: RunEnd) -> None:
        """Write the outcome and the reasons."""
        for asset in list(self._passed):
            _write(run.at, asset, passed_line(self._passed.pop(asset)))
        took = duration(time.monotonic() - self._started)
        if self._is_plan:
            ended = f"ended after {took}. Nothing was written."
        elif run.failed:
            ended = f"failed after {took}."
        else:
            found = run.check_summary
            ended = f"succeeded in {took}{found and f': {found}'}."
        if not run.is_interrupted:
            _write(run.at, "", f"Run {run.job} {ended}")
        for reason in run.reasons:
            _write(run.at, "", reason)


def _write(at: float, step: str, text: str) -> None:
    """Write a text beside the step or asset."""
    moment = time.strftime("%H:%M:%S", time.localtime(at))
    indent = ""
    for line in text.rstrip("\n").split("\n"):
        sys.stderr.write(f"{moment} {step:<{_WIDTH}} {indent}{printable(line)}\n")
        indent = _INDENT
    sys.stderr.flush()
