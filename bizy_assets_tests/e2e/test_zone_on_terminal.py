"""What a terminal of 80 columns shows of a time zone that nobody chose, or that cannot be right."""

import re

import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of
from bizy_assets_tests.support.terminals import on_terminal

BETTER = "! America/Los_Angeles would fit better than Euro"
ASSUMED = "! No time zone was chosen for local times, so th"
CONFIRM = "--timezone Europe/Berlin"
PROPOSAL = "migrate --timezone America/Los_Angeles"


def shown(*arguments: str, status: int = 0) -> list[str]:
    """Returns the lines that stay after a command, with all of its next steps.

    Their commands name the servers of the tests, so they are longer than a user's.
    """
    with on_terminal("bizy-assets", *arguments) as terminal:
        assert terminal.status() == status, terminal.output
    terminal.keep(f"terminal_zone_{arguments[0]}_{status}")
    lines = terminal.remaining()
    assert len(lines) <= 15, "\n".join(lines)
    return lines


def warnings(lines: list[str]) -> list[str]:
    return [line for line in lines[1:] if line.startswith("! ")]


@pytest.fixture
def _assumed(migration: Migration) -> None:
    migration.setenv(
        BIZY_SOURCE_TIMEZONE="",
        TZ="Europe/Berlin",
        DAGSTER_POSTGRES_URL=history_of(migration.server),
    )


@pytest.mark.usefixtures("_assumed")
def test_an_assumed_zone_is_named_first_and_never_proposed_if_another_fits_better(
    migration: Migration,
) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id IN (7, 20)")
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    for command, status in (("plan", 3), ("migrate", 3), ("verify", 0)):
        lines = shown(command, status=status)
        first, second, *_ = warnings(lines)
        assert first.startswith(BETTER), lines
        assert second.startswith(ASSUMED), lines
        assert [line for line in lines if line.endswith(PROPOSAL)], lines
        assert CONFIRM not in "".join(lines)
        assert re.search(r"\bif .*laptop's time zone", "\n".join(lines), re.IGNORECASE)


def test_a_zone_that_was_chosen_can_be_corrected_too(migration: Migration) -> None:
    migration.setenv(
        BIZY_SOURCE_TIMEZONE="Europe/Berlin", DAGSTER_POSTGRES_URL=history_of(migration.server)
    )
    for command in ("plan", "migrate"):
        lines = shown(command)
        assert warnings(lines)[0].startswith(BETTER), lines
        assert ASSUMED not in "".join(lines)
        assert "If the laptop's time zone was America/Los_Angeles and not Europe/Berlin:" in lines
        assert [line for line in lines if line.endswith(PROPOSAL)], lines
