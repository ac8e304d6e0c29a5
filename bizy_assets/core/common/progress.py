"""Progress lines of long steps, one about every two seconds.

They go to a standard Python logger, so that the core does not depend on who shows them.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

INTERVAL_SECONDS = 2.0
"""Shortest time between two lines."""

PROGRESS_LOGGER = logging.getLogger(__name__)
PROGRESS_LOGGER.setLevel(logging.INFO)
# Without a handler of the application, nothing is printed.
PROGRESS_LOGGER.addHandler(logging.NullHandler())
PROGRESS_LOGGER.propagate = False


class Progress:
    """Progress of one step, named by objects and participle, such as ``goals copied``."""

    def __init__(self, step: str, total: int, unit: str = "rows") -> None:
        self._step = step
        self._total = total
        self._unit = unit
        self._done = 0
        self._started = self._logged = time.monotonic()

    def add(self, count: int) -> None:
        """Count processed items, and log a line unless the last one is too recent."""
        self._done += count
        now = time.monotonic()
        if count and now - self._logged >= INTERVAL_SECONDS:
            self._logged = now
            PROGRESS_LOGGER.info(self._line(now - self._started))

    def _line(self, seconds: float) -> str:
        speed = self._done / max(seconds, 0.001)
        left = max(0, self._total - self._done)
        digits = 0 if speed >= 10 else 1
        share = min(1, self._done / max(1, self._total))
        return (
            f"{self._step}: {self._done:,} of {self._total:,} {self._unit} ({share:.0%}), "
            f"{left:,} left, {speed:,.{digits}f} {self._unit}/s, about {left / speed:.0f} s to go"
        )


@contextmanager
def log_elapsed(step: str) -> Iterator[None]:
    """Log how long a block has been running, for steps that cannot report progress."""
    finished, started = threading.Event(), time.monotonic()

    def log() -> None:
        while not finished.wait(INTERVAL_SECONDS):
            PROGRESS_LOGGER.info(f"{step}: {time.monotonic() - started:.0f} s so far")

    thread = threading.Thread(target=log, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
