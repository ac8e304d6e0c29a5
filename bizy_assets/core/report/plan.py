"""The summary of a dry run for a terminal: what a migration would do, as nothing was written."""

from collections.abc import Mapping, Sequence

from bizy_assets.core.common import quantity, row_counts, user_command
from bizy_assets.core.report.model import Cell, Code, Evaluation, Step, Table, Verdict
from bizy_assets.core.report.summary import IN_SOURCE, checks_sentence
from bizy_assets.core.report.terminal import TerminalSummary
from bizy_assets.core.report.warnings import warning_list
from bizy_assets.core.report.zone import zone_doubt
from bizy_assets.core.state import TableLoad

TO_ADJUST = "values to adjust"
"""The title of the only figure of a plan that counts values and not rows."""

_WRITES = ("rejected", "inserted", "updated", "deleted")
"""The counts that the headline names, what would not be in PostgreSQL first."""


def plan_summary(
    loads: Sequence[TableLoad],
    adjusted: Mapping[str, int],
    evaluations: Sequence[Evaluation],
    notes: Sequence[str],
    *,
    origin: str,
    fails: bool,
) -> TerminalSummary:
    """Summarise a dry run.

    Args:
        loads: The loads that were rolled back.
        adjusted: The number of adjusted values by table.
        evaluations: The results of the checks.
        notes: Warnings besides those of checks.
        origin: Source and target in a sentence.
        fails: Whether the migration would fail.
    """
    warnings = [*warning_list(evaluations, _sum(loads, "rejected")), *notes]
    return TerminalSummary(
        verdict=_verdict(loads, warnings, fails=fails),
        headline=f"{_headline(loads, warnings, fails=fails)}. Nothing was written.",
        origin=origin,
        figures=_figures(loads, adjusted),
        checks=checks_sentence(evaluations) if evaluations else "",
        warnings=warnings,
        moved=None,
        places={},
        steps=[] if fails else _steps(evaluations),
        is_plan=True,
    )


def _steps(evaluations: Sequence[Evaluation]) -> list[Step]:
    """Return how to migrate; a zone that was only assumed has to be confirmed by that."""
    command = Code(user_command("migrate"))
    if (doubt := zone_doubt(evaluations)) is None:
        return [("migrate:", command)]
    steps = doubt.first_step()
    return steps if doubt.is_assumed else [*steps, ("otherwise migrate:", command)]


def _verdict(loads: Sequence[TableLoad], warnings: Sequence[str], *, fails: bool) -> Verdict:
    if fails:
        return Verdict.FAILED
    if _sum(loads, "rejected"):
        return Verdict.LEFT_OUT
    return Verdict.WARNINGS if warnings else Verdict.COMPLETE


def _headline(loads: Sequence[TableLoad], warnings: Sequence[str], *, fails: bool) -> str:
    if fails:
        return "The migration would fail"
    counts = [(number, name) for name in _WRITES if (number := _sum(loads, name))]
    rows = "No row would change"
    if counts:
        (number, name), *others = counts
        rest = "".join(f", {number:,} {name}" for number, name in others)
        rows = f"{quantity(number, 'row')} would be {name}{rest}"
    return f"{rows}, with {quantity(len(warnings), 'warning')}" if warnings else rows


def _figures(loads: Sequence[TableLoad], adjusted: Mapping[str, int]) -> Table:
    """Return the counts of every table that are not all zero, and their sums in the last row."""
    names = [name for name in row_counts.COUNTS[1:] if _sum(loads, name)]
    header = ["table", IN_SOURCE, *(row_counts.PLANNED_TITLES[name] for name in names)]
    counted = ["source_rows", *names]
    rows: list[list[Cell]] = [
        [load.table, *(getattr(load.counts, name) for name in counted)] for load in loads
    ]
    rows.append(["all", *(_sum(loads, name) for name in counted)])
    if total := sum(adjusted.values()):
        header.append(TO_ADJUST)
        for row, value in zip(
            rows, [*(adjusted[load.table] for load in loads), total], strict=True
        ):
            row.append(value)
    return Table(header, rows)


def _sum(loads: Sequence[TableLoad], name: str) -> int:
    return sum(getattr(load.counts, name) for load in loads)
