"""The systemd units of the project, read as systemd would, as far as they use its language."""

import shlex
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bizy_assets_tests.support.environment import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
COMMON = "bizy-assets-.service.d/common.conf"
PROGRAMS = "/opt/bizy-assets/.venv/bin/"


@dataclass
class Service:
    """What a unit says of its process."""

    settings: dict[str, list[str]]
    instance: str

    @property
    def command(self) -> list[str]:
        """The program's name, and what it is told."""
        [line] = self.settings["ExecStart"]
        program, *arguments = shlex.split(line.replace("%i", self.instance))
        assert program.startswith(PROGRAMS)
        return [program.removeprefix(PROGRAMS), *arguments]

    @property
    def variables(self) -> dict[str, str]:
        """What is set for it in the unit itself."""
        return assignments(self.settings["Environment"])

    @property
    def files(self) -> list[str]:
        """The files with its other settings; one that may be missing begins with a hyphen."""
        return self.settings["EnvironmentFile"]


def service(name: str, folder: Path = DEPLOY / "systemd") -> Service:
    """Reads a unit, with what it shares with the others.

    Args:
        name: As for ``systemctl``, such as ``bizy-assets-job@verify``.
        folder: Where the units are.
    """
    template, at, instance = name.removesuffix(".service").partition("@")
    settings: dict[str, list[str]] = defaultdict(list)
    for file in (folder / f"{template}{at}.service", folder / COMMON):
        section = file.read_text().partition("\n[Service]\n")[2].partition("\n[")[0]
        for line in section.splitlines():
            if line and not line.startswith("#"):
                key, _, value = line.partition("=")
                settings[key].append(value)
    return Service(settings, instance)


def assignments(lines: list[str]) -> dict[str, str]:
    """Returns variables from lines like ``NAME=value``; others are comments."""
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}
