"""The figures of a report, which the page and the terminal show alike."""

from datetime import datetime

from bizy_assets.core.common import CheckOutcome, and_more, quantity, row_counts
from bizy_assets.core.report.fleet import FleetReport
from bizy_assets.core.report.model import Cell, Report, Table

ADJUSTED = "adjusted values"
"""The title of the only figure that counts values and not rows."""

_OPTIONAL = {"preserved_deletions", "retained", "adopted"}
"""Counts that are shown only if they are not zero."""


def figures(report: Report) -> Table:
    """Return the counts of every table, and their sums in the last row."""
    names = shown_counts(report)
    adjusted = {load.table: 0 for load in report.loads}
    for found in report.adjustments:
        adjusted[found.table] += found.values
    rows: list[list[Cell]] = [
        [
            load.table,
            *(getattr(load.counts, name) for name in names),
            adjusted[load.table],
            report.history.seconds.get(load.table),
        ]
        for load in report.loads
    ]
    sums = ["all", *map(report.sum, names), report.adjusted_values, report.seconds]
    return Table(
        ["table", *(row_counts.TITLES[name] for name in names), ADJUSTED, "seconds"], [*rows, sums]
    )


def shown_counts(report: Report | FleetReport) -> list[str]:
    """Return the names of the counts that this report shows."""
    return [name for name in row_counts.COUNTS if name not in _OPTIONAL or report.sum(name)]


def command(job: str) -> str:
    """Return the command that runs a job."""
    return f"dagster job execute -m bizy_assets.definitions -j {job}"


def sentence(report: Report) -> str:
    """Summarise what was migrated."""
    snapshot = report.last.snapshot
    took = f" in {report.seconds:.1f} s" if report.seconds is not None else ""
    return (
        f"{quantity(report.rows, 'row')} of {snapshot.source}, as of "
        f"{moment(snapshot.taken_at)} UTC, "
        f"migrated into {report.target}{took}."
    )


def checks_sentence(report: Report) -> str:
    """Count the checks by outcome and name those with a warning or an error."""
    parts = [f"{len(report.with_outcome(CheckOutcome.PASSED)):,} passed"]
    for outcome, verb in ((CheckOutcome.WARNED, "warned"), (CheckOutcome.FAILED, "failed")):
        found = report.with_outcome(outcome)
        names = and_more((f"{one.check} of {one.asset}" for one in found[:3]), len(found) - 3)
        parts.append(f"{len(found):,} {verb}" + (f" ({names})" if names else ""))
    if missing := report.with_outcome(CheckOutcome.NOT_RUN):
        parts.append(f"{len(missing):,} not run since the load")
    return f"{quantity(len(report.history.evaluations), 'check')}: {', '.join(parts)}."


def moved_sentence(report: Report) -> str:
    """Count the rows whose id is not that in Bizy."""
    if not report.moved:
        return "No row has another id than in Bizy."
    rows = quantity(report.moved_rows, "row has another id", "rows have other ids")
    return f"{rows} in PostgreSQL than in Bizy, since rows made in PostgreSQL had taken the ids."


def moment(instant: datetime) -> str:
    """Return an instant to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S}"
