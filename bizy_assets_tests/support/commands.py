"""Commands, run to their end as a user would run them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bizy_assets_tests.support.environment import working_copy
from bizy_assets_tests.support.forking import Forked


@dataclass
class Command:
    """A finished process."""

    status: int
    out: str
    error: str


def run_command(
    *arguments: str, cwd: Path | None = None, without: Collection[str] = (), **variables: str
) -> Command:
    """Runs one of the environment's programs, as a user would, without some variables."""
    program = Path(sys.executable).with_name(arguments[0])
    done = subprocess.run(
        [program, *arguments[1:]],
        cwd=cwd or working_copy(),
        env={
            name: value
            for name, value in {**os.environ, **variables}.items()
            if name not in without
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return Command(done.returncode, done.stdout, done.stderr)


def bizy_assets(*arguments: str, **options: Any) -> Command:
    """Runs the command as installed."""
    return run_command("bizy-assets", *arguments, **options)


def run_script(script: str, *, home: Path, **variables: str) -> Command:
    """Runs what a page shows to type, as a user with nothing but a home and these variables."""
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=working_copy(),
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return Command(done.returncode, done.stdout, done.stderr)


def run_forked(*arguments: str, **variables: str) -> Command:
    """Runs a program as in the checkout, without the time that its imports take."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        status = Forked(
            Path(sys.executable).with_name(arguments[0]),
            *arguments[1:],
            cwd=working_copy(),
            env={**os.environ, **variables},
            stdout=out,
            stderr=error,
        ).wait()
        out.seek(0)
        error.seek(0)
        return Command(status, out.read(), error.read())


def run_job(job: str = "migrate", **variables: str) -> Command:
    """Runs a job by ``dagster job execute`` as in the checkout."""
    return run_forked(
        "dagster", "job", "execute", "-m", "bizy_assets.definitions", "-j", job, **variables
    )


def module(command: str, **variables: str) -> Command:
    return run_forked("python", "-m", "bizy_assets", command, **variables)
