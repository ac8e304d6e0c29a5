"""What migrating, again and again, does to PostgreSQL: a plain model, to be read as the rule.

It knows rows as tuples and the ledger as a dictionary of the rows as they were written; nothing
of SQL, hashes, stages or states. ``test_model`` holds the code to it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from bizy_assets_tests.model.model_reports import ConflictError, Fate, Load, Undone

TABLES = ("goals", "tasks")
ADMIN, OTHER = "admin", "other"

UNKNOWN = 1_000_000
"""Ids from here on stand for free ids where PostgreSQL gave none, as in a dry run."""


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


def _tables() -> dict[str, dict]:
    return {table: {} for table in TABLES}


@dataclass
class Known:
    """What PostgreSQL knows of a file.

    Attributes:
        ids: For each table, the ids in PostgreSQL of the file's rows, and of rows to come.
        since: For each table that was loaded, the lowest id of rows made after the first load.
    """

    ids: dict[str, dict[int, int]] = field(default_factory=_tables)
    since: dict[str, int] = field(default_factory=dict)


@dataclass
class Model:
    """Bizy's files, PostgreSQL and the ledger.

    Attributes:
        files: Each file's tables, rows by id.
        known: What PostgreSQL knows of files, the one that was loaded last at the end.
        rows: PostgreSQL's.
        ledger: For each table and id that was written, which file's it is and what was written.
        before: Rows that were taken over, as they were before.
        admin_made: Whether the migration made the admin user.
        logged_in: Whether the admin has logged in.
    """

    files: dict[str, dict[str, dict[int, Bizy]]]
    rows: dict[str, dict[int, Row]] = field(default_factory=_tables)
    ledger: dict[str, dict[int, Entry]] = field(default_factory=_tables)
    known: dict[str, Known] = field(default_factory=dict)
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

    def give_ids(
        self,
        tables: tuple[str, ...],
        file: str,
        given: dict[str, dict[int, int]],
        *,
        adopt: bool,
        skip: dict[str, set[int]],
    ) -> None:
        """Gives all rows ids, before the first table is loaded; which free ones, is given."""
        origin = self._origin(file, adopt=adopt)
        ids = {}
        for table in tables:
            fresh = self._fresh(table, origin, self._good(file, table, skip))
            moved = self._moved(table, origin, fresh, adopt=adopt)
            old = self._known(origin).ids[table] | fresh
            new = {n: given[table].get(n, UNKNOWN + n) for n in moved}
            # Rows to come may have ids too.
            ids[table] = every = given[table] | old | new
            self._require_free(table, {t for n, t in every.items() if t not in (n, old.get(n))})
        self.known[file] = Known(self._known(file).ids | ids, self._known(file).since)

    def _known(self, file: str) -> Known:
        return self.known.get(file, Known())

    def _origin(self, file: str, *, adopt: bool) -> str:
        """Returns the file; with adopt and without rows, the last one, from where it was moved."""
        entries = [entry for ledger in self.ledger.values() for entry in ledger.values()]
        moved = adopt and self.known and not any(entry.source == file for entry in entries)
        return list(self.known)[-1] if moved else file

    def _fresh(self, table: str, origin: str, good: dict[int, Bizy]) -> dict[int, int]:
        """Returns the rows that the ledger does not have, and the ids that they would have."""
        ids = self._known(origin).ids[table]
        known = {number for number, entry in self.ledger[table].items() if entry.source == origin}
        return {n: ids.get(n, n) for n in good if ids.get(n) not in known}

    def _moved(self, table: str, origin: str, fresh: dict[int, int], *, adopt: bool) -> set[int]:
        """Returns the rows that need another id: somebody used theirs since the first load."""
        since, rows = self._known(origin).since.get(table), self.rows[table]
        reserved = self._given(table, moved=True)
        others = {
            n
            for n, t in fresh.items()
            if (t == n and t in reserved) or (t in rows and rows[t].owner != ADMIN)
        }
        own = {n for n, t in fresh.items() if t in rows} - others
        moved = set()
        if since is not None:
            moved = others | {n for n in own if fresh[n] >= since}
        others, own = others - moved, own - moved
        if others or (own and not adopt):
            raise ConflictError(table, {n: fresh[n] for n in others or own})
        return moved

    def _given(self, table: str, *, moved: bool = False) -> set[int]:
        """Returns all ids that rows of any file have or will have, or only those not Bizy's."""
        every = [pair for known in self.known.values() for pair in known.ids[table].items()]
        return {there for here, there in every if not moved or here != there}

    def _require_free(self, table: str, ids: set[int]) -> None:
        assert not ids & self.rows[table].keys()
        assert not ids & self._given(table)

    def load(
        self,
        table: str,
        file: str,
        now: datetime,
        next_id: int,
        *,
        adopt: bool,
        skip: dict[str, set[int]],
    ) -> Load:
        """Loads one table, whose rows have their ids in PostgreSQL from here on."""
        ledger, bizy = self.ledger[table], self.files[file][table]
        ids, goals = self.known[file].ids[table], self.known[file].ids["goals"]
        self.known[file] = self.known.pop(file)
        self.known[file].since.setdefault(table, next_id)
        good = {ids[n]: row for n, row in self._good(file, table, skip).items()}
        before = {number for number, entry in ledger.items() if entry.source == file}
        # With adopt, the same owner's rows from another file are this one's: it was moved.
        moved = {n for n in good.keys() & ledger.keys() if adopt and ledger[n].source != file}
        for number in moved:
            ledger[number].source = file
        known = before | moved
        parents = {n: goals[n] for n in self._good(file, "goals", skip)}
        parents = {n: there for n, there in parents.items() if not self._lost(file, there)}
        wanted = {n: b._replace(parent=parents.get(b.parent)) for n, b in good.items()}
        # What becomes of each row is decided before any is touched.
        gone = known - {ids.get(n) for n in bizy}
        fates = {number: self._fate_of_gone(table, number) for number in gone}
        fates |= {n: self._fate(table, n, b, known=n in known) for n, b in wanted.items()}
        bad = {n for n, row in bizy.items() if row.bad}
        # A bad row stays one, whether or not it is skipped.
        excluded = bizy.keys() & skip[table] - bad
        done = Load(len(bizy), bad, excluded, len(moved), fates)
        for number in gone:
            self._part(table, number, fates[number])
        for number, row in wanted.items():
            self._settle(table, number, row, file, now, done)
        new = {number for number, entry in ledger.items() if entry.source == file} - before
        done.renumbered = {n for n, there in ids.items() if there != n and there in new}
        return done

    def _good(self, file: str, table: str, skip: dict[str, set[int]]) -> dict[int, Bizy]:
        rows = self.files[file][table].items()
        return {n: row for n, row in rows if not row.bad and n not in skip[table]}

    def _lost(self, file: str, goal: int) -> bool:
        """Tells whether somebody deleted or gave away a goal that the migration had written."""
        entry, row = self.ledger["goals"].get(goal), self.rows["goals"].get(goal)
        is_ours = entry is not None and entry.source == file
        return is_ours and (row is None or row.owner != ADMIN)

    def _fate(self, table: str, number: int, bizy: Bizy, *, known: bool) -> Fate:
        there = self.rows[table].get(number)
        if there is None:
            return Fate.LEAVE_DELETED if known else Fate.INSERT
        equal = says(there, table, bizy)
        if not known:
            return Fate.TAKE_EQUAL if equal else Fate.TAKE_DIFFERENT
        as_written = there == self.ledger[table][number].written
        if equal and (as_written or plain(there, table)):
            return Fate.UNTOUCHED
        return Fate.UPDATE if as_written else Fate.KEEP

    def _fate_of_gone(self, table: str, number: int) -> Fate:
        there = self.rows[table].get(number)
        if there is None:
            return Fate.FORGET
        as_written = there == self.ledger[table][number].written
        return Fate.DELETE if as_written else Fate.OUTLIVE

    def _part(self, table: str, number: int, fate: Fate) -> None:
        """Does what is to do about a row that Bizy no longer has."""
        if fate is Fate.DELETE:
            self.delete(table, number, ours=True)
        elif fate is Fate.FORGET:
            # Somebody else deleted it, so no rollback brings it back.
            self.before[table].pop(number, None)
        if fate is not Fate.OUTLIVE:
            del self.ledger[table][number]

    def _settle(
        self, table: str, number: int, bizy: Bizy, file: str, now: datetime, done: Load
    ) -> None:
        """Does what is to do about a row that Bizy has."""
        fate, there = done.fates[number], self.rows[table].get(number)
        if fate in (Fate.KEEP, Fate.LEAVE_DELETED):
            return
        if there is None:
            # Another file's row that somebody deleted is brought back by no rollback.
            if number in self.ledger[table]:
                self.before[table].pop(number, None)
            there = Row(ADMIN, "", None, now, now, None)
        elif fate in (Fate.TAKE_EQUAL, Fate.TAKE_DIFFERENT) and number not in self.ledger[table]:
            self.before[table][number] = there
        after = there
        if fate in (Fate.INSERT, Fate.UPDATE, Fate.TAKE_DIFFERENT):
            after = self.rows[table][number] = updated(there, table, bizy, now)
        if fate is Fate.TAKE_DIFFERENT:
            names = ("title", "parent", "created", "updated" if table == "goals" else "completed")
            changed = {name for name in names if getattr(there, name) != getattr(after, name)}
            done.taken_over |= {(number, name) for name in changed}
        self.ledger[table][number] = Entry(file, after)

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
            back = self._put_back(table, untouched[table])
            entries = self.ledger[table]
            gone = entries.keys() - old[table].keys()
            done.edited[table] = entries.keys() - untouched[table] - gone
            done.restored[table], done.gone[table] = len(back), len(gone)
            lost = {n for n, row in self.rows[table].items() if row != old[table].get(n, row)}
            if lost := lost - back:
                done.orphaned[f"{table}.parent_goal_id"] = lost
            settled = back | gone
            self.before[table] = {n: r for n, r in self.before[table].items() if n not in settled}
            self.ledger[table] = {n: e for n, e in entries.items() if n in done.edited[table]}
        # Everything else goes once nothing is watched any more.
        done.complete = keep_edited or not any(done.edited.values())
        if done.complete:
            self.ledger, self.before, self.known = _tables(), _tables(), {}
        return done

    def _put_back(self, table: str, untouched: set[int]) -> set[int]:
        """Gives rows that were taken over their old values, as far as their parents are there."""
        back = {
            number: row
            for number, row in self.before[table].items()
            if number in untouched
            # The migration had deleted it, as Bizy no longer had it.
            or (number not in self.ledger[table] and number not in self.rows[table])
        }
        self.rows[table] |= back
        for number, row in back.items():
            if row.parent not in self.rows["goals"]:
                self.rows[table][number] = row._replace(parent=None)
        return set(back)


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
