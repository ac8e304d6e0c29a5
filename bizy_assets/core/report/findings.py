"""What a reader must know of a migration: problems, warnings and changed values, with examples.

Whatever several checks and records find is listed once, by its most specific record.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from bizy_assets.core.common import CheckOutcome, quantity
from bizy_assets.core.reconcile import COUNT, TIMESTAMPS
from bizy_assets.core.report.model import (
    EXAMPLES_SHOWN,
    Adjustment,
    Code,
    Evaluation,
    Example,
    Rejection,
    Report,
)
from bizy_assets.core.report.rules import ADJUSTMENTS, REJECTIONS
from bizy_assets.core.report.summary import moved_sentence
from bizy_assets.core.target import state_tables
from bizy_assets.core.transform import ORPHAN_PARENT, timestamps
from bizy_assets.core.validation import ReasonCode

_KINDS_SHOWN = 12
"""Number of kinds of rejected values that are shown; a file lists every value."""

_SOURCE, _TARGET = "source value", "target value"
"""The stored columns of the differences that a check found."""

_SHOWN_BY_RECORDS = {"census", "orphans"}
"""The checks of the snapshot whose warnings the rejected and adjusted values show."""

_DIFFERENCES = ("differences", "edited values", "drift")
"""The figures of a check with the number of its differences; the last is of earlier releases."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A sentence, the name of its rule or check, and the first values with the number of others.

    ``color`` is red for a problem, amber for a warning, and blue for a change. ``stored_in`` names
    the table of the target that has all values, if there is one.
    """

    color: str
    text: str
    name: Code | None = None
    examples: Sequence[Example] = field(default_factory=list)
    more: int = 0
    stored_in: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Findings under a heading; some examples may have values of both databases."""

    heading: str
    findings: Sequence[Finding]

    @property
    def compares(self) -> bool:
        """Whether any example has a value in PostgreSQL too."""
        shown = (example for one in self.findings for example in one.examples)
        return any(example.after is not None for example in shown)


def differences(rows: Iterable[Mapping[str, str | int]]) -> list[Example]:
    """Return the differing values in rows of a check's tables, with those of both databases."""
    return [
        Example(
            label=f"id {row['id']}" + (f", {row['column']}" if row["column"] != "id" else ""),
            before=str(row[_SOURCE]),
            after=str(row[_TARGET]),
        )
        for row in rows
        if {_SOURCE, _TARGET} <= row.keys()
    ]


def groups(report: Report) -> list[Group]:
    """Return all findings of a report, the worst first, without empty groups."""
    found = [
        Group(heading="Problems", findings=_problems(report)),
        Group(heading="Warnings", findings=_warnings(report)),
        Group(heading="What was changed", findings=_changes(report)),
    ]
    return [group for group in found if group.findings]


def _problems(report: Report) -> list[Finding]:
    """Return what is wrong: failed checks, then rows that were left out."""
    failed = [_of_check(one, "red") for one in report.with_outcome(CheckOutcome.FAILED)]
    rejections = sorted(report.rejections, key=lambda one: -one.values)
    found = [*failed, *map(_of_rejection, rejections[:_KINDS_SHOWN])]
    if (more := len(rejections) - _KINDS_SHOWN) > 0:
        kinds = quantity(more, "other kind of rejected values", "other kinds of rejected values")
        found.append(Finding(color="red", text=f"{kinds}; the file of all lists them."))
    return found


def _warnings(report: Report) -> list[Finding]:
    """Return what the checks warn of, except for what other findings show in more detail."""
    warned = report.with_outcome(CheckOutcome.WARNED)
    shown = [one for one in warned if not _is_repeated(one, report)]
    found = [_of_check(one, "amber", _uncertain(one, report)) for one in shown]
    orphans = [one for one in report.adjustments if one.rule == ORPHAN_PARENT]
    return [*found, *(_of_adjustment(one, "amber") for one in orphans)]


def _changes(report: Report) -> list[Finding]:
    """Return which values or ids are not those of Bizy, without those that warnings show."""
    warned = report.with_outcome(CheckOutcome.WARNED)
    known = [one for each in warned for one in _uncertain(each, report)]
    adjusted = sorted(report.adjustments, key=lambda one: -one.values)
    found = [
        _of_adjustment(one, "blue")
        for one in adjusted
        if one.rule != ORPHAN_PARENT and one not in known
    ]
    if report.moved:
        first = [(moved.table, pair) for moved in report.moved for pair in moved.ids]
        examples = [
            Example(label=table, before=str(before), after=str(after))
            for table, (before, after) in first[:EXAMPLES_SHOWN]
        ]
        more = report.moved_rows - len(examples)
        found.append(
            Finding(color="blue", text=moved_sentence(report), examples=examples, more=more)
        )
    return found


def _is_repeated(warned: Evaluation, report: Report) -> bool:
    """Return True if a check warns only of what records or the check of the content show."""
    retained = {load.table for load in report.loads if load.counts.retained}
    is_of_count = warned.check == COUNT and warned.table not in retained
    return warned.check in _SHOWN_BY_RECORDS or is_of_count


def _uncertain(warned: Evaluation, report: Report) -> list[Adjustment]:
    """Return the adjusted values that a check warns of."""
    if warned.check != TIMESTAMPS:
        return []
    return [
        one
        for one in report.adjustments
        if one.table == warned.table and one.rule in timestamps.UNCERTAIN
    ]


def _of_check(one: Evaluation, color: str, adjusted: Sequence[Adjustment] = ()) -> Finding:
    rows = itertools.chain.from_iterable(one.tables.values())
    examples = differences(rows)[:EXAMPLES_SHOWN]
    examples += [example for each in adjusted for example in each.examples][:EXAMPLES_SHOWN]
    number = sum(one.figures.get(name, 0) for name in _DIFFERENCES)
    number += sum(each.values for each in adjusted)
    return Finding(
        color=color,
        text=f"{one.table}: {one.findings}" if one.table else one.findings,
        name=Code(f"{one.check} of {one.asset}"),
        examples=examples,
        more=max(0, number - len(examples)) if examples else 0,
    )


def _of_rejection(one: Rejection) -> Finding:
    values = quantity(one.values, "value")
    text = f"{values} of {one.table}.{one.column} rejected: {REJECTIONS.get(one.rule, one.rule)}."
    if one.rule == ReasonCode.SKIPPED:
        rows = quantity(one.values, f"row of {one.table}", f"rows of {one.table}")
        text = f"{rows} excluded by the setting skip_ids."
    return _of_values(one, "red", text, state_tables.REJECTED_ROWS)


def _of_adjustment(one: Adjustment, color: str) -> Finding:
    values = quantity(one.values, "value")
    meaning = ADJUSTMENTS.get(one.rule, "a rule adjusted the value")
    text = f"{values} of {one.table}.{one.column}: {meaning}."
    return _of_values(one, color, text, state_tables.REPAIRS)


def _of_values(one: Adjustment | Rejection, color: str, text: str, table: sa.Table) -> Finding:
    return Finding(
        color=color,
        text=text,
        name=Code(one.rule),
        examples=one.examples,
        more=one.values - len(one.examples),
        stored_in=table.fullname,
    )
