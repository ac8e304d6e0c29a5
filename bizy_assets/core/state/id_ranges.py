"""The id ranges of the sources, as the target stores them."""

import sqlalchemy as sa

from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.target import state_tables
from bizy_assets.core.transform import IdMap, IdRange

_RANGES = state_tables.ID_RANGES


def read_ranges(connection: sa.Connection, source_id: int) -> dict[str, IdMap]:
    """Return the id ranges of each table of a source."""
    c = _RANGES.c
    ranges: dict[str, list[IdRange]] = {table: [] for table in BY_TABLE}
    rows = sa.select(c.table_name, c.first_id, c.last_id, c.shift).where(c.source_id == source_id)
    for table, first, last, shift in connection.execute(rows):
        ranges[table].append(IdRange(first, last, shift))
    return {table: IdMap(each) for table, each in ranges.items()}


def write_ranges(connection: sa.Connection, source_id: int, table: str, ids: IdMap) -> None:
    """Replace the id ranges of a source's table; ranges that stay the same are not written."""
    stored = set(read_ranges(connection, source_id)[table].ranges)
    wanted = set(ids.ranges)
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
