"""The data of a report, from which every form of it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bizy_assets.core.common import CheckOutcome
from bizy_assets.core.errors import printable
from bizy_assets.core.state import TableLoad, runs

MISSING = "missing in PostgreSQL"
"""The figure of a check with the number of rows that are missing, though they were loaded."""

COMPARED = "cells compared"
"""The figure of a check with the number of values that it compared with the snapshot."""


EXAMPLES_SHOWN = 3
"""Number of values that are read and shown of each finding."""

LONGEST_VALUE = 60
"""Length at which a value is cut, in characters."""


class Verdict(StrEnum):
    """What became of a migration, the worst first, in the words that users read."""

    FAILED = "failed"
    LEFT_OUT = "rows left out"
    WARNINGS = "complete with warnings"
    COMPLETE = "complete"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The last evaluation of a check, at a time in UTC; its findings are the description.

    ``table`` is the one that it is about, if there is one. ``figures`` are the numbers that it
    compared, ``tables`` the first rows of its details, by their stored titles.
    """

    asset: str
    table: str | None = None
    check: str
    outcome: CheckOutcome
    findings: str = ""
    at: datetime | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, str | int]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class History:
    """What only Dagster's event log records of the last loads, by table if known.

    Every check has one evaluation.
    """

    seconds: Mapping[str, float]
    evaluations: Sequence[Evaluation]


@dataclass(frozen=True, kw_only=True)
class Example:
    """A value with a label, such as its row's id: as Bizy has it, and as PostgreSQL has it.

    ``after`` is None if the value is not in PostgreSQL.
    """

    label: str
    before: str
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """Values of one column that one rule adjusted: their number, and the first of them."""

    table: str
    column: str
    rule: str
    values: int
    ids: list[int]
    examples: Sequence[Example] = ()


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Values of one column that were rejected for one reason: their number, and the first."""

    table: str
    column: str
    rule: str
    values: int
    examples: Sequence[Example] = ()


@dataclass(frozen=True, kw_only=True)
class RejectedValue:
    """A value because of which its row was rejected; ``rowid`` is SQLite's."""

    table: str
    id: int | None
    rowid: int
    column: str
    rule: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class MovedRows:
    """Rows of a table whose id in PostgreSQL is not that in Bizy.

    Their number, and the ids of the first, each that in Bizy and that in PostgreSQL.
    """

    table: str
    rows: int
    ids: list[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The owner account of the rows; its email is None if the user was deleted.

    ``created`` is true if the migration created it. The password file is known if it is on this
    machine.
    """

    user_id: int
    email: str | None
    created: bool
    password_file: Path | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """The data of a report on the last load of every table.

    The HTML page is saved as ``file``; the time is in UTC. The target is ``host:port/database``,
    and the connection URL is the backend's ``DATABASE_URL`` without a password. Rejected values are
    counted by kind, and only the first are listed; ``rejected_value_count`` is the number of all,
    which ``rejected_file`` lists. ``skipped_rows`` is the number of rows that the setting
    ``skip_ids`` excludes. If the ids of a source move as a rule, ``moved`` lists none.
    """

    file: Path
    created_at: datetime
    target: str
    connection_url: str
    embedded: bool
    owner: Owner
    loads: list[TableLoad]
    history: History
    adjustments: list[Adjustment]
    rejected_values: list[RejectedValue]
    rejected_value_count: int
    moved: list[MovedRows]
    rejections: Sequence[Rejection] = ()
    skipped_rows: int = 0
    rejected_file: Path | None = None

    @property
    def last(self) -> TableLoad:
        """The newest of the loads."""
        return runs.newest_load(self.loads)

    @property
    def rows(self) -> int:
        """The number of rows read from the snapshot."""
        return self.sum("source_rows")

    @property
    def seconds(self) -> float | None:
        """The duration of all loads; None unless that of each is known."""
        known = self.history.seconds
        return sum(known.values()) if known.keys() == {load.table for load in self.loads} else None

    @property
    def adjusted_values(self) -> int:
        """The number of adjusted values."""
        return sum(found.values for found in self.adjustments)

    @property
    def rows_left_out(self) -> int:
        """The number of rows that were not loaded: rejected by validation or skipped."""
        return self.sum("rejected")

    @property
    def rejected_rows(self) -> int:
        """The number of rows with a value that PostgreSQL cannot store."""
        return self.rows_left_out - self.skipped_rows

    @property
    def missing_rows(self) -> int:
        """The number of rows that were loaded, but that a check has found missing since."""
        return sum(self._missing(load.table) for load in self.loads)

    @property
    def rows_in_target(self) -> int:
        """The number of rows of the snapshot that are in PostgreSQL."""
        return sum(map(self.in_target, self.loads))

    def in_target(self, load: TableLoad) -> int:
        """Return the number of rows of a table of the snapshot that are in PostgreSQL."""
        counts = load.counts
        absent = counts.rejected + counts.preserved_deletions + self._missing(load.table)
        return counts.source_rows - absent

    def _missing(self, table: str) -> int:
        of_table = (one for one in self.history.evaluations if one.table == table)
        return max((one.figures.get(MISSING, 0) for one in of_table), default=0)

    @property
    def values_compared(self) -> int:
        """The number of values that the checks compared with the snapshot."""
        return sum(found.figures.get(COMPARED, 0) for found in self.history.evaluations)

    @property
    def verdict(self) -> Verdict:
        """The verdict; a check that did not run since the load is a warning."""
        if self.with_outcome(CheckOutcome.FAILED):
            return Verdict.FAILED
        if self.rows_left_out:
            return Verdict.LEFT_OUT
        if any(found.outcome is not CheckOutcome.PASSED for found in self.history.evaluations):
            return Verdict.WARNINGS
        return Verdict.COMPLETE

    @property
    def moved_rows(self) -> int:
        """The number of rows whose id is not that in Bizy."""
        return sum(found.rows for found in self.moved)

    def sum(self, name: str) -> int:
        """Return the sum of one of ``RowCounts`` over all tables."""
        return sum(getattr(load.counts, name) for load in self.loads)

    def with_outcome(self, outcome: CheckOutcome) -> list[Evaluation]:
        """Return the evaluations with this outcome."""
        return [found for found in self.history.evaluations if found.outcome is outcome]


class Code(str):
    """Text for machines, such as a path, a digest or a command."""

    __slots__ = ()


Step = tuple[str, Code | None]
"""What to do, and a command to paste or a text to copy, if any."""

Cell = str | int | float | None
"""A value of a table; a float is a duration in seconds."""


@dataclass(frozen=True)
class Table:
    """A table of the page."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def numeric(self) -> set[int]:
        """The positions of the columns with numbers, which are aligned right."""
        return {
            n for row in self.rows for n, cell in enumerate(row) if isinstance(cell, int | float)
        }


def format_cell(cell: Cell) -> str:
    """Return a cell as text."""
    match cell:
        case None:
            return "-"
        case float():
            return f"{cell:.1f} s"
        case int():
            return f"{cell:,}"
        case _:
            return printable(cell)
