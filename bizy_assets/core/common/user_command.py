"""The command line of a next step, as a user can paste it into a new shell in any folder.

The line holds what the present process was configured with. Connection URLs may hold passwords, so
they are referred to and not shown. Nothing is stored for this: any process of Dagster can
print a line from its own environment.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dotenv

from bizy_assets.core.common.places import CHECKOUT, DEMO_DATABASE, default_home
from bizy_assets.core.common.text import is_utf8

PROGRAM = "bizy-assets"

HIDE_WARNING = "PYTHONWARNINGS=ignore::FutureWarning"
"""Hides that ``dagster job execute`` has a successor, ``dg launch``.

Installations with only what runs need do not have it.
"""

PATHS = ("DAGSTER_HOME", "BIZY_HOME", "SQLITE_DB_PATH", "BUSINESS_AGENT_DB", "BIZY_BACKUP_DIR")
"""Variables that hold a path."""

VARIABLES = (
    *PATHS,
    "BIZY_SOURCE_TIMEZONE",
    "BIZY_TASKS_LOCAL_SINCE",
    "BIZY_ON_BAD_ROW",
    "BIZY_IGNORE_COLUMNS",
    "BIZY_ID_POLICY",
    "BIZY_KEEP_BACKUPS",
    "BIZY_LOCK_WAIT_SECONDS",
    "BIZY_STRICT",
    "BIZY_TRIGGERS",
    "BIZY_EMBEDDED_DATABASE",
    "DEFAULT_USER_EMAIL",
    "DEFAULT_USER_USERNAME",
    "DEFAULT_USER_ID",
    "TZ",
)
"""Variables whose values are part of a command line."""

SECRETS = ("DATABASE_URL", "DAGSTER_POSTGRES_URL")
"""Variables that a command line only refers to."""

_OF_THE_DEMO = {
    "SQLITE_DB_PATH",
    "BUSINESS_AGENT_DB",
    "BIZY_BACKUP_DIR",
    "BIZY_SOURCE_TIMEZONE",
    "BIZY_EMBEDDED_DATABASE",
    "DATABASE_URL",
}
"""Variables that ``--demo`` sets or ignores."""

_REPLACED = {"BIZY_SOURCE_TIMEZONE", "TZ"}
"""Variables that ``--timezone`` replaces."""

_WITH_DEMO_OPTION = {
    "plan", "verify", "rollback", "reset-password", "report", "psql", "doctor", "ui",
}  # fmt: skip


def user_command(name: str, *arguments: str, **variables: str) -> str:
    """Return the command line that runs ``bizy-assets`` with this command and these arguments.

    The ``variables`` are set besides those of this process, except where an option replaces them.
    """
    if not is_demo():
        values = _configured() | variables
        replaced = _REPLACED if "--timezone" in arguments else set()
        values = {name: value for name, value in values.items() if name not in replaced}
        return _line([name, *arguments], values)
    if name in _WITH_DEMO_OPTION:
        arguments = (*arguments, "--demo")
    words = ["demo" if name == "migrate" else name, *arguments]
    return _line(words, _apart_from_demo() | variables)


def own_file_command() -> str:
    """Return the command line that a demo proposes for the user's own file and its zone."""
    return _line(["plan", "FILE", "--timezone", "ZONE"], _apart_from_demo())


def is_demo() -> bool:
    """Return True if this process works with the sample in the demo's database."""
    return os.environ.get("BIZY_EMBEDDED_DATABASE", "").strip() == DEMO_DATABASE


def _line(words: Sequence[str], values: Mapping[str, str]) -> str:
    """Return the line for a command and its arguments with these variables."""
    values = _without_known(values, CHECKOUT)
    folder = Path.cwd()
    # Only the settings file can provide a connection URL in a new shell.
    is_from_folder = any(name in _stored(folder) for name in SECRETS if name in values)
    if is_from_folder:
        values = _without_known(values, folder)
    line = " ".join([*_assignments(values), *_program(), *map(shlex.quote, words)])
    return f"(cd {shlex.quote(str(folder))} && {line})" if is_from_folder else line


def _apart_from_demo() -> dict[str, str]:
    return {name: value for name, value in _configured().items() if name not in _OF_THE_DEMO}


def _configured() -> dict[str, str]:
    """Return the variables that are set, with absolute paths."""
    values = {name: os.environ.get(name, "").strip() for name in (*VARIABLES, *SECRETS)}
    values = {name: value for name, value in values.items() if value and is_utf8(value)}
    for name in PATHS:
        if name in values:
            values[name] = os.path.realpath(os.path.expanduser(values[name]))  # noqa: PTH111
    home = values.get("BIZY_HOME", str(default_home()))
    if values.get("DAGSTER_HOME") == os.path.realpath(Path(home) / "dagster"):
        # What the command sets by itself.
        del values["DAGSTER_HOME"]
    return values


def _without_known(values: Mapping[str, str], folder: Path | None) -> dict[str, str]:
    """Remove the variables that the settings file in a folder sets to the same value."""
    stored = _stored(folder)
    return {name: value for name, value in values.items() if stored.get(name) != value}


def _stored(folder: Path | None) -> dict[str, str]:
    file = folder / ".env" if folder is not None else None
    if file is None or not file.is_file():
        return {}
    return {name: value for name, value in dotenv.dotenv_values(file).items() if value}


def _assignments(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if name in SECRETS:
            # The shell refuses the command where the variable is missing.
            yield f'{name}="${{{name}:?set it as before}}"'
        else:
            yield f"{name}={shlex.quote(value)}"


def _program() -> list[str]:
    """Return the words that start this program in a new shell."""
    script = Path(sys.executable).with_name(PROGRAM)
    if not script.exists():
        return [shlex.quote(sys.executable), "-m", "bizy_assets"]
    found = shutil.which(PROGRAM)
    # A new shell does not have the PATH of an activated environment.
    is_activated = os.environ.get("VIRTUAL_ENV") and found == str(script)
    if found is not None and not is_activated and Path(found).resolve() == script.resolve():
        return [PROGRAM]
    return [shlex.quote(str(script))]
