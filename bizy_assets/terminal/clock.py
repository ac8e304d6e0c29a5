"""How long a command has been running, on a clock that nobody sets."""

import multiprocessing
import os
import sys
import time
from pathlib import Path

import psutil

_COMMANDS = {"bizy-assets", "dagster", "__main__.py"}
"""Names of programs that execute a run in their own process and then end."""


def command_start() -> float:
    """Return when the command of a run that begins now was started, as ``time.monotonic`` counts.

    In a process that executes runs one after the other, or that Dagster started for one, it is
    now.
    """
    is_command = Path(sys.argv[0]).name in _COMMANDS and multiprocessing.parent_process() is None
    return time.monotonic() - (_process_age() if is_command else 0.0)


def duration(seconds: float) -> str:
    """Return a duration as people read it, such as ``3.2 s`` or ``4 min 5 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s"


def _process_age() -> float:
    """Return how long this process has been running."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return time.time() - psutil.Process().create_time()
    # In ticks since the start of the system; Python's and psutil's times depend on the date.
    started = int(stat.read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
