"""How commands end, and what ``bizy-assets --help`` lists besides."""

import signal
import sys
from collections.abc import Iterator
from types import FrameType

import click

from bizy_assets.core.errors import BizyError, printable
from bizy_assets.core.process import OUT_OF_MEMORY
from bizy_assets.core.settings import MODELS, names
from bizy_assets.core.variables import OTHER_VARIABLES

_COMPLETION = (
    'Shell completion: add  eval "$(_BIZY_ASSETS_COMPLETE=bash_source bizy-assets)"  to ~/.bashrc '
    "(zsh: zsh_source and ~/.zshrc)."
)


class InterruptedCommandError(KeyboardInterrupt):
    """The user or the system asked this process to end, by the signal with this number."""


def say(text: str) -> None:
    """Write a line to standard error, in place of a live display if there is one."""
    if "bizy_assets.terminal" in sys.modules:
        from bizy_assets.terminal import is_live, screen

        if is_live():
            screen().stop()
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


def handle_interrupts() -> None:
    """Let a signal raise an exception; an import that it ends would leave half a module."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise InterruptedCommandError(number)


class ReportingCommand(click.Command):
    """A command whose function returns the exit status, and whose errors are one sentence."""

    def invoke(self, ctx: click.Context) -> None:
        """Run the command and exit."""
        try:
            status = super().invoke(ctx)
        except BizyError as error:
            say(str(error))
            status = 1
        except MemoryError:
            say(OUT_OF_MEMORY)
            status = 1
        except InterruptedCommandError as interrupt:
            say("The command was interrupted; start it again.")
            status = 128 + int(interrupt.args[0])
        ctx.exit(status)


class ReportingGroup(click.Group):
    """The group of all commands, whose help lists the environment variables."""

    command_class = ReportingCommand

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the variables that configure all commands."""
        with formatter.section("Environment variables, also read from .env"):
            formatter.write_dl(list(_variables()))
        formatter.write_paragraph()
        formatter.write_text(_COMPLETION)


def _variables() -> Iterator[tuple[str, str]]:
    """Yield each variable with its meaning; that of settings is their help in the UI."""
    yield from OTHER_VARIABLES.items()
    for model in MODELS:
        for field in model.model_fields.values():
            _, *variables = names(field)
            if not variables:
                continue
            text = " ".join((field.description or "").split()).replace("`", "")
            default = "" if field.is_required() or not field.default else field.default
            has_default = default and not field.default_factory
            yield variables[0], text + (f" Default: {default}." if has_default else "")
            for other in variables[1:]:
                yield other, f"The same, if {variables[0]} is unset."
