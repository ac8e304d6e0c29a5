"""Commands that run a job: prepare the environment, run it, and report how it ended."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from bizy_assets.cli import surroundings
from bizy_assets.cli.help_text import handle_interrupts, say
from bizy_assets.core.common import user_command
from bizy_assets.core.process import uncollected_imports
from bizy_assets.core.settings import SourceSettings

if TYPE_CHECKING:
    from bizy_assets.cli.outcome import Outcome

_NEXT = {
    "verify": ("undo:", "rollback"),
    "rollback": ("migrate again:", "migrate"),
    "provision": ("see what a migration would do:", "plan"),
}
"""What to do after a job. Reports and plans have their own next steps."""

_ON_TARGET = {"verify", "rollback", "reset_admin_password"}
"""Jobs that need no Bizy file, as the target has records of it."""

_FINISH = "finish, and leave the edited rows to the backend:"


@dataclass(frozen=True)
class JobOptions:
    """Options of all commands that run a job."""

    verbose: bool = False
    as_json: bool = False
    strict: bool = False
    demo: bool = False


def run(
    job: str, config: Mapping[str, Any], options: JobOptions, *, reads_file: bool = False
) -> int:
    """Run a job in this process and return the exit status.

    Args:
        job: Its name.
        config: Run configuration.
        options: How to run it.
        reads_file: Whether it reads the Bizy file, which may be missing, so that the sample is
            used.

    Raises:
        BizyError: The settings are invalid, or the history cannot be reached.
    """
    if options.strict:
        # The run fails too, so that the UI shows what the exit status means.
        os.environ["BIZY_STRICT"] = "true"
    if options.verbose:
        os.environ["BIZY_VERBOSE"] = "1"
    if options.demo:
        say(surroundings.use_demo())
    elif reads_file and (sentence := surroundings.use_demo_without_file()):
        say(sentence)
    if reads_file:
        # A wrong setting is known before the server starts.
        SourceSettings.read()
    surroundings.prepare_dagster_home()
    return _run(job, config, options)


def _run(job: str, config: Mapping[str, Any], options: JobOptions) -> int:
    from bizy_assets.terminal import is_live, show_start, step_lines

    # The next imports take a second.
    show_start()
    with uncollected_imports():
        import dagster as dg

        from bizy_assets.cli.outcome import Outcome
        from bizy_assets.cli.running import run_job

    # Only from here on: an exception may not leave a module half imported.
    handle_interrupts()
    if job in _ON_TARGET:
        surroundings.use_loaded_file()
    with dg.DagsterInstance.get() as instance:
        outcome = Outcome.of(run_job(job, config, instance=instance))
        status = outcome.status(strict=options.strict)
        steps = list(_next_steps(job, outcome, config)) if outcome.success else []
        if options.as_json:
            document = outcome.document(status, steps, instance)
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
            return status
    for step in steps:
        for line in step_lines(*step) if is_live() else [" ".join(step)]:
            say(line)
    return status


def _next_steps(
    job: str, outcome: "Outcome", config: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield what to do after a job that has succeeded, apart from what its report lists."""
    if outcome.rows_left:
        yield _FINISH, user_command("rollback", "--keep-edited")
    elif job == "rollback" and config:
        # The ids of the rows that the backend has now are taken.
        return
    elif job in _NEXT:
        yield from outcome.zone_steps
        text, command = _NEXT[job]
        yield text, user_command(command)
