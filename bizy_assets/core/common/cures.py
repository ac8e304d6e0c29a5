"""How a user does something, in the terms of the UI and of the command line.

The words for the UI are outside parentheses, or begin with ``in the UI's launchpad``, so that a
fleet can replace them by its own. A terminal takes the commands out of a message, to print each on
a line of its own.
"""

import re

from bizy_assets.core.common.user_command import user_command


def job(name: str, *arguments: str) -> str:
    """Name a job of the UI, and the command that does the same."""
    return f"the job {name} (command: {user_command(name, *arguments)})"


def in_launchpad(resource: str, field: str, value: str, command: str = "") -> str:
    """Return how a run is configured in the UI's launchpad and, if it can be, by a command."""
    settings = f"in the UI's launchpad: resources: {{{resource}: {{config: {{{field}: {value}}}}}}}"
    return f"({settings}; command: {command})" if command else f"({settings})"


_WORDS = r"""(?:[^()'"]|'[^']*'|"[^"]*")+"""
"""A command line, in which only what is quoted has parentheses."""

_COMMAND = re.compile(rf"( \(|; )command: (\({_WORDS}\)|{_WORDS})\)")


def without_commands(text: str) -> tuple[str, list[str]]:
    """Return a message without the commands that this module put into it, and these commands."""
    commands = [found[2] for found in _COMMAND.finditer(text)]
    rest = _COMMAND.sub(lambda found: ")" if found[1] == "; " else "", text)
    return rest, list(dict.fromkeys(commands))
