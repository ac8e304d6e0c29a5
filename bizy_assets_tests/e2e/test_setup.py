"""The installation by ``make``: a terminal shows that it goes on, a log has one line.

The interpreter is a stand-in, whose pip installs nothing and waits until it is let go on.
"""

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.terminals import on_terminal

LINE = "Installing bizy-assets and what it needs into .venv, once; this takes a minute or two ..."
PYTHON = """\
#!/bin/sh
test "$1" = -m || exit 0
mkdir -p .venv/bin .venv/lib/python3/site-packages/one-1.dist-info
cat > .venv/bin/pip <<'END'
#!/bin/sh
case "$*" in *--require-hashes*) cat go > /dev/null; exit $(cat status);; esac
END
chmod +x .venv/bin/pip
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout in which ``make`` has installed nothing yet."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(CHECKOUT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "status").write_text("0")
    os.mkfifo(tmp_path / "go")
    return tmp_path


def is_read(pipe: Path, until_then: ExitStack) -> bool:
    """Returns whether a process waits for what is written to a named pipe, and lets it wait."""
    try:
        writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    until_then.callback(os.close, writer)
    return True


def setup(project: Path) -> list[str]:
    return ["make", "--no-print-directory", "-C", str(project), "setup", "PYTHON=./python"]


@pytest.mark.parametrize("status", [0, 1])
def test_a_terminal_counts_the_seconds_and_the_packages(project: Path, status: int) -> None:
    (project / "status").write_text(str(status))
    script = f"import os; os.execvp('make', {setup(project)})"
    with on_terminal("python", "-c", script) as terminal:
        terminal.read_until("\r1 s, packages installed: 1 ")
        (project / "go").write_text("")
        assert terminal.status() == (2 if status else 0)
    assert terminal.output.startswith(f"{LINE}\r\n\r0 s, ")
    assert (project / ".venv" / "ready").exists() is not bool(status)
    # The count is erased.
    assert terminal.output.partition("\r\x1b[K")[2].startswith("make" if status else "")


def test_a_log_has_one_line(project: Path) -> None:
    with subprocess.Popen(setup(project), stderr=subprocess.PIPE, text=True) as process:
        (project / "go").write_text("")
        _, error = process.communicate()
    assert process.returncode == 0
    assert error == f"{LINE}\n"


def test_ctrl_c_ends_it(project: Path) -> None:
    script = f"import os; os.execvp('make', {setup(project)})"
    with on_terminal("python", "-c", script) as terminal, ExitStack() as pipe:
        terminal.read_until("0 s, packages installed: ")
        # A program that the shell is about to start could miss the signal.
        until(lambda: is_read(project / "go", pipe))
        terminal.press_ctrl_c()
        assert terminal.status() != 0
    assert not (project / ".venv" / "ready").exists()
