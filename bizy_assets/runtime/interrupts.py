"""Ends of Dagster's commands by an interrupt: one sentence, where Python shows a traceback."""

import sys
from types import TracebackType

import dagster as dg

SENTENCE = "The run was interrupted; start it again."

_reported: list[bool] = []
"""Not empty once the sentence was shown."""


def note_reported() -> None:
    """Note that the user has read the sentence, so that it is not repeated."""
    _reported.append(True)


def shorten_interrupts() -> None:
    """Let an interrupt end this process with a sentence and the same exit status."""
    sys.excepthook = _show


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | dg.DagsterExecutionInterruptedError):
        sys.__excepthook__(kind, error, trace)
    elif not _reported:
        sys.stderr.write(f"{SENTENCE}\n")
