"""What migrating, again and again, does to PostgreSQL: a plain model, to be read as the rule.

It knows rows as tuples and the ledger as a dictionary of the rows as they were written; nothing
of SQL, hashes, stages or states. ``test_model`` holds the code to it.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

TABLES = ("goals", "tasks")
ADMIN, OTHER = "admin", "other"


class Bizy(NamedTuple):
    """A row of a Bizy file."""

    title: str
    parent: int | None
    created: datetime | None
    bad: bool
    """Whether PostgreSQL cannot take it."""


class Row(NamedTuple):
    """A row of PostgreSQL."""

    owner: str
    title: str
    parent: int | None
    created: datetime
    updated: datetime
    completed: datetime | None


@dataclass
class Entry:
    """What the ledger knows of a row."""

    source: str
    written: Row


@dataclass
class Load:
    """What a table's load reports."""

    counts: Counter[str] = field(default_factory=Counter)
    kept: set[int] = field(default_factory=set)
    left_deleted: set[int] = field(default_factory=set)
    outlived: set[int] = field(default_factory=set)
    taken_over: set[tuple[int, str]] = field(default_factory=set)


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
    """Rows that the ledger does not know have ids that Bizy uses."""

    def __init__(self, table: str, ids: set[int]) -> None:
        super().__init__(table, ids)
        self.table, self.ids = table, ids


def _tables() -> dict[str, dict]:
    return {table: {} for table in TABLES}


