"""A permanent installation in folders of a test, made by what docs/OPERATIONS.md says to type."""

import os
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bizy_assets_tests.support import units
from bizy_assets_tests.support.commands import run_command
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.processes import started, until
from bizy_assets_tests.support.servers import SUPERUSER, Server

NOT_TYPED = (
    "sudo useradd ",
    "sudo python3 -m venv ",
    "sudo /opt/bizy-assets/.venv/bin/pip install ",
    "sudo systemctl daemon-reload",
)
"""Commands that would change the machine, or install what is installed."""

SYSTEMCTL = re.compile(r"sudo systemctl (enable --now|start|stop) (.+)")


@dataclass
class Installation:
    """Folders that stand for those of the page, and the services that run."""

    folder: Path
    server: Server
    running: dict[str, ExitStack] = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        for name in ("run/bizy-assets", "var/lib", "etc/systemd/system"):
            (self.folder / name).mkdir(parents=True)
        workspace = (units.DEPLOY / "workspace.yaml").read_text()
        (self.folder / "workspace.yaml").write_text(self.here(workspace))

    def here(self, text: str) -> str:
        """Returns what the text says, for these folders, this server and this port."""
        places = {
            "/opt/bizy-assets/deploy/workspace.yaml": f"{self.folder}/workspace.yaml",
            "/opt/bizy-assets": str(CHECKOUT),
            "/run/bizy-assets": f"{self.folder}/run/bizy-assets",
            "/var/lib": f"{self.folder}/var/lib",
            "/etc/": f"{self.folder}/etc/",
            "postgres:password@localhost": f"{SUPERUSER}:{self.server.password}@localhost",
            "localhost:5432": f"127.0.0.1:{self.server.port}",
            "3000": str(self.port),
            "-o bizy -g bizy ": "",
        }
        for told, real in places.items():
            text = text.replace(told, real)
        return text

    def type(self, command: str) -> None:
        """Does what a command of the page does, without ``sudo`` and ``systemctl``."""
        if command.startswith(NOT_TYPED):
            return
        if found := SYSTEMCTL.fullmatch(command):
            for name in found[2].split():
                (self.stop if found[1] == "stop" else self.start)(name)
            return
        # Without a terminal, who asks for a password reads it here.
        done = subprocess.run(
            ["bash", "-euc", self.here(re.sub(r"sudo (-u postgres )?", "", command))],
            cwd=self.folder,
            env={**os.environ, **self._administrator()},
            input="secret\nsecret\n",
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)

    def start(self, name: str) -> None:
        """Starts a service, or runs a job to its end."""
        unit = units.service(name, self.folder / "etc/systemd/system")
        self.ran.add(name)
        command = [self.here(word) for word in unit.command]
        variables = {key: self.here(value) for key, value in unit.variables.items()}
        for file in unit.files:
            variables |= self._settings(file)
        home = self.folder / "var/lib/bizy-assets"
        if unit.settings["Type"] == ["oneshot"]:
            done = run_command(*command, cwd=home, **variables)
            assert done.status == 0, (name, done.error)
            return
        self.running[name] = ExitStack()
        output = self.folder / f"{name}.log"
        self.running[name].enter_context(started(*command, output=output, cwd=home, **variables))
        until(lambda: "webserver" not in name or self._listens())

    def stop(self, name: str) -> None:
        """Ends a service."""
        self.running.pop(name).close()

    def close(self) -> None:
        """Ends all services that still run."""
        for name in list(self.running):
            self.stop(name)

    def setting(self, name: str) -> str:
        """Returns what a setting is for all services."""
        unit = units.service("bizy-assets-code", self.folder / "etc/systemd/system")
        return self.here((self._settings(unit.files[0]) | unit.variables)[name])

    def _settings(self, file: str) -> dict[str, str]:
        path = Path(self.here(file.removeprefix("-")))
        if file.startswith("-") and not path.exists():
            return {}
        assert path.stat().st_mode & 0o777 == 0o600
        return units.assignments(self.here(path.read_text()).splitlines())

    def _administrator(self) -> dict[str, str]:
        """What PostgreSQL's programs need to be its administrator."""
        programs = [str(self.server.binaries), str(Path(sys.executable).parent)]
        return {
            "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.server.port),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": self.server.password,
        }

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
