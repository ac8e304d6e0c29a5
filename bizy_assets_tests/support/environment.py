"""The checkout, a copy of it to work in, and the variables that configure the product."""

import atexit
import compileall
import functools
import os
import shutil
import tempfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
VARIABLES = (
    "SQLITE_DB_PATH", "BUSINESS_AGENT_DB", "DATABASE_URL", "DAGSTER_POSTGRES_URL", "DAGSTER_HOME",
    "BIZY_SOURCE_TIMEZONE", "BIZY_TASKS_LOCAL_SINCE", "BIZY_ON_BAD_ROW", "BIZY_BACKUP_DIR",
    "BIZY_HOME", "BIZY_KEEP_BACKUPS", "BIZY_LOCK_WAIT_SECONDS", "BIZY_IGNORE_COLUMNS",
    "BIZY_TRIGGERS", "BIZY_EMBEDDED_DATABASE",
    "DEFAULT_USER_EMAIL", "DEFAULT_USER_USERNAME", "DEFAULT_USER_ID", "BIZY_POSTGRES_ADMIN_URL",
    "BIZY_FLEET", "BIZY_ID_POLICY", "BIZY_FLEET_BROKER", "BIZY_UI_HOSTS", "BIZY_VERBOSE",
    "TZ",
)  # fmt: skip
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
