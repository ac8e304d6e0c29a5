"""The command ``doctor``: what is configured and whether it works, each with what to do if not.

It starts the embedded server if that is used, and otherwise changes nothing.
"""

import platform
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click

from bizy_assets.cli import surroundings
from bizy_assets.core.common import quantity, zone_notice
from bizy_assets.core.errors import BizyError, ConfigurationError, SourceError, printable
from bizy_assets.core.postgres import connect, describe_url, dry_run_transaction
from bizy_assets.core.settings import MODELS, Settings, SourceSettings, bizy_home, environment
from bizy_assets.core.source import read_header
from bizy_assets.core.target import prepare_schema
from bizy_assets.resources import BizyTarget
from bizy_assets.runtime import AlertSettings, history_url

_FREE_BYTES = 2**29
"""Space that a new embedded server and its first write-ahead log need, with some in reserve."""

_LOCK_WAIT_SECONDS = 5.0

_SETTINGS, _TARGET = "settings", "target"
_NEEDS = {"privileges": [_TARGET]}
"""The parts that another needs, besides the settings."""

_ROWS = "SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM goals)"
_VERSION = "SELECT current_setting('server_version'), current_user"


def examine(*, demo: bool) -> int:
    """Print one line for each part, and return 1 if one has a problem."""
    if demo:
        surroundings.use_demo()
    parts: dict[str, Callable[[], str]] = {
        "Python": _python,
        _SETTINGS: _settings,
        "Bizy file": _bizy_file,
        "time zone": _time_zone,
        "BIZY_HOME": _home,
        _TARGET: _target,
        "privileges": _privileges,
        "history": _history,
    }
    problems: dict[str, str] = {}
    for name, part in parts.items():
        outcome, text = _outcome(name, part, problems)
        click.echo(f"{outcome:<8} {name:<10}  {printable(text)}")
    click.echo(f"{quantity(len(problems), 'problem')} found." if problems else "Everything works.")
    return 1 if problems else 0


def _outcome(name: str, part: Callable[[], str], problems: dict[str, str]) -> tuple[str, str]:
    """Examine a part and return its outcome and text; a problem is added to those known by text.

    A part is skipped if it needs one that has a problem, or has that problem itself.
    """
    needed = [_SETTINGS, *_NEEDS.get(name, [])]
    for part_in_trouble in problems.values():
        if part_in_trouble in needed:
            return "skipped", f"needs {part_in_trouble}"
    try:
        return "ok", part()
    except BizyError as error:
        text = str(error)
    if text in problems:
        return "skipped", f"needs {problems[text]}"
    problems[text] = name
    return "problem", text


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _settings() -> str:
    models: tuple[type[Settings], ...] = (*MODELS, AlertSettings)
    if problems := list(dict.fromkeys(filter(None, map(_problem, models)))):
        raise ConfigurationError(" ".join(problems))
    files = surroundings.settings_files()
    return f"read from {', '.join(map(str, files))}" if files else "no file .env"


def _problem(model: type[Settings]) -> str:
    try:
        model.read()
    except ConfigurationError as error:
        return str(error)
    return ""


def _bizy_file() -> str:
    settings = SourceSettings.read()
    path = settings.path
    origin = "SQLITE_DB_PATH" if "path" in settings.model_fields_set else "where Bizy keeps it"
    read_header(path)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            tasks, goals = connection.execute(_ROWS).fetchone()
    except sqlite3.Error as error:
        raise SourceError(
            f"{path} cannot be read as a Bizy database ({error}); set SQLITE_DB_PATH to one."
        ) from None
    return f"{path} ({origin}): {quantity(tasks, 'task')} and {quantity(goals, 'goal')}"


def _time_zone() -> str:
    settings = SourceSettings.read()
    if (notice := zone_notice(settings)) is not None:
        raise ConfigurationError(notice)
    return settings.zone_label


def _home() -> str:
    home = bizy_home()
    free = shutil.disk_usage(_existing(home)).free
    if free < _FREE_BYTES:
        raise ConfigurationError(
            f"{home} has only {free >> 20:,} MiB of free space; set BIZY_HOME to a folder with "
            f"{_FREE_BYTES >> 20:,} MiB or more."
        )
    return f"{home}, {free / 2**30:,.1f} GiB of free space"


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _target() -> str:
    target = BizyTarget()
    origin = "the embedded server" if target.is_embedded else "DATABASE_URL"
    with connect(target.url(), purpose="doctor") as connection:
        version, role = connection.exec_driver_sql(_VERSION).one()
    return f"{describe_url(target.url())} ({origin}): PostgreSQL {version}, role {role}"


def _privileges() -> str:
    with (
        connect(BizyTarget().url(), purpose="doctor") as connection,
        dry_run_transaction(connection),
    ):
        prepare_schema(connection, lock_wait_seconds=_LOCK_WAIT_SECONDS)
    return "sufficient (the tables were created in a transaction and rolled back)"


def _history() -> str:
    url = history_url()
    origin = "DAGSTER_POSTGRES_URL" if environment("DAGSTER_POSTGRES_URL") else "embedded server"
    with connect(url, purpose="doctor", variable="DAGSTER_POSTGRES_URL"):
        return f"{describe_url(url)} ({origin})"
