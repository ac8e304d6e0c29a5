"""The commands of ``bizy-assets`` with their options.

Modules that need Dagster are imported where a command runs, since their import takes a second,
which neither help nor completion should take.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from bizy_assets.cli import surroundings
from bizy_assets.cli.help_text import ReportingGroup
from bizy_assets.cli.jobs import JobOptions, run
from bizy_assets.cli.surroundings import load_settings_files
from bizy_assets.core.common import OnBadRow

_STATUSES = """\b
Exit status:
  0  complete, perhaps with warnings
  1  failed
  2  wrong options
  3  done, but rows are left out
  130  interrupted
"""

F = TypeVar("F", bound=Callable[..., Any])


def main() -> None:
    """Run the command of the arguments, and end this process with its exit status."""
    load_settings_files()
    bizy_assets(prog_name="bizy-assets")


@click.group(cls=ReportingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bizy-assets")
def bizy_assets() -> None:
    """Migrate a Bizy SQLite database to PostgreSQL and verify every row and value there.

    The target is DATABASE_URL or, if that is not set, a PostgreSQL server that is included. Its URL
    is not an option, since it may hold a password: set the variable, or write it to the file .env
    in the current folder.
    """


def _file_options(command: F) -> F:
    """Add the options of commands that read a Bizy file."""
    path = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
    command = click.option(
        "--timezone",
        metavar="ZONE",
        help="IANA time zone of the laptop that wrote the file, such as Europe/Berlin.",
    )(command)
    return click.argument("file", required=False, type=path)(command)


def _job_options(command: F) -> F:
    """Add the options of commands that run a job."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Show passed checks and details too."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout."),
        click.option("--strict", is_flag=True, help="Exit with 1 if a check warns."),
    ):
        command = option(command)
    return command


_demo_option = click.option(
    "--demo", is_flag=True, help="Work with the sample in the demo's database."
)


@bizy_assets.command(epilog=_STATUSES)
@_file_options
@click.option(
    "--on-bad-row",
    type=click.Choice([str(policy) for policy in OnBadRow]),
    help="Fail before anything is written, or load the other rows (default: fail).",
)
@_job_options
def migrate(
    file: Path | None, timezone: str | None, on_bad_row: str | None, **options: bool
) -> int:
    """Migrate the Bizy file FILE, verify it and write a report. Can be repeated.

    FILE is SQLITE_DB_PATH or ~/.business-agent/tasks.db if it is not given. If there is no Bizy
    file at all, a sample is migrated into a database of its own.
    """
    config = surroundings.use_file(file, timezone, on_bad_row)
    return run("migrate", config, JobOptions(**options), reads_file=True)


@bizy_assets.command()
@_job_options
def demo(**options: bool) -> int:
    """Migrate a sample into a database apart from your data."""
    return run("migrate", {}, JobOptions(**options, demo=True))


@bizy_assets.command(epilog=_STATUSES)
@_file_options
@_job_options
@_demo_option
def plan(file: Path | None, timezone: str | None, **options: bool) -> int:
    """Show what a migration would do, and change nothing.

    It runs the migration in a transaction and rolls it back. FILE is as for migrate.
    """
    config = surroundings.use_file(file, timezone)
    return run("dry_run", config, JobOptions(**options), reads_file=True)


@bizy_assets.command()
@_job_options
@_demo_option
def verify(**options: bool) -> int:
    """Compare every value in PostgreSQL with the snapshot. Runs all checks."""
    return run("verify", {}, JobOptions(**options))


@bizy_assets.command()
@click.option(
    "--keep-edited",
    is_flag=True,
    help="Leave rows that were edited in PostgreSQL to the backend, and remove all else.",
)
@_job_options
@_demo_option
def rollback(keep_edited: bool, **options: bool) -> int:
    """Undo the migration, but keep rows that were edited since."""
    config = {"ops": {"roll_back": {"config": {"keep_edited": True}}}} if keep_edited else {}
    return run("rollback", config, JobOptions(**options))


@bizy_assets.command()
@click.option(
    "--change-password",
    is_flag=True,
    help="Set the password of an existing role to that of the URL.",
)
@_job_options
def provision(change_password: bool, **options: bool) -> int:
    """Create role, database and privileges of DATABASE_URL. Tests them too.

    BIZY_POSTGRES_ADMIN_URL is the connection URL of a role that may create them.
    """
    config = {"ops": {"prepare": {"config": {"change_password": True}}}} if change_password else {}
    return run("provision", config, JobOptions(**options))


@bizy_assets.command("reset-password")
@_job_options
@_demo_option
def reset_password(**options: bool) -> int:
    """Generate a new password for the owner account. The old one stops working."""
    return run("reset_admin_password", {}, JobOptions(**options))


@bizy_assets.command()
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@_demo_option
def report(opens: bool, demo: bool) -> int:
    """Print the path of the latest report."""
    from bizy_assets.cli.latest_report import show_report

    return show_report(opens=opens, demo=demo)


@bizy_assets.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@_demo_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...], demo: bool) -> None:
    """Open psql on the target, to look at the rows.

    ARGUMENTS are passed to psql, such as -c 'SELECT * FROM tasks'.
    """
    from bizy_assets.cli.psql import run_psql

    run_psql(arguments, demo=demo)


@bizy_assets.command()
@_demo_option
def doctor(demo: bool) -> int:
    """Show what is configured, and whether it works. Changes nothing."""
    from bizy_assets.cli.doctor import examine

    return examine(demo=demo)


@bizy_assets.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=3000, show_default=True,
    envvar="DAGSTER_WEBSERVER_PORT", help="Port on this machine.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
@_demo_option
def ui(port: int, no_browser: bool, demo: bool) -> int:
    """Serve the Dagster UI, and open it in the browser. Ends with Ctrl-C."""
    from bizy_assets.cli.services import serve

    return serve(port, opens=not no_browser, demo=demo)


@bizy_assets.command()
def stop() -> int:
    """Stop the UI and the included PostgreSQL server."""
    from bizy_assets.cli.services import stop_all

    return stop_all()
