"""The checkout, a copy of it to work in, and the variables that configure the product."""

import atexit
import compileall
import functools
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from bizy_assets.core.settings import declared_variables
from bizy_assets.core.variables import OTHER_VARIABLES

CHECKOUT = Path(__file__).parents[2]
VARIABLES = sorted(declared_variables() | OTHER_VARIABLES.keys() | {"TZ"})
CACHES = {".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"}


@functools.cache
def working_copy() -> Path:
    """Return a folder that programs take for the checkout, to leave their files in."""
    folder = Path(tempfile.mkdtemp(prefix="bizy-checkout-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    shutil.copytree(CHECKOUT / "bizy_assets", folder / "bizy_assets")
    # Where Python is told not to write bytecode, every program would compile all modules again.
    compileall.compile_dir(folder, quiet=2)
    for name in ("dagster.yaml", "pyproject.toml", "workspace.yaml"):
        shutil.copy(CHECKOUT / name, folder)
    (folder / ".venv").symlink_to(CHECKOUT / ".venv")
    return folder


def written_files(checkout: Path) -> dict[Path, int]:
    """Return every file and folder that a test could leave or change, with its time of change.

    Caches are left out, and what belongs to git, to the environment and to a running server.
    """
    found = {}
    for folder, folders, names in os.walk(checkout):
        here = Path(folder)
        left_out = {".git", ".venv"} if here == checkout else set()
        if here == checkout / ".bizy":
            left_out = {"postgres"}
        folders[:] = [name for name in folders if name not in CACHES | left_out]
        found |= {here / name: 0 for name in folders}
        found |= {here / name: (here / name).lstat().st_mtime_ns for name in names}
    return found


def configure_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes every variable that configures the product."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
