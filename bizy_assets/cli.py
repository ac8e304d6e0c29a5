"""The commands behind ``make migrate``, ``make ui`` and ``make stop``.

``migrate`` and ``ui`` take a sample database where the user has none, and say so.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import dotenv

from bizy_assets.core.errors import BizyError
from bizy_assets.core.server import embedded_cluster_folder, stop_embedded_server
from bizy_assets.core.settings import bizy_home, environment, source_path

if TYPE_CHECKING:
    import dagster as dg

CHECKOUT = Path(__file__).parent.parent
SAMPLE = CHECKOUT / "bizy_assets" / "samples" / "bizy_cli_mixed.db"
SAMPLE_ZONE = "America/Los_Angeles"


def main() -> int:
    """Runs the command that the first argument names, and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bizy_assets", description=__doc__)
    commands: dict[str, Callable[[], int]] = {"migrate": migrate, "ui": ui, "stop": stop}
    parser.add_argument("command", choices=commands)
    # Dagster's own commands read the same file.
    dotenv.load_dotenv(CHECKOUT / ".env")
    try:
        return commands[parser.parse_args().command]()
    except BizyError as error:
        _say(str(error))
        return 1


def migrate() -> int:
    """Runs the job ``migrate`` in this process; its console logger says how it went."""
    import dagster as dg

    _prepare()
    with (
        dg.DagsterInstance.get() as instance,
        dg.execute_job(dg.reconstructable(migrate_job), instance=instance) as result,
    ):
        return 0 if result.success else 1


def migrate_job() -> "dg.JobDefinition":
    """Returns the job ``migrate``; Dagster finds it again by this function's name."""
    from bizy_assets.definitions import defs

    return defs.resolve_job_def("migrate")


def ui() -> int:
    """Becomes ``dagster dev`` on the same history."""
    _prepare()
    # That another command may replace this one some day is nothing to tell at every start.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:Function `dev_command` is superseded")
    dagster = Path(sys.executable).with_name("dagster")
    os.execv(dagster, [str(dagster), "dev"])  # noqa: S606 - our own interpreter's neighbour


def stop() -> int:
    """Stop the embedded server."""
    cluster = embedded_cluster_folder(bizy_home())
    stopped = stop_embedded_server(cluster)
    _say(f"The embedded PostgreSQL in {cluster} {'is stopped' if stopped else 'was not running'}.")
    return 0


def _prepare() -> None:
    """Names this checkout as Dagster's home, and finds something to migrate."""
    os.environ.setdefault("DAGSTER_HOME", str(CHECKOUT))
    _take_sample_if_alone()


def _take_sample_if_alone() -> None:
    """Sets the sample as the source where none is configured and Bizy's own file is missing."""
    configured = environment("SQLITE_DB_PATH") or environment("BUSINESS_AGENT_DB")
    if configured or source_path().exists():
        return
    missing = source_path()
    os.environ["SQLITE_DB_PATH"] = str(SAMPLE)
    os.environ.setdefault("BIZY_SOURCE_TIMEZONE", SAMPLE_ZONE)
    os.environ.setdefault("BIZY_BACKUP_DIR", str(bizy_home() / "backups"))
    _say(
        f"There is no {missing} and SQLITE_DB_PATH is not set, so this is a sample: {SAMPLE}, "
        f"written in {os.environ['BIZY_SOURCE_TIMEZONE']}."
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
