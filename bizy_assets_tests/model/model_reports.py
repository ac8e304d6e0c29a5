"""What ``model`` says of the jobs that it models: fates, figures and ids."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class Fate(Enum):
    """What becomes of a row when its table is loaded."""

    INSERT = "inserted"
    UPDATE = "updated"
    UNTOUCHED = "unchanged"
    KEEP = "preserved_edits"
    LEAVE_DELETED = "preserved_deletions"
    TAKE_EQUAL = "taken over as it is"
    TAKE_DIFFERENT = "taken over and updated"
    DELETE = "deleted"
    OUTLIVE = "retained"
    FORGET = "forgotten"


@dataclass
class Load:
    """What a table's load reports.

    Attributes:
        rows: How many the Bizy file has.
        bad: Those of them that PostgreSQL cannot store.
        excluded: Those of them that ``skip_ids`` excludes.
        moved: How many were another file's.
        fates: What becomes of each row.
        taken_over: Ids and columns that change as rows are taken over.
        renumbered: New rows, by Bizy's ids, that have other ones in PostgreSQL.
    """

    rows: int
    bad: set[int]
    excluded: set[int]
    moved: int
    fates: dict[int, Fate]
    taken_over: set[tuple[int, str]] = field(default_factory=set)
    renumbered: set[int] = field(default_factory=set)

    def of(self, *fates: Fate) -> set[int]:
        return {number for number, fate in self.fates.items() if fate in fates}

    def counts(self) -> dict[str, int]:
        taken = self.of(Fate.TAKE_EQUAL, Fate.TAKE_DIFFERENT)
        plainly = (Fate.INSERT, Fate.KEEP, Fate.LEAVE_DELETED, Fate.DELETE, Fate.OUTLIVE)
        counts = {
            **{fate.value: len(self.of(fate)) for fate in plainly},
            "source_rows": self.rows,
            "rejected": len(self.bad | self.excluded),
            "updated": len(self.of(Fate.UPDATE, Fate.TAKE_DIFFERENT)),
            "unchanged": len(self.of(Fate.UNTOUCHED, Fate.TAKE_EQUAL)),
            "adopted": len(taken) + self.moved,
        }
        return {name: count for name, count in counts.items() if count}


@dataclass
class Undone:
    """What a rollback reports."""

    deleted: Counter[str] = field(default_factory=Counter)
    restored: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    edited: dict[str, set[int]] = field(default_factory=dict)
    orphaned: dict[str, set[int]] = field(default_factory=dict)
    complete: bool = False


class ConflictError(Exception):
    """Rows that the ledger does not know have ids that rows of Bizy need, by Bizy's ids."""

    def __init__(self, table: str, ids: dict[int, int]) -> None:
        super().__init__(table, ids)
        self.table, self.ids = table, ids
