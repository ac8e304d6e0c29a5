"""The services of a fleet on one machine: broker, workers, daemon and webserver.

Each runs in a session of its own and writes to a log. A file has the name of its process, so that
``stop`` ends exactly these.
"""

import fcntl
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil

from bizy_assets.core.common import files
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.server import broker, embedded
from bizy_assets.core.settings import environment
from bizy_assets.fleet.start_settings import keep_settings, require_settings
from bizy_assets.runtime import named_process, process_name

WORKERS = ("worker1", "worker2")
PROCESSES = (*WORKERS, "daemon", "webserver")
STOP_SECONDS = 120.0
"""How long a worker may take to end its run before it is killed."""

_START_SECONDS = 120.0
_INSTANCE = Path(__file__).with_name("dagster.yaml")


@dataclass(frozen=True)
class Fleet:
    """The services of a ``BIZY_HOME``."""

    home: Path
    definitions: str
    """Module of the asset graph."""

    @property
    def folder(self) -> Path:
        """Folder of process files and logs."""
        return self.home / "fleet"

    def log(self, name: str) -> Path:
        """Return the log of a service."""
        return self.folder / "logs" / f"{name}.log"

    def start(self, port: int) -> list[str]:
        """Start what does not run, wait until the webserver answers, and return what was started.

        Raises:
            BizyError: Services run with other settings, or one does not start; those that were
                started run on.
        """
        with self._locked():
            if any(self.process(name) for name in PROCESSES):
                require_settings(self._settings_file)
            else:
                keep_settings(self._settings_file)
            started = [] if self._is_broker_external else self._start_broker()
            home = files.make_linked_folder(self.folder / "dagster", _INSTANCE)
            variables = {**os.environ, "BIZY_HOME": str(self.home), "DAGSTER_HOME": str(home)}
            commands = self._commands(self._port(port))
            missing = [name for name in commands if self.process(name) is None]
            if missing:
                # Else several services would create the tables of the history at once.
                dg.DagsterInstance.from_config(str(home)).dispose()
            for name in missing:
                self._start(name, commands[name], variables)
            self._wait_until_answering()
        return started + missing

    def stop(self) -> dict[str, str]:
        """Stop what runs, with the servers last, and return how each service ended.

        A worker finishes its run. Runs that wait with the broker are executed after the next start.
        """
        with self._locked():
            ended = self._end()
            if broker.stop_broker(self.home):
                ended["broker"] = "stopped"
            # A single file may use the same server.
            if embedded.stop_unused_server(embedded.embedded_cluster_folder(self.home)):
                ended["PostgreSQL"] = "stopped"
        return ended

    def process(self, name: str) -> psutil.Process | None:
        """Return the running process of a service."""
        with suppress(FileNotFoundError):
            return named_process(self._process_file(name).read_text())
        return None

    def url(self) -> str:
        """Return the address of the UI."""
        return f"http://127.0.0.1:{self._port_file.read_text()}"

    @property
    def _is_broker_external(self) -> bool:
        return environment("BIZY_FLEET_BROKER") is not None

    @property
    def _port_file(self) -> Path:
        return self.folder / "port"

    @property
    def _settings_file(self) -> Path:
        return self.folder / "settings.json"

    def _process_file(self, name: str) -> Path:
        return self.folder / f"{name}.process"

    def _start_broker(self) -> list[str]:
        return ["broker"] if broker.start_broker(self.home) else []

    def _port(self, port: int) -> int:
        """Return the port of the webserver: the one that it has, else the wanted one if free.

        Raises:
            ConfigurationError: Another program uses the port.
        """
        if self.process("webserver") is not None:
            return int(self._port_file.read_text())
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise ConfigurationError(
                    f"Another program uses port {port} of this machine; choose another one for the "
                    f"fleet's UI (make fleet PORT={port + 1})."
                ) from None
            port = int(probe.getsockname()[1])
        self._port_file.write_text(str(port))
        return port

    def _commands(self, port: int) -> dict[str, list[str]]:
        programs = Path(sys.executable).parent
        code = ["--module-name", self.definitions]
        address = ["--host", "127.0.0.1", "--port", str(port)]
        # Not `dagster-celery worker start`: a signal would end only that program.
        celery = [str(programs / "celery"), "--app", "bizy_assets.fleet.worker", "worker"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        return {
            **{
                name: [*celery, "--hostname", f"{name}@%h", "--concurrency", "1",
                       "--queues", "dagster", "--loglevel", "info", *quiet]
                for name in WORKERS
            },
            "daemon": [str(programs / "dagster-daemon"), "run", *code],
            "webserver": [sys.executable, "-m", "bizy_assets.runtime.webserver", *address, *code],
        }  # fmt: skip

    def _start(self, name: str, command: list[str], variables: Mapping[str, str]) -> None:
        log = self.log(name)
        files.make_folder(log.parent)
        descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        with open(descriptor, "wb") as output:  # noqa: PTH123 - by descriptor
            process = subprocess.Popen(  # noqa: S603 - our own programs
                command, env=variables, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._process_file(name).write_text(process_name(psutil.Process(process.pid)))

    def _wait_until_answering(self) -> None:
        address, deadline = ("127.0.0.1", int(self._port_file.read_text())), time.monotonic()
        while True:
            for name in PROCESSES:
                if self.process(name) is None or time.monotonic() > deadline + _START_SECONDS:
                    raise ConfigurationError(
                        f"The fleet's {name} does not start; the end of {self.log(name)} gives the "
                        "reason."
                    )
            with socket.socket() as probe:
                if probe.connect_ex(address) == 0:
                    return
            time.sleep(0.1)

    def _end(self) -> dict[str, str]:
        """End all services but the broker, and return how each ended."""
        running = {name: main for name in PROCESSES if (main := self.process(name)) is not None}
        families = {name: [main, *main.children(recursive=True)] for name, main in running.items()}
        for main in running.values():
            with suppress(psutil.NoSuchProcess):
                main.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(itertools.chain(*families.values()), STOP_SECONDS)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive)
        for name in PROCESSES:
            self._process_file(name).unlink(missing_ok=True)
        self._settings_file.unlink(missing_ok=True)
        killed = f"killed, because it did not end within {STOP_SECONDS:g} seconds"
        return {
            name: "stopped" if set(alive).isdisjoint(family) else killed
            for name, family in families.items()
        }

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time start or stop services."""
        try:
            files.make_folder(self.folder)
            descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise files.unwritable(self.folder, error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
