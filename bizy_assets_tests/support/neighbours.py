"""Other processes and accounts that meet a file at the same time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bizy_assets_tests.support.environment import CHECKOUT

NOBODY = 65534

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.executescript(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
"""
"""Runs statements on a SQLite file and stays connected to it."""


def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
    """Starts a Python process that talks over its standard input and output."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(code: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """Keeps a process running, from its first line of output until the end of the block."""
    process = start(code, *arguments)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def run(code: str, *arguments: object) -> tuple[int, str]:
    """Runs a Python process to its end, and returns its status and what it said."""
    process = start(code, *arguments)
    said, _ = process.communicate()
    return process.returncode, said


@contextmanager
def without_privileges() -> Iterator[None]:
    """Acts as an account that permissions bind, which they do not bind root to."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
