"""The installed package in an empty folder with an empty HOME, away from the checkout."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bizy_assets.cli import SAMPLE, SAMPLE_ZONE
from bizy_assets.core.server.embedded import embedded_cluster_folder, stop_embedded_server
from bizy_assets_tests.support.environment import CHECKOUT, written_files

COMMAND = r"((?:[A-Z_]+=\S+ )*\S*bizy-assets {}\b.*)"
"""A command line in an output, up to the end of its line."""


@pytest.fixture(scope="module")
def environment_of_wheel(folder: Path) -> Path:
    """A virtual environment with the package as a wheel and everything else as it is here."""
    wheels, environment = folder / "wheels", folder / "venv"
    for command in (
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", wheels],
        [sys.executable, "-m", "venv", "--without-pip", environment],
    ):
        subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    [wheel] = wheels.iterdir()
    python = environment / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index",
         "--disable-pip-version-check", wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    [packages] = environment.glob("lib/python*/site-packages")
    # What it finds there has no .pth files, so the package of the checkout is not among it.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return environment


@pytest.fixture
def user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A user with an empty HOME, who is in an empty folder."""
    home = Path(tempfile.mkdtemp(dir=folder))
    home.chmod(0o755)
    for name in ("BIZY_HOME", "BIZY_SOURCE_TIMEZONE", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    (home / "here").mkdir()
    yield home
    data = home / ".local" / "share" / "bizy-assets"
    assert data.is_dir()
    stop_embedded_server(embedded_cluster_folder(data))


def paste(line: str, user: Path) -> str:
    """Runs a line in a new shell, which must succeed, and returns what it printed."""
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=user / "here",
        env={"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout + done.stderr


def proposed(command: str, output: str) -> str:
    """Returns the line that an output proposes for a command."""
    lines = re.findall(COMMAND.format(command), output)
    assert lines, (command, output)
    return str(lines[-1]).strip()


@pytest.mark.parametrize(
    ("first", "ends", "others"),
    [
        ("migrate", "Run migrate succeeded", ()),
        pytest.param(
            *("plan", "Nothing was written.", ("migrate", "verify", "rollback")),
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_the_demo_and_then_an_own_file_each_command_pasted_from_the_output_before(
    environment_of_wheel: Path, user: Path, first: str, ends: str, others: tuple[str, ...]
) -> None:
    program = environment_of_wheel / "bin" / "bizy-assets"
    before = written_files(environment_of_wheel)
    shown = paste(f"{program} demo", user)
    assert "bizy_demo" in shown
    own = Path(shutil.copy(SAMPLE.with_name("bizy_cli_1.0.2.db"), user / "my own tasks.db"))

    line = proposed("plan", shown)
    assert line == f"{program} plan FILE --timezone ZONE"
    line = line.replace("FILE", shlex.quote(str(own))).replace("ZONE", SAMPLE_ZONE)
    shown = paste(line.replace(" plan ", f" {first} "), user)
    assert ends in shown, shown
    for command in others:
        shown = paste(proposed(command, shown), user)
        assert f"Run {command} succeeded" in shown, shown
        assert "Warning:" not in shown
    assert paste(f"{program} report --demo", user).startswith(f"{user}/.local/share/bizy-assets/")
    assert "all checks" in paste(f"{program} verify --help", user)

    assert written_files(environment_of_wheel) == before
    assert not list((user / "here").iterdir())
    assert not (user / ".local").stat().st_mode & 0o077
