"""The commands ``ui`` and ``stop``: Dagster's webserver and daemon, and the embedded server."""

import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from contextlib import suppress
from pathlib import Path

import dagster as dg

from bizy_assets.cli import surroundings
from bizy_assets.cli.help_text import say
from bizy_assets.core.common import files, user_command
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.server import embedded
from bizy_assets.core.settings import bizy_home
from bizy_assets.runtime import START_PATH, named_process, this_process

CODE_LOCATION = ("--module-name", "bizy_assets.definitions")

_HOST = "127.0.0.1"


def serve(port: int, *, opens: bool, demo: bool) -> int:
    """Run Dagster's webserver and daemon until one of them ends, or until Ctrl-C.

    Args:
        port: Of the webserver.
        opens: Whether to open the UI in the browser.
        demo: Whether runs work with the demo's database.

    Raises:
        BizyError: The port is in use, or the history cannot be reached.
    """
    if sentence := surroundings.use_demo() if demo else surroundings.use_demo_without_file():
        say(sentence)
    surroundings.prepare_dagster_home()
    if _is_open(port):
        raise ConfigurationError(
            f"Port {port} is in use, perhaps by another UI; close it, or choose another port: "
            f"{user_command('ui', '--port', str(port + 1))}"
        )
    _interrupt_on_termination()
    programs = Path(sys.executable).parent
    webserver = [sys.executable, "-m", "bizy_assets.runtime.webserver", "--port", str(port)]
    commands = (
        [*webserver, "--code-server-log-level", "warning", *CODE_LOCATION],
        [str(programs / "dagster-daemon"), "run", *CODE_LOCATION],
    )
    processes: list[subprocess.Popen[bytes]] = []
    try:
        # Create the history here, else both programs would create the same tables at once.
        dg.DagsterInstance.get().dispose()
        with files.write_private(_process_file()) as stream:
            stream.write(this_process().encode())
        # In process groups of their own, so that Ctrl-C reaches them once, from here.
        processes.extend(subprocess.Popen(each, process_group=0) for each in commands)  # noqa: S603
        _announce(port, processes, opens=opens)
        os.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
        _process_file().unlink(missing_ok=True)
    say("Dagster's webserver or daemon ended; its last messages give the reason.")
    return 1


def _announce(port: int, processes: list[subprocess.Popen[bytes]], *, opens: bool) -> None:
    """Report the address when the webserver answers, and open it where there is a screen."""
    while not _is_open(port):
        # Without reaping a process, for which the caller waits.
        if any(os.waitid(os.P_PID, each.pid, _ENDED) for each in processes):
            return
        time.sleep(0.1)
    address = f"http://{_HOST}:{port}{START_PATH}"
    say(f"The UI is open at {address}; close it with Ctrl-C or: {user_command('stop')}")
    has_screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or _WAYLAND in os.environ
    if opens and has_screen and sys.stderr.isatty():
        webbrowser.open(address)


_ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT
_WAYLAND = "WAYLAND_DISPLAY"


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_HOST, port)) == 0


def _interrupt_on_termination() -> None:
    """Let a closed terminal, and what ends services, have the effect of Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` ignores the end of the terminal. Dagster needs the others.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _process_file() -> Path:
    """Return the file that names the process of the command ``ui``."""
    return bizy_home() / "ui.process"


def stop_all() -> int:
    """Close the UI, then stop the embedded server."""
    name = ""
    with suppress(FileNotFoundError):
        name = _process_file().read_text()
    if (process := named_process(name)) is not None:
        process.terminate()
        process.wait()
        say("The UI was closed.")
    cluster = embedded.embedded_cluster_folder(bizy_home())
    if sys.stderr.isatty():
        say("Stopping the embedded PostgreSQL server ...")
    stopped = embedded.stop_embedded_server(cluster)
    outcome = "was stopped" if stopped else "was not running"
    say(f"The embedded PostgreSQL server in {cluster} {outcome}.")
    return 0
