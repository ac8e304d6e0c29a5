"""Whether a process that was named earlier still runs, as far as this machine can tell."""

import socket
from contextlib import suppress

import psutil

_SECONDS = 60
"""How far a start may seem to have moved: it is told by a clock that may be set."""


def this_process() -> str:
    """Returns a name for this process: its machine, its number, and when it started."""
    process = psutil.Process()
    return f"{socket.gethostname()} {process.pid} {process.create_time():.0f}"


def is_gone(name: str) -> bool:
    """Tells whether the process of a name has certainly ended.

    Of a process of another machine, or of a name that is none, nothing is certain.
    """
    with suppress(ValueError):
        machine, number, started = name.split(" ")
        return machine == socket.gethostname() and not _runs(int(number), float(started))
    return False


def _runs(number: int, started: float) -> bool:
    """Tells whether a process has this number, and not one that took it since."""
    try:
        process = psutil.Process(number)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return not ended and abs(process.create_time() - started) < _SECONDS
    except psutil.NoSuchProcess:
        return False
