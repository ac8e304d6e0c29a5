"""Allocation of ids in the target for the rows of a source that have none yet.

All tables are examined when a run starts, before the first of them is loaded. Rows of a source that
moves its ids get ranges behind every id that is used or allocated, with room for rows to come. Rows
of a source that keeps its ids keep them, unless a row that was made in PostgreSQL since the first
load has the id. Sequences are moved behind what is allocated, so that no other session gets these
ids meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from bizy_assets.core.common import IdPolicy, IdSet
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.load.conflicts import require_no_conflicts
from bizy_assets.core.load.reused_ids import find_reused
from bizy_assets.core.postgres import catalog, describe_url, ids_where, locks
from bizy_assets.core.state import Run, Source, SourceIds, id_ranges, ledger, runs, sources
from bizy_assets.core.target import TARGET_TABLES, sequences, state_tables
from bizy_assets.core.transform import IdMap, IdRange, keep_ids, move_ids, stretches


def allocate_ids(
    connection: sa.Connection,
    run: Run,
    valid: Mapping[str, IdSet],
    candidates: Mapping[str, IdSet],
    *,
    adopt: bool,
    lock_wait_seconds: float,
) -> None:
    """Give the valid rows of a snapshot (ids by table) ids in the target.

    ``candidates`` are the new rows, also rejected ones, whose ids earlier rows may have had. The
    transaction holds the allocation lock and should be short. ``adopt`` permits adopting rows
    of the owner without a ledger entry; then a source that has no rows begins with the ranges of
    the owner's newest one, as if that Bizy file had been moved.

    Raises:
        ConflictError: Rows that the migration did not write have the snapshot's ids, or too few
            ids are left.
        TargetError: Another session did not release its lock on a table in time.
    """
    stored = known = id_ranges.read_ranges(connection, run.source.id)
    origin = run.source
    if adopt:
        origin = _origin(connection, run.source)
        known = id_ranges.read_ranges(connection, origin.id)
    reused = {
        table: find_reused(connection, BY_TABLE[table], SourceIds(run.source.id, stored), rows)
        for table, rows in candidates.items()
    }
    allocations = {
        table: _Allocation(
            connection, run, BY_TABLE[table], known[table], origin, reused.get(table, IdSet())
        )
        for table in valid
    }
    new = {table: each.without_id(valid[table]) for table, each in allocations.items()}
    # One after the other, the first would be locked while another session keeps the next one.
    in_use = [a.table for table, a in allocations.items() if a.takes_issued_ids(new[table])]
    sequences.lock_sequences(connection, in_use, lock_wait_seconds=lock_wait_seconds)
    for table, allocation in allocations.items():
        ids = known[table]
        if new[table]:
            with locks.lock_timeout(connection, allocation.table, seconds=lock_wait_seconds):
                ids = allocation.extend(new[table], adopt=adopt)
        if ids != stored[table]:
            id_ranges.write_ranges(connection, run.source.id, table, stored[table], ids)


def _origin(connection: sa.Connection, source: Source) -> Source:
    """Return the source itself if it has rows, otherwise the owner's newest one."""
    ids = id_ranges.read_ids(connection, source.id)
    has_entries = sa.or_(
        *(
            sa.exists(sa.select(entry.c.id).where(ids.has_entry(entry, table)))
            for table, entry in state_tables.LEDGERS.items()
        )
    )
    if connection.scalar(sa.select(has_entries)):
        return source
    return sources.newest_source(connection, user_id=source.user_id) or source


