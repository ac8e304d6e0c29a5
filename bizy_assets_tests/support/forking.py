"""Runs ``dagster`` in processes that are forked from one that has imported all it needs.

Imports take two seconds of CPU time, more than most runs. A forked process is a new one otherwise:
it has its own session, environment, folder and output, and ends as the program does. Tests of how a
program starts do not use it.
"""

import atexit
import functools
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

IMPORTED = ("dagster._cli", "dagster_postgres", "bizy_assets.definitions", "bizy_assets.cli")


class Forked:
    """A forked process, with those methods of ``subprocess.Popen`` that tests use."""

    def __init__(
        self,
        program: Path,
        *arguments: str,
        cwd: Path,
        env: dict[str, str],
        stdout: IO[Any],
        stderr: IO[Any],
    ) -> None:
        self.args = [program, *arguments]
        self.returncode: int | None = None
        self._answers, theirs = socket.socketpair()
        wanted = {"arguments": [str(program), *arguments], "cwd": str(cwd), "env": env}
        with theirs:
            descriptors = [theirs.fileno(), stdout.fileno(), stderr.fileno()]
            socket.send_fds(_server(cwd), [json.dumps(wanted).encode()], descriptors)
        self.pid = self._receive()

    def poll(self) -> int | None:
        """Return how the process has ended, or None while it runs."""
        if self.returncode is None and select.select([self._answers], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended, and return how."""
        if self.returncode is None:
            if not select.select([self._answers], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = self._receive()
            self._answers.close()
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def _receive(self) -> int:
        answer = self._answers.recv(8)
        assert answer, "the process to be forked has ended"
        return int.from_bytes(answer, signed=True)


@functools.cache
def _server(cwd: Path) -> socket.socket:
    """Start the process to be forked, which ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            cwd=cwd,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def _serve(requests: socket.socket) -> list[str] | None:
    """Fork for each request, and return the arguments of the program in the process for it."""
    # The system removes processes that report to the tests.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 2**20, 3)
        if not message:
            return None
        if os.fork() == 0:
            requests.close()
            return _report_or_return(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _report_or_return(wanted: dict[str, Any], answers: int, out: int, error: int) -> list[str]:
    """Fork again: return in the new process, and report its number and end in this one."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if process := os.fork():
        os.close(out)
        os.close(error)
        os.write(answers, process.to_bytes(8, signed=True))
        _, status = os.waitpid(process, 0)
        os.write(answers, os.waitstatus_to_exitcode(status).to_bytes(8, signed=True))
        os._exit(0)
    os.close(answers)
    os.setsid()
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    time.tzset()
    for descriptor, number in ((out, 1), (error, 2)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    arguments: list[str] = wanted["arguments"]
    return arguments


def _main() -> None:
    sys.path[0] = str(Path.cwd())
    for name in IMPORTED:
        __import__(name)
    # No collection of garbage in a forked process looks at what was imported.
    gc.freeze()
    arguments = _serve(socket.socket(fileno=int(sys.argv[1])))
    if arguments is not None:
        sys.argv = arguments
        from dagster._cli import main

        sys.exit(main())


if __name__ == "__main__":
    _main()
