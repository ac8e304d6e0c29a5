"""The figures of a report, which the page and the terminal show alike."""

from collections.abc import Sequence
from datetime import datetime

from bizy_assets.core.common import CheckOutcome, and_more, quantity, row_counts
from bizy_assets.core.report.fleet import FleetReport
from bizy_assets.core.report.model import Cell, Evaluation, Report, Table
from bizy_assets.core.report.warnings import warning_list

ADJUSTED = "adjusted values"
"""The title of the only figure that counts values and not rows."""

IN_SOURCE = "in Bizy"
"""The title of the numbers of rows in the snapshot."""

IN_TARGET = "in PostgreSQL"
"""The title of the numbers of the snapshot's rows that are in PostgreSQL."""


def figures(report: Report) -> Table:
    """Return the counts of every table that are not all zero, and their sums in the last row."""
    names = [name for name in shown_counts(report) if name != "source_rows"]
    adjusted = {load.table: 0 for load in report.loads}
    for found in report.adjustments:
        adjusted[found.table] += found.values
    header = ["table", IN_SOURCE, IN_TARGET, *(row_counts.TITLES[name] for name in names)]
    rows: list[list[Cell]] = [
        [
            load.table,
            load.counts.source_rows,
            report.in_target(load),
            *(getattr(load.counts, name) for name in names),
        ]
        for load in report.loads
    ]
    rows.append(["all", report.rows, report.rows_in_target, *map(report.sum, names)])
    if report.adjusted_values:
        header.append(ADJUSTED)
        for row, value in zip(rows, [*adjusted.values(), report.adjusted_values], strict=True):
            row.append(value)
    if seconds := report.history.seconds:
        header.append("seconds")
        known = [*(seconds.get(load.table) for load in report.loads), report.seconds]
        for row, duration in zip(rows, known, strict=True):
            row.append(duration)
    return Table(header, rows)


def shown_counts(report: Report | FleetReport) -> list[str]:
    """Return the names of the counts that this report shows: those that are not all zero."""
    return [name for name in row_counts.COUNTS if name == "source_rows" or report.sum(name)]


def origin(report: Report) -> str:
    """Name source, time of the snapshot and target."""
    snapshot = report.last.snapshot
    taken_at = moment(snapshot.taken_at)
    return f"From {snapshot.source}, as of {taken_at} UTC, into {report.target}."


def checks_sentence(evaluations: Sequence[Evaluation]) -> str:
    """Count the checks by outcome and name those with a warning or an error.

    The warnings are counted where they are more, as one check may find several things.
    """
    by_outcome: dict[CheckOutcome, list[Evaluation]] = {outcome: [] for outcome in CheckOutcome}
    for one in evaluations:
        by_outcome[one.outcome].append(one)
    warned = by_outcome[CheckOutcome.WARNED]
    warnings = len(warning_list(warned, rejected_rows=0))
    gave = "warned" if warnings == len(warned) else f"gave {quantity(warnings, 'warning')}"
    parts = [f"{len(by_outcome[CheckOutcome.PASSED]):,} passed"]
    for outcome, verb in ((CheckOutcome.WARNED, gave), (CheckOutcome.FAILED, "failed")):
        names = [f"{one.check} of {one.asset}" for one in by_outcome[outcome]]
        listed = and_more(names[:3], len(names) - 3)
        parts.append(f"{len(names):,} {verb}" + (f" ({listed})" if names else ""))
    if missing := by_outcome[CheckOutcome.NOT_RUN]:
        parts.append(f"{len(missing):,} not run since the load")
    return f"{quantity(len(evaluations), 'check')}: {', '.join(parts)}."


def moved_sentence(report: Report) -> str:
    """Count the rows whose id is not that in Bizy."""
    if not report.moved:
        return "No row has another id than in Bizy."
    rows = quantity(report.moved_rows, "row has another id", "rows have other ids")
    return (
        f"{rows} in PostgreSQL than in Bizy, since the ids of Bizy belong to rows that were made, "
        "edited or deleted there."
    )


def moment(instant: datetime) -> str:
    """Return an instant to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S}"