@dataclass(frozen=True)
class _Allocation:
    """The allocation of ids to one table of a source.

    It extends the ranges of the source's ``origin``, another one if its file was moved. ``reused``
    are the rows whose id in the target is that of an earlier row.
    """

    connection: sa.Connection
    run: Run
    contract: Contract
    known: IdMap
    origin: Source
    reused: IdSet

    @property
    def table(self) -> sa.Table:
        return TARGET_TABLES[self.contract.table]

    def without_id(self, valid: IdSet) -> IdSet:
        """Return the rows that have no id yet: no range, or where ids are kept, no ledger entry."""
        if self.run.source.id_policy is not IdPolicy.MOVE:
            return self._without_entry(valid) | self.reused
        return (valid - self.known.covered) | self.reused

    def takes_issued_ids(self, fresh: IdSet) -> bool:
        """Return whether rows that have no id get some that the table's sequence could issue now.

        The first load of rows that keep their ids moves the sequence once it has written them.
        """
        is_moved = self.run.source.id_policy is IdPolicy.MOVE or self._since is not None
        return bool(fresh) and self._exists and (is_moved or bool(self._reserved(fresh)))

    def extend(self, fresh: IdSet, *, adopt: bool) -> IdMap:
        """Return the ranges with those of rows that have no id, of a locked sequence."""
        ids = self._extend(fresh, adopt=adopt)
        return IdMap(ids.ranges, self.known.retired | self.known.targets(self.reused))

    def _extend(self, fresh: IdSet, *, adopt: bool) -> IdMap:
        if self.run.source.id_policy is IdPolicy.MOVE:
            return self._move(self.known, fresh)
        moved = self._occupied(fresh - self.reused, adopt=adopt) | self.reused
        stay = fresh - moved
        if stay and self._since is not None and self._exists:
            # No other session may get these ids before the table is loaded.
            sequences.advance_sequence(self.connection, self.table, past=stay.highest())
        return self._move(keep_ids(self.known, stay), moved)

    def _move(self, known: IdMap, ids: IdSet) -> IdMap:
        if not ids:
            return known
        sequence = sequences.find_sequence(self.connection, self.table) if self._exists else None
        moved, next_free = move_ids(known, ids, self._first_free(known, sequence))
        if next_free > sequences.MAX_ID:
            raise _no_ids_left(self.connection, self.contract, self.run)
        if sequence is not None:
            sequences.move_sequence(self.connection, self.table, sequence, next_free)
        return moved

    def _first_free(self, known: IdMap, sequence: sequences.Sequence | None) -> int:
        """Return the lowest id above all that are used, issued or allocated."""
        c = state_tables.ID_RANGES.c
        highest = sa.select(sa.func.max(c.last_id + c.shift))
        stored = self.connection.scalar(highest.where(c.table_name == self.contract.table)) or 0
        new = max((high for _, high in known.intervals()), default=0)
        if not self._exists:
            return max(stored, new) + 1
        used = sequences.max_id(self.connection, self.table)
        return max(stored + 1, new + 1, used + 1, sequence.next if sequence else 1)

    @cached_property
    def _since(self) -> int | None:
        """The id from which rows are younger than the first load, None before it."""
        return runs.first_next_id(self.connection, self.contract.table, self.origin.id)

    @cached_property
    def _exists(self) -> bool:
        return catalog.has_table(self.connection, self.table)

    def _without_entry(self, valid: IdSet) -> IdSet:
        """Return the valid rows without a ledger entry; none if the last load had the same rows."""
        last = runs.latest_load(self.connection, self.contract.table, self.run.source.id)
        if (
            last is not None
            # A rollback removes it, with the entries.
            and last.fingerprint
            and last.snapshot.sha256 == self.run.snapshot.sha256
            and last.counts.source_rows - last.counts.rejected == len(valid)
            # As many other rows may have been skipped.
            and not last.skipped
        ):
            return IdSet()
        ids = SourceIds(self.origin.id, {self.contract.table: self.known})
        entries = ledger.ledger_states(self.connection, self.contract, ids).entries
        return valid - self.known.sources(entries)

    def _occupied(self, fresh: IdSet, *, adopt: bool) -> IdSet:
        """Return the rows that get another id, since a row made since the first load has theirs."""
        if not self._exists:
            return IdSet()
        since = self._since
        reserved = self._reserved(fresh)
        fresh -= reserved
        targets, c = self.known.targets(fresh), self.table.c
        conditions = {
            "all": sa.true(),
            "foreign": c.user_id != self.run.user_id,
            "younger": sa.false() if since is None else c.id >= since,
        }
        within = IdMap(IdRange(*bounds) for bounds in stretches(targets)).intervals()
        rows = ids_where(self.connection, self.table, conditions, within=within)
        foreign = rows["foreign"] & targets
        moved = IdSet() if since is None else foreign | (rows["younger"] & targets)
        if since is None:
            foreign |= reserved
        require_no_conflicts(
            self.connection,
            self.contract,
            self.run,
            foreign=foreign - moved,
            own=(rows["all"] & targets) - (foreign | moved),
            adopt=adopt,
        )
        return reserved | _with_targets(self.known, fresh, moved)

    def _reserved(self, fresh: IdSet) -> IdSet:
        """Return the rows whose own id is in a range that was moved there."""
        c, source = state_tables.ID_RANGES.c, state_tables.SOURCES.c
        shifted = [(each.first, each.last) for each in self.known.ranges if each.shift]
        own = fresh - IdSet.of_intervals(shifted)
        if not own:
            return IdSet()
        first, last = own.consecutive()
        low, high = c.first_id + c.shift, c.last_id + c.shift
        is_moved = (c.shift != 0) | (source.id_policy == IdPolicy.MOVE)
        ranges = sa.select(low, high).where(
            c.table_name == self.contract.table,
            c.source_id == source.id,
            (source.id != self.run.source.id) | (c.shift != 0),
            is_moved,
            low <= int(last[-1]),
            high >= int(first[0]),
        )
        return own & IdSet.of_intervals(self.connection.execute(ranges))


def _with_targets(known: IdMap, rows: IdSet, targets: IdSet) -> IdSet:
    """Return the rows that become one of some ids.

    A row without a range may have the id that another one gets.
    """
    of_ranges = IdSet.of_intervals(
        (each.first + each.shift, each.last + each.shift) for each in known.ranges
    )
    return (rows & known.sources(targets & of_ranges)) | ((rows - known.covered) & targets)


def _no_ids_left(connection: sa.Connection, contract: Contract, run: Run) -> ConflictError:
    return ConflictError(
        f"Table {contract.table} in {describe_url(connection.engine.url)} has too few ids left for "
        f"the rows of {run.source.path}: its ids end at {sequences.MAX_ID:,}. Nothing was changed. "
        "Use another database for this file."
    )
