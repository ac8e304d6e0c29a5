"""Tells how far a long step is, about every two seconds.

It goes to a logger of Python's own, so that the core knows nobody who listens.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

INTERVAL_SECONDS = 2.0
"""Seconds from one line to the next."""

PROGRESS_LOGGER = logging.getLogger(__name__)
PROGRESS_LOGGER.setLevel(logging.INFO)
# Where nobody listens, nothing is said.
PROGRESS_LOGGER.addHandler(logging.NullHandler())
PROGRESS_LOGGER.propagate = False


class Progress:
    """How far one step is.

    Args:
        what: What is done to each, as ``goals copied``.
        total: How many there are.
        unit: What there are.
    """

    def __init__(self, what: str, total: int, unit: str = "rows") -> None:
        self._what = what
        self._total = total
        self._unit = unit
        self._done = 0
        self._started = self._told = time.monotonic()

    def add(self, count: int) -> None:
        """Notes that more are done, and tells it where the last line was a while ago."""
        self._done += count
        now = time.monotonic()
        if count and now - self._told >= INTERVAL_SECONDS:
            self._told = now
            PROGRESS_LOGGER.info(self._line(now - self._started))

    def _line(self, seconds: float) -> str:
        speed = self._done / max(seconds, 0.001)
        left = max(0, self._total - self._done)
        digits = 0 if speed >= 10 else 1
        share = min(1, self._done / max(1, self._total))
        return (
            f"{self._what}: {self._done:,} of {self._total:,} {self._unit} ({share:.0%}), "
            f"{left:,} left, {speed:,.{digits}f} {self._unit}/s, about {left / speed:.0f} s to go"
        )


@contextmanager
def log_elapsed(what: str) -> Iterator[None]:
    """Tells for how long a block has run, where nothing can say how far it is.

    Args:
        what: What the block does, as ``goals merged``.
    """
    over, started = threading.Event(), time.monotonic()

    def tell() -> None:
        while not over.wait(INTERVAL_SECONDS):
            PROGRESS_LOGGER.info(f"{what}: {time.monotonic() - started:.0f} s so far")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
