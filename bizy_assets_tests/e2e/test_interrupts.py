"""Interrupts in a command's first seconds: one sentence, the usual exit status, no traceback."""

import fcntl
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from bizy_assets_tests.support.pausing import MIGRATE
from bizy_assets_tests.support.processes import PATIENCE, started, until

MODULE = ("python", "-m", "bizy_assets", "migrate")
HANDLED = 1 << (signal.SIGTERM - 1)


def handles_signals(process: int) -> bool:
    """Return True once the first lines of our own code have run; the imports follow."""
    status = Path(f"/proc/{process}/status").read_text()
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(caught, 16) & HANDLED)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no /proc")
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.exhaustive)],
)
def test_an_interrupt_during_the_imports(
    alone: Path, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    with started(*MODULE, output=tmp_path / "out") as process:
        until(lambda: handles_signals(process.pid))
        process.send_signal(number)
        assert process.wait(PATIENCE) == status
    assert (tmp_path / "out").read_text() == "The command was interrupted; start it again.\n"
    assert not (alone / "bizy").exists()


@pytest.mark.parametrize(
    ("command", "number", "status"),
    [
        (MODULE, signal.SIGTERM, 143),
        (MIGRATE, signal.SIGINT, 1),
        pytest.param(MODULE, signal.SIGINT, 130, marks=pytest.mark.exhaustive),
        pytest.param(MIGRATE, signal.SIGTERM, 1, marks=pytest.mark.exhaustive),
    ],
)
def test_an_interrupt_during_the_start_of_the_embedded_server(
    alone: Path, tmp_path: Path, command: tuple[str, ...], number: signal.Signals, status: int
) -> None:
    out = tmp_path / "out"
    (alone / "bizy").mkdir(mode=0o700)
    with ExitStack() as stack:
        lock = stack.enter_context((alone / "bizy" / ".postgres.lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = stack.enter_context(started(*command, output=out, is_forked=True))
        until(written(out, "Waiting for"))
        process.send_signal(number)
        # Dagster's own command acts on it when the start has ended.
        until(lambda: process.poll() is not None or command is MIGRATE)
        lock.close()
        assert process.wait(PATIENCE) == status
    assert "was interrupted; start it again." in out.read_text().splitlines()[-1]
    assert "Traceback" not in out.read_text()


def written(file: Path, text: str) -> Callable[[], bool]:
    return lambda: text in file.read_text()
