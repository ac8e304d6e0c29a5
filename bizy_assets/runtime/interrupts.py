"""Ends of Dagster's commands by an interrupt: a sentence, where Python shows a traceback."""

import sys
from types import TracebackType

import dagster as dg


def shorten_interrupts() -> None:
    """Let an interrupt end this process with a sentence and the same exit status."""
    sys.excepthook = _show


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | dg.DagsterExecutionInterruptedError):
        sys.stderr.write("The run was interrupted; start it again.\n")
    else:
        sys.__excepthook__(kind, error, trace)
