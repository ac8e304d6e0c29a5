"""What a command works with: settings files, Dagster's home, and the Bizy file or the sample.

Everything that a command decides here is put into the environment, from which the core, Dagster
and all processes that are started read their settings.
"""

import os
from pathlib import Path
from typing import Any

import dotenv

from bizy_assets.core.common import CHOSEN_ZONE, files, places
from bizy_assets.core.errors import BizyError
from bizy_assets.core.settings import SourceFileSettings, bizy_home, environment

SAMPLE = places.PACKAGE / "samples" / "bizy_cli_mixed.db"
SAMPLE_ZONE = "America/Los_Angeles"

_INSTANCE = places.PACKAGE / "dagster.yaml"


def settings_files() -> list[Path]:
    """Return the existing settings files, of which the first with a variable counts."""
    folders = dict.fromkeys(filter(None, (Path.cwd(), places.CHECKOUT)))
    return [file for folder in folders if (file := folder / ".env").is_file()]


def load_settings_files() -> None:
    """Set the variables of the settings files; the environment takes precedence."""
    for file in settings_files():
        dotenv.load_dotenv(file)


def prepare_dagster_home() -> None:
    """Create Dagster's home with this project's settings, unless ``DAGSTER_HOME`` is set.

    Raises:
        ConfigurationError: The folder is not writable, or its owner is another account.
    """
    if not os.environ.get("DAGSTER_HOME"):
        # A private folder for Dagster's files, with a link to the settings in the package.
        home = files.make_linked_folder(bizy_home() / "dagster", _INSTANCE)
        os.environ["DAGSTER_HOME"] = str(home)


def use_file(
    path: Path | None, timezone: str | None, on_bad_row: str | None = None
) -> dict[str, Any]:
    """Use what the options of a command say of the source, and return it as run configuration.

    The configuration is part of the run, so that the UI can run it again. The variables are for
    everything else, such as the command lines of the next steps.
    """
    options = {
        ("path", "SQLITE_DB_PATH"): path and str(path),
        ("timezone", "BIZY_SOURCE_TIMEZONE"): timezone,
        ("on_bad_row", "BIZY_ON_BAD_ROW"): on_bad_row,
    }
    given = {names: value for names, value in options.items() if value}
    os.environ |= {variable: value for (_, variable), value in given.items()}
    config = {field: value for (field, _), value in given.items()}
    return {"resources": {"source": {"config": config}}} if config else {}


def use_loaded_file() -> None:
    """Let next steps name the file that the target was loaded from, and its zone, if none is set.

    A command that works on the target needs no file, but a migration after it does.
    """
    from bizy_assets.core import pipeline
    from bizy_assets.core.postgres import connect
    from bizy_assets.resources import BizyTarget

    settings = SourceFileSettings.read()
    try:
        with connect(BizyTarget().url(), purpose="command") as connection, connection.begin():
            run = pipeline.loaded_run(connection, settings.key)
    except BizyError:
        # The job reports it.
        return
    if run is None:
        return
    if run.source.key != settings.key and "path" not in settings.model_fields_set:
        os.environ["SQLITE_DB_PATH"] = str(run.snapshot.source)
    if run.zone_origin == CHOSEN_ZONE and not environment("BIZY_SOURCE_TIMEZONE"):
        os.environ["BIZY_SOURCE_TIMEZONE"] = run.zone


def use_demo() -> str:
    """Make the sample the source and a database of its own the target; return a sentence.

    Raises:
        ConfigurationError: ``BIZY_HOME`` cannot be used.
    """
    ignored = " DATABASE_URL is not used." if environment("DATABASE_URL") else ""
    os.environ |= {
        "SQLITE_DB_PATH": str(SAMPLE),
        "BIZY_SOURCE_TIMEZONE": SAMPLE_ZONE,
        "BIZY_BACKUP_DIR": str(bizy_home() / "backups"),
        "BIZY_EMBEDDED_DATABASE": places.DEMO_DATABASE,
        # Empty and not removed, since Dagster's programs would read a settings file again.
        "DATABASE_URL": "",
    }
    return (
        f"This is a demo with a sample, {SAMPLE}, in the database {places.DEMO_DATABASE} of the "
        f"embedded PostgreSQL.{ignored}"
    )


def use_demo_without_file() -> str | None:
    """Use the demo and return a sentence, unless the user has a Bizy file.

    The user has one if it is configured, or if Bizy's own file exists.
    """
    source = SourceFileSettings.read()
    if "path" in source.model_fields_set or source.path.exists():
        return None
    return f"There is no {source.path}, and no other file was named. {use_demo()}"
