"""Names of processes, by which this machine detects that one has ended."""

import socket
from contextlib import suppress

import psutil

_CLOCK_TOLERANCE = 60
"""Tolerance for start times in seconds, which are based on a clock that may be set."""


def this_process() -> str:
    """Return the name of this process: host name, process id and start time."""
    process = psutil.Process()
    return f"{socket.gethostname()} {process.pid} {process.create_time():.0f}"


def is_gone(name: str) -> bool:
    """Return True if the named process has certainly ended.

    Nothing is certain about a process of another machine, or about an invalid name.
    """
    with suppress(ValueError):
        host, process_id, started = name.split(" ")
        return host == socket.gethostname() and not _is_running(int(process_id), float(started))
    return False


def _is_running(process_id: int, started: float) -> bool:
    """Return True if a process has this id and start time, so that the id was not reused."""
    try:
        process = psutil.Process(process_id)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return not ended and abs(process.create_time() - started) < _CLOCK_TOLERANCE
    except psutil.NoSuchProcess:
        return False
