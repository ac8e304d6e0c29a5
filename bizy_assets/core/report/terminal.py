"""The summary of a report for a terminal: what happened, how many rows, warnings, what next.

A terminal with colours draws it, and other output gets it as lines of text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bizy_assets.core.common import (
    CheckOutcome,
    is_demo,
    own_file_command,
    quantity,
    user_command,
)
from bizy_assets.core.report.model import Code, Report, Step, Table, Verdict, format_cell
from bizy_assets.core.report.summary import checks_sentence, figures, moved_sentence, origin
from bizy_assets.core.report.verdict import doubt_of, headline, next_steps
from bizy_assets.core.report.warnings import report_warnings

REPORT = "report"
"""What a summary calls the place of the report's page."""

PASSWORD = "password"  # noqa: S105 - it is no password
"""How the name of the place of a password begins."""


@dataclass(frozen=True, kw_only=True)
class TerminalSummary:
    """The parts of a summary; texts quote names and values of others.

    Attributes:
        verdict: The verdict, which decides on the colour.
        headline: The verdict in one sentence.
        origin: Source, time of the snapshot, and target.
        figures: The rows of every table, without columns of zeros; the last row has the sums.
        checks: The number of checks by outcome, if any ran.
        warnings: One sentence for each kind of warning, with the first ids.
        moved: A sentence about rows with other ids than in Bizy, if there are any.
        places: Where something is, by what it is.
        steps: What to do next, and the command or file for it, if any.
        is_plan: Whether it is of a dry run, which writes nothing.
    """

    verdict: Verdict
    headline: str
    origin: str
    figures: Table
    checks: str
    warnings: list[str]
    moved: str | None
    places: dict[str, str]
    steps: list[Step]
    is_plan: bool = False

    @property
    def is_report_of_success(self) -> bool:
        """Whether it is of a migration that was done, with all rows."""
        return not self.is_plan and self.verdict in (Verdict.COMPLETE, Verdict.WARNINGS)

    def lines(self) -> Iterator[str]:
        """Yield the summary as text, in at most about twenty lines."""
        yield self.headline
        yield self.origin
        # The last row has the sums.
        if len(self.figures.rows) > 1:
            yield from _aligned(self.figures)
        if self.checks:
            yield self.checks
        if self.moved:
            yield self.moved
        yield from (f"{name}: {place}" for name, place in self.places.items())
        for text, command in self.steps:
            yield f"{text} {command}" if command else text


def terminal_summary(report: Report) -> TerminalSummary:
    """Summarise a report for a terminal."""
    return TerminalSummary(
        verdict=report.verdict,
        headline=headline(report),
        origin=origin(report),
        figures=figures(report),
        checks=checks_sentence(report.history.evaluations),
        warnings=list(_listed(report)),
        moved=moved_sentence(report) if report.moved else None,
        places=_places(report),
        steps=_steps(report),
    )


def _listed(report: Report) -> Iterator[str]:
    yield from report_warnings(report)
    if not_run := report.with_outcome(CheckOutcome.NOT_RUN):
        yield quantity(
            len(not_run), "check has not run since the load", "checks have not run since the load"
        )


def _places(report: Report) -> dict[str, str]:
    owner, places = report.owner, {}
    if owner.password_file:
        places[f"{PASSWORD} of {owner.email} (user {owner.user_id})"] = str(owner.password_file)
    else:
        places["owner account"] = f"user {owner.user_id}, {owner.email or 'deleted since'}"
    places["for the backend"] = f"DATABASE_URL={report.connection_url}"
    places[REPORT] = str(report.file)
    return places


def _steps(report: Report) -> list[Step]:
    """Return the corrections that this report needs, otherwise how to verify and undo."""
    doubt = doubt_of(report)
    of_zone = doubt.first_step() if doubt else []
    if report.verdict in (Verdict.FAILED, Verdict.LEFT_OUT):
        steps = next_steps(report)[:2]
        known = [command for _, command in steps]
        return [*steps, *(step for step in of_zone if step[1] not in known)]
    again: list[Step] = [("verify again:", Code(user_command("verify"))),
             ("undo:", Code(user_command("rollback")))]  # fmt: skip
    if is_demo():
        again.append(("your own file, from a laptop in ZONE:", Code(own_file_command())))
    return of_zone or again


def _aligned(table: Table) -> Iterator[str]:
    cells = [list(table.header), *([format_cell(cell) for cell in row] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *others in cells:
        numbers = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([f"{first:<{widths[0]}}", *numbers]).rstrip()
