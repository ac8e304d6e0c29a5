"""What a report of a migration tells; every form of it is made from this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bizy_assets.core.state import TableLoad, newest_load

OK = "ok"
WARNED = "WARNING"
FAILED = "FAILED"
NOT_RUN = "not run"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a check found of that which was loaded last.

    Attributes:
        asset: The asset that it is about.
        check: Its name.
        word: One of ``OK``, ``WARNED``, ``FAILED`` and ``NOT_RUN``.
        text: What it found.
        at: When, in UTC.
    """

    asset: str
    check: str
    word: str
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """What the target's own records do not tell.

    Attributes:
        seconds: How long the load of a table took, where that is known.
        zones: The zone that a table's local times were read in and how it was found, likewise.
        evaluations: Of every check.
    """

    seconds: Mapping[str, float]
    zones: Mapping[str, str]
    evaluations: Sequence[Evaluation]


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """Values of one column that one rule changed rather than copied.

    Attributes:
        table, column, rule: Where and which.
        values: How many.
        ids: Of the first rows.
    """

    table: str
    column: str
    rule: str
    values: int
    ids: list[int]


@dataclass(frozen=True, kw_only=True)
class BadValue:
    """A value that kept its row out; ``position`` is SQLite's rowid."""

    table: str
    id: int | None
    position: int
    column: str
    rule: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Who owns the rows.

    Attributes:
        user_id: Its ``users.id``.
        email: None where the user is gone.
        ours: Whether the migration created it.
        password_file: Where its password stands, if that is on this machine.
    """

    user_id: int
    email: str | None
    ours: bool
    password_file: Path | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that a report tells.

    Attributes:
        made_at: When, in UTC.
        file: Where it is kept as a page of its own.
        where: The target, as ``host:port/database``.
        address: What a backend's ``DATABASE_URL`` is; without a password.
        embedded: Whether the target is the embedded server.
        owner: Who owns the rows.
        loads: The last load of every table.
        history: What Dagster knows of them.
        repaired: Values that were changed, by table, column and rule.
        bad_values: The first values that kept their rows out.
        bad_values_in_all: How many such there are.
    """

    made_at: datetime
    file: Path
    where: str
    address: str
    embedded: bool
    owner: Owner
    loads: list[TableLoad]
    history: History
    repaired: list[Repaired]
    bad_values: list[BadValue]
    bad_values_in_all: int

    @property
    def last(self) -> TableLoad:
        """The newest of the loads."""
        return newest_load(self.loads)

    @property
    def rows(self) -> int:
        """How many rows of the snapshot were read."""
        return self.sum("source_rows")

    @property
    def seconds(self) -> float | None:
        """How long all loads took; None where that is not known of every one."""
        known = self.history.seconds
        return sum(known.values()) if known.keys() == {load.table for load in self.loads} else None

    @property
    def repairs(self) -> int:
        """How many values were changed rather than copied."""
        return sum(found.values for found in self.repaired)

    @property
    def bad_rows(self) -> int:
        """How many rows were kept out."""
        return self.sum("quarantined")

    @property
    def drift(self) -> int:
        """How many rows differ from Bizy's, since somebody edited or deleted them."""
        return self.sum("kept") + self.sum("left_deleted") + self.sum("outlived")

    def sum(self, name: str) -> int:
        """Returns the sum over all tables of what ``Counts`` calls so."""
        return sum(getattr(load.counts, name) for load in self.loads)

    def judged(self, word: str) -> list[Evaluation]:
        """Returns the checks with this verdict."""
        return [found for found in self.history.evaluations if found.word == word]
