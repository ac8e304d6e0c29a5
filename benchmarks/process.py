"""Runs a program, and tells how long it took and how much memory it had."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PAUSE = 0.02
"""Seconds between two looks at a program's memory."""


@dataclass
class Ran:
    """A program that has ended well.

    Attributes:
        seconds: From its start to its end.
        peak_mb: The most memory that it had at once, in millions of bytes.
        memory: How much it had when, by the system's clock.
        out: What it wrote to standard output.
    """

    seconds: float
    peak_mb: float
    memory: list[tuple[float, float]] = field(default_factory=list)
    out: str = ""

    def peak_between(self, start: float, end: float) -> float | None:
        """Returns the most memory that it had between two moments, if somebody looked then."""
        return max((mb for moment, mb in self.memory if start <= moment <= end), default=None)


def run(arguments: Sequence[str | Path], *, cwd: Path, **variables: str) -> Ran:
    """Runs a program to its end.

    Raises:
        SystemExit: It failed.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        list(map(str, arguments)),
        cwd=cwd,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ran = Ran(seconds=0.0, peak_mb=0.0)
    watching = threading.Thread(target=_watch, args=(process.pid, ran))
    watching.start()
    ran.out = process.communicate()[0]
    ran.seconds = time.monotonic() - started
    watching.join()
    if process.returncode:
        raise SystemExit(f"{arguments[0]} failed:\n{ran.out[-5000:]}")
    return ran


def _watch(pid: int, ran: Ran) -> None:
    """Looks at a program's memory until it ends.

    Not ``getrusage``, which counts what the parent had when it forked.
    """
    status = Path(f"/proc/{pid}/status")
    while True:
        try:
            found = dict(line.split(":", 1) for line in status.read_text().splitlines())
            now, peak = (int(found[name].split()[0]) / 1000 for name in ("VmRSS", "VmHWM"))
        except (OSError, KeyError):
            return
        ran.peak_mb = max(ran.peak_mb, peak)
        ran.memory.append((time.time(), now))
        time.sleep(PAUSE)
