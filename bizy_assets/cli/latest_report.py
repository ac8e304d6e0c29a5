"""The command ``report``: find the latest report of a target in Dagster's history."""

import webbrowser
from collections.abc import Iterator
from pathlib import Path

import click
import dagster as dg

from bizy_assets.cli import surroundings
from bizy_assets.cli.help_text import say
from bizy_assets.core.common import user_command
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import describe_url
from bizy_assets.metadata import REPORT
from bizy_assets.resources import BizyTarget

_PAGE_SIZE = 50


def show_report(*, opens: bool, demo: bool) -> int:
    """Print the path of the latest report, and open it in the browser.

    Raises:
        BizyError: There is none, or the history cannot be reached.
    """
    if demo:
        surroundings.use_demo()
    surroundings.prepare_dagster_home()
    target = describe_url(BizyTarget().url())
    with dg.DagsterInstance.get() as instance:
        file = next(filter(Path.exists, _report_files(instance, target)), None)
    if file is None:
        raise ConfigurationError(
            f"There is no report of a migration into {target}; migrate first: "
            f"{user_command('migrate')}"
        )
    click.echo(str(file))
    if opens and not webbrowser.open(file.as_uri()):
        say("There is no browser that could open it.")
        return 1
    return 0


def _report_files(instance: dg.DagsterInstance, target: str) -> Iterator[Path]:
    """Yield the files of reports of a target, the latest first."""
    cursor = None
    while True:
        page = instance.fetch_materializations(REPORT, limit=_PAGE_SIZE, cursor=cursor)
        for record in page.records:
            event = record.asset_materialization
            metadata = event.metadata if event is not None else {}
            if "file" in metadata and str(metadata["target"].value) == target:
                yield Path(str(metadata["file"].value))
        if not page.has_more:
            return
        cursor = page.cursor
