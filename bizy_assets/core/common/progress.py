"""Progress of long steps, as records of a standard Python logger.

The core does not depend on who shows them. A record of level INFO is a line of text, one about
every two seconds. Records of level DEBUG come more often, for a display that draws them. Each
record has these attributes besides its text:

* ``step``: objects and participle, such as ``goals copied``.
* ``done``, ``total``, ``unit``: the number of processed items, and that of all, or None if only
  time passes.
* ``seconds``: the time since the step began.
* ``ended``: whether the step is over.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERVAL_SECONDS = 2.0
"""Shortest time between two lines."""

DRAWING_SECONDS = 0.1
"""Shortest time between two records for a display."""

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
        self._started = self._logged = self._drawn = time.monotonic()
        self._log(logging.DEBUG, self._started)

    def add(self, count: int) -> None:
        """Count processed items, and log a record unless the last one is too recent."""
        self._done += count
        now = time.monotonic()
        if count and now - self._logged >= INTERVAL_SECONDS:
            self._logged = self._drawn = now
            self._log(logging.INFO, now)
        elif self._done >= self._total or now - self._drawn >= DRAWING_SECONDS:
            self._drawn = now
            self._log(logging.DEBUG, now)

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Log lines also while a single item takes long."""

        def log() -> None:
            now = time.monotonic()
            if now - self._logged >= INTERVAL_SECONDS:
                self._logged = now
                self._log(logging.INFO, now)

        with _repeated(log):
            yield

    def _log(self, level: int, now: float) -> None:
        if PROGRESS_LOGGER.isEnabledFor(level):
            _log(level, self._line(now - self._started), self._step, now - self._started,
                 done=self._done, total=self._total, unit=self._unit,
                 ended=self._done >= self._total)  # fmt: skip

    def _line(self, seconds: float) -> str:
        left = max(0, self._total - self._done)
        share = min(1, self._done / max(1, self._total))
        line = (
            f"{self._step}: {self._done:,} of {self._total:,} {self._unit} ({share:.0%}), "
            f"{left:,} left"
        )
        if not self._done:
            return f"{line}, {seconds:.0f} s so far"
        speed = self._done / max(seconds, 0.001)
        digits = 0 if speed >= 10 else 1
        return f"{line}, {speed:,.{digits}f} {self._unit}/s, about {left / speed:.0f} s to go"


@contextmanager
def log_elapsed(step: str) -> Iterator[None]:
    """Log how long a block has been running, for steps that cannot report progress."""
    started = time.monotonic()

    def log(level: int = logging.INFO, *, ended: bool = False) -> None:
        seconds = time.monotonic() - started
        _log(level, f"{step}: {seconds:.0f} s so far", step, seconds, ended=ended)

    log(logging.DEBUG)
    try:
        with _repeated(log):
            yield
    finally:
        log(logging.DEBUG, ended=True)


def log_note(text: str) -> None:
    """Log a line about the step that runs."""
    _log(logging.INFO, text, "", 0, ended=True)


@contextmanager
def _repeated(log: Callable[[], None]) -> Iterator[None]:
    """Call a function at intervals, in a thread, as long as a block runs."""
    finished = threading.Event()

    def repeat() -> None:
        while not finished.wait(INTERVAL_SECONDS):
            log()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def _log(
    level: int,
    text: str,
    step: str,
    seconds: float,
    *,
    done: int = 0,
    total: int | None = None,
    unit: str = "",
    ended: bool = False,
) -> None:
    attributes = {"step": step, "done": done, "total": total, "unit": unit}
    PROGRESS_LOGGER.log(level, text, extra={**attributes, "seconds": seconds, "ended": ended})
