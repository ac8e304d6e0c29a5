"""Real processes of the migration, to be watched and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bizy_assets_tests.support.environment import working_copy
from bizy_assets_tests.support.forking import Forked

PATIENCE = 120.0


def until(holds: Callable[[], object]) -> None:
    """Waits for something that only asking can tell; gives up after two minutes."""
    start = time.monotonic()
    while not holds():
        waited = time.monotonic() - start
        assert waited < PATIENCE, "waited in vain"
        # To ask takes a query or a request, so a long wait asks less often.
        time.sleep(min(0.02 + waited / 10, 0.5))


@contextmanager
def started(
    *arguments: str,
    output: Path,
    prefix: Sequence[str] = (),
    cwd: Path | None = None,
    is_forked: bool = False,
    **variables: str,
) -> Iterator[subprocess.Popen[bytes] | Forked]:
    """Runs a program of the environment beside the test, and ends it with all its children.

    Args:
        arguments: The program's name, and what to tell it.
        output: The file that gets what it writes.
        prefix: A command that runs the command after it.
        cwd: The folder that it runs in; else one like the checkout.
        is_forked: Whether it is forked from a process that has imported what it needs.
        variables: To be set for it.
    """
    program = Path(sys.executable).with_name(arguments[0])
    folder, environment = cwd or working_copy(), {**os.environ, **variables}
    process: subprocess.Popen[bytes] | Forked
    with output.open("wb") as file:
        if is_forked:
            process = Forked(
                program, *arguments[1:], cwd=folder, env=environment, stdout=file, stderr=file
            )
        else:
            process = subprocess.Popen(
                [*prefix, program, *arguments[1:]],
                cwd=folder,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Dagster ends its servers by it, but a shell's background jobs are deaf to it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
    try:
        yield process
    finally:
        kill(process, signal.SIGTERM)


def kill(process: subprocess.Popen[bytes] | Forked, how: signal.Signals = signal.SIGKILL) -> None:
    """Sends a signal to a process and its children, and waits for its end."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)
    process.wait(PATIENCE)
