"""Ends of runs and commands by an interrupt: one sentence, where Python shows a traceback."""

import signal
import sys
import threading
from types import TracebackType

import dagster as dg

SENTENCE = "The run was interrupted; start it again."

_reported: list[bool] = []
"""Not empty once the sentence was shown."""


def note_reported() -> None:
    """Note that the user has read the sentence, so that it is not repeated."""
    _reported.append(True)


def was_interrupted() -> bool:
    """Return whether a run of this process ended by an interrupt."""
    return bool(_reported)


def shorten_interrupts() -> None:
    """Let an interrupt end this process with a sentence and the same exit status."""
    sys.excepthook = _show


def spare_children(*, starting: bool) -> None:
    """Keep Ctrl-C from the processes that are started from now on, until called again.

    Ctrl-C reaches all processes of a terminal's command. Dagster starts some that copy the output
    of steps, and they would print tracebacks and be missing when this process shows its own end.
    A process inherits the signals that are blocked in the thread that starts it.
    """
    if threading.current_thread() is threading.main_thread():
        how = signal.SIG_BLOCK if starting else signal.SIG_UNBLOCK
        signal.pthread_sigmask(how, {signal.SIGINT})


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | dg.DagsterExecutionInterruptedError):
        sys.__excepthook__(kind, error, trace)
    elif not _reported:
        sys.stderr.write(f"{SENTENCE}\n")
