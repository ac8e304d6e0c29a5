"""The commands behind ``make migrate``, ``make ui`` and ``make stop``.

``migrate`` and ``ui`` use a sample database if the user has none, and report that.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import dotenv

from bizy_assets.core.common import files
from bizy_assets.core.errors import BizyError, printable
from bizy_assets.core.process import OUT_OF_MEMORY
from bizy_assets.core.server import embedded
from bizy_assets.core.settings import SourceFileSettings, bizy_home
from bizy_assets.terminal import show_start

if TYPE_CHECKING:
    import dagster as dg

CHECKOUT = Path(__file__).parent.parent
SAMPLE = CHECKOUT / "bizy_assets" / "samples" / "bizy_cli_mixed.db"
SAMPLE_ZONE = "America/Los_Angeles"
CODE_LOCATION = ("--module-name", "bizy_assets.definitions")


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
    show_start()
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
    """Run Dagster's webserver and daemon until one of them ends, or until Ctrl-C."""
    import dagster as dg

    _prepare()
    _interrupt_on_termination()
    programs = Path(sys.executable).parent
    webserver = [sys.executable, "-m", "bizy_assets.runtime.webserver"]
    commands = (
        [*webserver, "--code-server-log-level", "warning", *CODE_LOCATION],
        [str(programs / "dagster-daemon"), "run", *CODE_LOCATION],
    )
    processes: list[subprocess.Popen[bytes]] = []
    try:
        # Create the history here, else both programs would create the same tables at once.
        dg.DagsterInstance.get().dispose()
        # In process groups of their own, so that Ctrl-C reaches them once, from here.
        processes.extend(subprocess.Popen(each, process_group=0) for each in commands)  # noqa: S603
        os.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    _say("Dagster's webserver or daemon ended; its last messages give the reason.")
    return 1


def _interrupt_on_termination() -> None:
    """Let a closed terminal, and what ends services, have the effect of Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` ignores the end of the terminal. Dagster needs the others.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


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
        # A private folder for Dagster's files, with a link to this checkout's settings.
        home = files.make_linked_folder(bizy_home() / "dagster", CHECKOUT / "dagster.yaml")
        os.environ["DAGSTER_HOME"] = str(home)
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


def _say(text: str) -> None:
    sys.stderr.write(printable(text) + "\n")
