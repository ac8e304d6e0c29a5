"""Commands on a terminal of their own, as a user would run them, and what its screen shows."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bizy_assets_tests.support.environment import working_copy
from bizy_assets_tests.support.forking import Forked
from bizy_assets_tests.support.processes import PATIENCE, kill
from bizy_assets_tests.support.screens import keep_screen

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|9[0-7]|4[0-8])(?:;\d+)*m")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ERASE_LINE = "\x1b[2K"


class Terminal:
    """A program of the environment on a terminal of 24 lines."""

    def __init__(self, process: Forked, master: int) -> None:
        self._process = process
        self._master = master
        self.output = ""

    def read_until(self, text: str) -> None:
        """Reads until a text has been written."""
        while text not in self.output:
            assert self._read(), f"ended without {text!r}: {self.output}"

    def press_ctrl_c(self) -> None:
        os.write(self._master, b"\x03")

    def status(self) -> int:
        """Reads the rest, and returns the exit status."""
        while self._read():
            pass
        return self._process.wait(PATIENCE)

    def remaining(self) -> list[str]:
        """Returns the lines that stay after the live display was erased, without control codes."""
        last = self.output.rpartition(_ERASE_LINE)[2]
        return _CONTROL.sub("", last).replace("\r", "").strip("\n").split("\n")

    def keep(self, name: str) -> None:
        """Keeps the fullest live display, if there was one, and the screen that stays."""
        *live, last = self.output.split(_ERASE_LINE)
        if live:
            keep_screen(f"{name}_live", max(live, key=len))
        keep_screen(name, last)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        assert ready, f"waited in vain: {self.output}"
        try:
            piece = os.read(self._master, 65536)
        except OSError:
            # On Linux, the end of the last process on the terminal.
            return False
        self.output += piece.decode(errors="replace")
        return bool(piece)


@contextmanager
def on_terminal(*arguments: str, columns: int = 80, **variables: str) -> Iterator[Terminal]:
    """Runs a program on a terminal, and ends it with all its children."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = Forked(
        Path(sys.executable).with_name(arguments[0]),
        *arguments[1:],
        cwd=working_copy(),
        env={**os.environ, "TERM": "xterm-256color", **variables},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        kill(process)
        os.close(master)
