"""Next steps on a terminal, whose commands and paths stay on one line, to be copied."""

import shlex
import textwrap
from pathlib import Path

from bizy_assets.terminal.screen import console


def step_lines(text: str, command: str | None) -> list[str]:
    """Return what to do next, with the command or path for it below, or beside if that is less."""
    lines = textwrap.wrap(text, console().width)
    if command is None:
        return lines
    copied = short_path(command)
    beside, below = f"{text} {copied}", [*lines, f"  {copied}"]
    return [beside] if height(beside) < sum(map(height, below)) else below


def short_path(path: str) -> str:
    """Return a path as short as it can be pasted here."""
    for folder, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        # A quoted tilde would be taken literally.
        if path.startswith(f"{folder}/") and shlex.quote(path) == path:
            return prefix + path.removeprefix(f"{folder}/")
    return path


def height(line: str) -> int:
    """Return how many lines of the screen a line takes."""
    return -(-len(line) // console().width)