@dataclass
class Model:
    """Bizy's files, PostgreSQL and the ledger.

    Attributes:
        files: Each file's tables, rows by id.
        rows: PostgreSQL's.
        ledger: For each table and id that was written, which file's it is and what was written.
        before: Rows that were taken over, as they were before.
        admin_made: Whether the migration made the admin user.
        logged_in: Whether the admin has logged in.
    """

    files: dict[str, dict[str, dict[int, Bizy]]]
    rows: dict[str, dict[int, Row]] = field(default_factory=_tables)
    ledger: dict[str, dict[int, Entry]] = field(default_factory=_tables)
    before: dict[str, dict[int, Row]] = field(default_factory=_tables)
    admin_made: bool = False
    logged_in: bool = False

    # What Bizy, or others in PostgreSQL, do.

    def delete(self, table: str, number: int, *, ours: bool = False) -> None:
        """Deletes a row of PostgreSQL; a goal's children lose their parent by the foreign key."""
        del self.rows[table][number]
        if table != "goals":
            return
        for children in TABLES:
            for child, row in self.rows[children].items():
                if row.parent == number:
                    orphan = row._replace(parent=None)
                    entry = self.ledger[children].get(child)
                    if ours and entry is not None and entry.written == row:
                        entry.written = orphan  # Our own side effect is no edit.
                    self.rows[children][child] = orphan

    # Migrating.

    def load(
        self, table: str, file: str, now: datetime, *, adopt: bool, skip: dict[str, set[int]]
    ) -> Load:
        """Loads one table; where it raises, nothing counts that it did before."""
        good = self._good(file, table, skip)
        done = Load()
        if adopt:
            # The same owner's rows from another file: that file was moved.
            for number in good.keys() & self.ledger[table].keys():
                if self.ledger[table][number].source != file:
                    self.ledger[table][number].source = file
                    done.counts["adopted"] += 1
        parents = {n for n in self._good(file, "goals", skip) if not self._deleted(file, n)}
        known = {n for n, entry in self.ledger[table].items() if entry.source == file}
        self._refuse(table, good.keys() - known, adopt=adopt)
        done.counts["source_rows"] = len(self.files[file][table])
        done.counts["quarantined"] = len(self.files[file][table]) - len(good)
        for number in known - self.files[file][table].keys():
            self._gone_from_bizy(table, number, done)
        for number, bizy in good.items():
            if bizy.parent not in parents:
                bizy = bizy._replace(parent=None)
            if number in known:
                self._again(table, number, bizy, now, done)
            elif number in self.rows[table]:
                self._take_over(table, number, bizy, now, done)
                self.ledger[table][number] = Entry(file, self.rows[table][number])
            else:
                self._insert(table, number, bizy, now, done)
                self.ledger[table][number] = Entry(file, self.rows[table][number])
        return done

    def _good(self, file: str, table: str, skip: dict[str, set[int]]) -> dict[int, Bizy]:
        rows = self.files[file][table].items()
        return {n: row for n, row in rows if not row.bad and n not in skip[table]}

    def _deleted(self, file: str, goal: int) -> bool:
        """Tells whether somebody deleted a goal that the migration had written."""
        entry = self.ledger["goals"].get(goal)
        return entry is not None and entry.source == file and goal not in self.rows["goals"]

    def _refuse(self, table: str, new: set[int], *, adopt: bool) -> None:
        there = {n: self.rows[table][n] for n in new if n in self.rows[table]}
        others = {n for n, row in there.items() if row.owner != ADMIN}
        if others or (there and not adopt):
            raise ConflictError(table, others or set(there))

    def _gone_from_bizy(self, table: str, number: int, done: Load) -> None:
        there = self.rows[table].get(number)
        if there is None:
            # Forgotten altogether; somebody else deleted it, so no rollback brings it back.
            del self.ledger[table][number]
            self.before[table].pop(number, None)
        elif there == self.ledger[table][number].written:
            self.delete(table, number, ours=True)
            del self.ledger[table][number]
            done.counts["deleted"] += 1
        else:
            done.outlived.add(number)
            done.counts["outlived"] += 1

    def _again(self, table: str, number: int, bizy: Bizy, now: datetime, done: Load) -> None:
        there, entry = self.rows[table].get(number), self.ledger[table][number]
        as_written = there == entry.written
        if there is None:
            done.left_deleted.add(number)
            done.counts["left_deleted"] += 1
        elif says(there, table, bizy) and (as_written or plain(there, table)):
            entry.written = there
            done.counts["unchanged"] += 1
        elif as_written:
            entry.written = self.rows[table][number] = updated(there, table, bizy, now)
            done.counts["updated"] += 1
        else:
            done.kept.add(number)
            done.counts["kept"] += 1

    def _take_over(self, table: str, number: int, bizy: Bizy, now: datetime, done: Load) -> None:
        there = self.rows[table][number]
        if number not in self.ledger[table]:
            self.before[table][number] = there
        done.counts["adopted"] += 1
        if says(there, table, bizy):
            done.counts["unchanged"] += 1
            return
        after = self.rows[table][number] = updated(there, table, bizy, now)
        done.counts["updated"] += 1
        names = ("title", "parent", "created", "updated" if table == "goals" else "completed")
        for name in names:
            if getattr(there, name) != getattr(after, name):
                done.taken_over.add((number, name))

    def _insert(self, table: str, number: int, bizy: Bizy, now: datetime, done: Load) -> None:
        if number in self.ledger[table]:
            # Another file's row, which somebody deleted: no rollback brings it back.
            self.before[table].pop(number, None)
        self.rows[table][number] = updated(Row(ADMIN, "", None, now, now, None), table, bizy, now)
        done.counts["inserted"] += 1

    # Rolling back.

    def roll_back(self, *, keep_edited: bool) -> Undone:
        """Takes out what is as it was written."""
        done = Undone()
        old = {table: dict(self.rows[table]) for table in TABLES}
        untouched = {
            table: {n for n, e in self.ledger[table].items() if old[table].get(n) == e.written}
            for table in TABLES
        }
        for table in reversed(TABLES):
            for number in untouched[table] - self.before[table].keys():
                self.delete(table, number)
                done.deleted[table] += 1
        for table in TABLES:
            back = {
                number: row
                for number, row in self.before[table].items()
                if number in untouched[table]
                # The migration had deleted it, as Bizy no longer had it.
                or (number not in self.ledger[table] and number not in self.rows[table])
            }
            self.rows[table] |= back
            for number, row in back.items():
                if row.parent not in self.rows["goals"]:
                    self.rows[table][number] = row._replace(parent=None)
            done.restored[table] = len(back)
            there = self.ledger[table].keys() & old[table].keys()
            done.edited[table] = set(there - untouched[table])
            done.gone[table] = len(self.ledger[table].keys() - old[table].keys())
            lost = {
                number
                for number, row in self.rows[table].items()
                if number not in back and number in old[table] and row != old[table][number]
            }
            if lost:
                done.orphaned[f"{table}.parent_goal_id"] = lost
            settled = back.keys() | (self.ledger[table].keys() - old[table].keys())
            self.before[table] = {n: r for n, r in self.before[table].items() if n not in settled}
            edited = done.edited[table]
            self.ledger[table] = {n: e for n, e in self.ledger[table].items() if n in edited}
        self._unmake(done, keep_edited=keep_edited)
        return done

    def _unmake(self, done: Undone, *, keep_edited: bool) -> None:
        """Forgets everything once nothing is watched any more."""
        done.complete = keep_edited or not any(done.edited.values())
        if done.complete:
            self.ledger, self.before = _tables(), _tables()


def says(row: Row, table: str, bizy: Bizy) -> bool:
    """Tells whether a row holds what Bizy says, in the columns whose values are Bizy's."""
    return row == updated(row, table, bizy, row.updated)


def plain(row: Row, table: str) -> bool:
    """Tells whether what the migration makes itself is as it makes it."""
    return row.owner == ADMIN and (table == "tasks" or row.completed is None)


def updated(row: Row, table: str, bizy: Bizy, now: datetime) -> Row:
    """Returns a row with Bizy's values; a time that Bizy lacks stays."""
    row = row._replace(title=bizy.title, parent=bizy.parent, created=bizy.created or row.created)
    if table == "goals":
        return row._replace(updated=UPDATED)
    return row._replace(updated=now, completed=None)


UPDATED = datetime(2025, 3, 1, 10, 0)
"""What every goal of Bizy says, and no task of Bizy is completed."""
