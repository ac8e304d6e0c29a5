"""Runs programs in processes that are forked from one that has imported all they need.

Imports take two seconds of CPU time, more than most runs. A forked process is a new one otherwise:
it has its own session, environment, folder and output, and ends as the program does. Tests of how a
program starts do not use it.
"""

import atexit
import fcntl
import functools
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any

IMPORTED = (
    "dagster._cli",
    "dagster_postgres",
    "jinja2",
    "bizy_assets.definitions",
    "bizy_assets.cli.doctor",
    "bizy_assets.cli.running",
    "bizy_assets.cli.services",
    "bizy_assets.fleet.services",
)


class Forked:
    """A forked process, with those methods of ``subprocess.Popen`` that tests use."""

    def __init__(
        self,
        program: Path,
        *arguments: str,
        cwd: Path,
        env: dict[str, str],
        stdout: int | IO[Any],
        stderr: int | IO[Any],
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        """Start a program of the environment, or ``python -m`` and a module.

        A terminal as standard input becomes that of the process.
        """
        self.args = [program, *arguments]
        self.returncode: int | None = None
        self._answers, theirs = socket.socketpair()
        wanted = {"arguments": [str(program), *arguments], "cwd": str(cwd), "env": env}
        with theirs, Path(os.devnull).open() as nothing:
            streams = [nothing if stdin == subprocess.DEVNULL else stdin, stdout, stderr]
            descriptors = [each if isinstance(each, int) else each.fileno() for each in streams]
            descriptors.append(theirs.fileno())
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
            # Tests find the processes of a home by this variable.
            env={**os.environ, "BIZY_HOME": ""},
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
        message, descriptors, _, _ = socket.recv_fds(requests, 2**20, 4)
        if not message:
            return None
        if os.fork() == 0:
            requests.close()
            return _report_or_return(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _report_or_return(wanted: dict[str, Any], *descriptors: int) -> list[str]:
    """Fork again: return in the new process, and report its number and end in this one."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, answers = descriptors
    if process := os.fork():
        for descriptor in streams:
            os.close(descriptor)
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
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
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
        _run(*arguments)


def _run(program: str, *arguments: str) -> None:
    """Do what a script of the environment does, or ``python -m``; start any other process."""
    name = Path(program).name
    if name == "python" and arguments[0] != "-m":
        os.execv(program, [program, *arguments])
    if name == "python":
        sys.argv = list(arguments[1:])
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        [script] = entry_points(group="console_scripts", name=name)
        sys.argv = [program, *arguments]
        sys.exit(script.load()())


if __name__ == "__main__":
    _main()
