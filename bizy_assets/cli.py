"""The commands behind ``make migrate``, ``make ui`` and ``make stop``.

``migrate`` and ``ui`` use a sample database if the user has none, and report that.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import dotenv

from bizy_assets.core.common import files
from bizy_assets.core.errors import BizyError, ConfigurationError
from bizy_assets.core.process import OUT_OF_MEMORY
from bizy_assets.core.server import embedded
from bizy_assets.core.settings import SourceFileSettings, bizy_home

if TYPE_CHECKING:
    import dagster as dg

CHECKOUT = Path(__file__).parent.parent
SAMPLE = CHECKOUT / "bizy_assets" / "samples" / "bizy_cli_mixed.db"
SAMPLE_ZONE = "America/Los_Angeles"


class _InterruptedError(KeyboardInterrupt):
    """The user or the system asked this process to end, by the signal with this number."""


def main() -> int:
    """Run the command named by the first argument, and return the exit status."""
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
    except MemoryError:
        _say(OUT_OF_MEMORY)
        return 1
    except _InterruptedError as interrupt:
        _say("The command was interrupted; start it again.")
        return 128 + int(interrupt.args[0])


def migrate() -> int:
    """Run the job ``migrate`` in this process; its console logger reports the outcome."""
    import dagster as dg

    # Only from here on: an exception may not leave a module half imported.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    _prepare()
    with (
        dg.DagsterInstance.get() as instance,
        dg.execute_job(dg.reconstructable(migrate_job), instance=instance) as result,
    ):
        return 0 if result.success else 1


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise _InterruptedError(number)


def migrate_job() -> "dg.JobDefinition":
    """Return the job ``migrate``; Dagster reconstructs it by this function's name."""
    from bizy_assets.definitions import defs

    return defs.resolve_job_def("migrate")


def ui() -> int:
    """Replace this process by ``dagster dev`` on the same run history."""
    _prepare()
    # Users cannot act on the notice that another command may replace this one.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:Function `dev_command` is superseded")
    dagster = Path(sys.executable).with_name("dagster")
    os.execv(dagster, [str(dagster), "dev"])  # noqa: S606 - installed beside our interpreter


def stop() -> int:
    """Stop the embedded server."""
    cluster = embedded.embedded_cluster_folder(bizy_home())
    stopped = embedded.stop_embedded_server(cluster)
    outcome = "was stopped" if stopped else "was not running"
    _say(f"The embedded PostgreSQL server in {cluster} {outcome}.")
    return 0


def _prepare() -> None:
    """Create Dagster's home, and make the sample the source if the user has none.

    The user has one if it is configured, or if Bizy's own file exists.
    """
    if not os.environ.get("DAGSTER_HOME"):
        os.environ["DAGSTER_HOME"] = str(_create_dagster_home(bizy_home() / "dagster"))
    source = SourceFileSettings.read()
    if "path" in source.model_fields_set or source.path.exists():
        return
    os.environ["SQLITE_DB_PATH"] = str(SAMPLE)
    os.environ.setdefault("BIZY_SOURCE_TIMEZONE", SAMPLE_ZONE)
    os.environ.setdefault("BIZY_BACKUP_DIR", str(bizy_home() / "backups"))
    _say(
        f"There is no {source.path} and SQLITE_DB_PATH is not set, so this is a sample: "
        f"{SAMPLE}, written in {os.environ['BIZY_SOURCE_TIMEZONE']}."
    )


def _create_dagster_home(folder: Path) -> Path:
    """Create a private folder for Dagster's files, with a link to this checkout's settings."""
    link, settings = folder / "dagster.yaml", CHECKOUT / "dagster.yaml"
    try:
        files.make_folder(folder)
        if not link.is_symlink() or link.readlink() != settings:
            link.unlink(missing_ok=True)
            link.symlink_to(settings)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be written ({os.strerror(error.errno or 0)}); set BIZY_HOME to a "
            "writable folder with free space."
        ) from None
    return folder


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
