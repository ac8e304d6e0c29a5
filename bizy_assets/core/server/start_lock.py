"""The lock that lets one process at a time start the embedded server.

Its file is private, because any process that can open a file can lock it. The lock ends with the
process that holds it.
"""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bizy_assets.core.errors import TargetError

_SILENT_SECONDS = 2.0
"""Longer than most starts take."""


@contextmanager
def start_lock(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock; log after a moment which process it waits for.

    Raises:
        OSError: The file cannot be opened, or is a symbolic link.
        TargetError: Another process still holds the lock after the time to wait.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        # Earlier releases left it readable.
        os.fchmod(descriptor, 0o600)
        _wait(descriptor, path, wait_seconds)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, wait_seconds: float) -> None:
    started, is_announced = time.monotonic(), False
    while not _acquired(descriptor):
        waited = time.monotonic() - started
        if waited > wait_seconds:
            raise TargetError(
                f"The embedded PostgreSQL does not start, because {_holder(descriptor)} has locked "
                f"{path} for {wait_seconds:g} seconds; end that process, then run again."
            )
        if waited > min(_SILENT_SECONDS, wait_seconds / 2) and not is_announced:
            # Python shows warnings on the terminal; most starts happen outside of a run.
            logging.getLogger(__name__).warning(
                f"Waiting for {_holder(descriptor)}, which has locked {path} to start the "
                "embedded PostgreSQL."
            )
            is_announced = True
        time.sleep(0.05)


def _acquired(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    """Return the process that holds the lock, as far as the system shows it."""
    inode = str(os.fstat(descriptor).st_ino)
    with suppress(OSError, ValueError, psutil.Error):
        for line in Path("/proc/locks").read_text().splitlines():
            _, kind, _, _, process_id, place, *_ = line.split()
            if kind == "FLOCK" and place.rpartition(":")[2] == inode:
                process = psutil.Process(int(process_id))
                command = " ".join(process.cmdline())[:200].encode("unicode_escape").decode()
                return f"process {process.pid} ({command})"
    return "another process"
