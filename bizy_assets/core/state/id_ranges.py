"""The ids of a source's rows in the target, which are in its ranges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import Intervals, id_between
from bizy_assets.core.target import state_tables
from bizy_assets.core.transform import IdMap, IdRange

_RANGES = state_tables.ID_RANGES

_RETIRED = 2**62
"""Added to a retired id of the target, it is no id of a source, and its range leads to the id."""


@dataclass(frozen=True)
class SourceIds:
    """The ids of the rows of one source, by table.

    A ledger entry belongs to the source whose run wrote it. Its id lies in the source's ranges.
    """

    source_id: int
    by_table: Mapping[str, IdMap] = field(default_factory=dict)

    def of(self, table: str) -> IdMap:
        """Return the mapping of a table's ids."""
        return self.by_table.get(table, IdMap())

    def within(self, table: str) -> Intervals:
        """Return a few intervals with all ids of a table; rows of others may have some of them."""
        return self.of(table).intervals()

    def has_entry(self, entry: sa.Table, table: str) -> sa.ColumnElement[bool]:
        """Return the SQL condition that an entry of a table's ledger belongs to the source."""
        runs = state_tables.RUNS.c
        of_source = sa.select(runs.id).where(runs.source_id == self.source_id)
        return id_between(entry.c.id, self.within(table)) & entry.c.run.in_(of_source)

    def target_id(self, table: str, row_id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Return the SQL expression of the id in the target of a row of the source.

        It is NULL for an id without a range, unless all ids stay the same.
        """
        if self.of(table).is_identity:
            return row_id
        c = _RANGES.c
        shift = sa.select(c.shift).where(
            c.source_id == self.source_id,
            c.table_name == table,
            row_id.between(c.first_id, c.last_id),
        )
        return row_id + shift.scalar_subquery()


def read_ids(connection: sa.Connection, source_id: int) -> SourceIds:
    """Return the ids of a source's rows, as the target stores their ranges."""
    return SourceIds(source_id, read_ranges(connection, source_id))


def read_ranges(connection: sa.Connection, source_id: int) -> dict[str, IdMap]:
    """Return the id ranges of each table of a source."""
    c = _RANGES.c
    ranges: dict[str, list[IdRange]] = {table: [] for table in BY_TABLE}
    retired: dict[str, list[tuple[int, int]]] = {table: [] for table in BY_TABLE}
    rows = sa.select(c.table_name, c.first_id, c.last_id, c.shift).where(c.source_id == source_id)
    for table, first, last, shift in connection.execute(rows):
        if shift == -_RETIRED:
            retired[table].append((first + shift, last + shift))
        else:
            ranges[table].append(IdRange(first, last, shift))
    return {
        table: IdMap(each, IdSet.of_intervals(retired[table])) for table, each in ranges.items()
    }


def write_ranges(
    connection: sa.Connection, source_id: int, table: str, known: IdMap, ids: IdMap
) -> None:
    """Replace the known id ranges of a source's table; those that stay are not written."""
    stored, wanted = set(_stored(known)), set(_stored(ids))
    key = {"source_id": source_id, "table_name": table}
    if obsolete := [each.first for each in stored - wanted]:
        of_table = [_RANGES.c[name] == value for name, value in key.items()]
        connection.execute(sa.delete(_RANGES).where(*of_table, _RANGES.c.first_id.in_(obsolete)))
    if new := sorted(wanted - stored, key=lambda each: each.first):
        rows = [
            {**key, "first_id": each.first, "last_id": each.last, "shift": each.shift}
            for each in new
        ]
        connection.execute(sa.insert(_RANGES), rows)


def _stored(ids: IdMap) -> Iterator[IdRange]:
    """Yield ranges as they are stored, also those of retired ids."""
    yield from ids.ranges
    for first, last in zip(*ids.retired.consecutive(), strict=True):
        yield IdRange(int(first) + _RETIRED, int(last) + _RETIRED, -_RETIRED)
