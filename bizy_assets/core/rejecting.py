"""The rows that a load keeps out, whole, so that nothing of the source is ever lost.

A row goes into JSON as SQLite stores it. What JSON cannot hold, bytes and texts that are no
text, goes in hexadecimal.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from bizy_assets.core import faults, texts
from bizy_assets.core.census import Census
from bizy_assets.core.contracts import Column, Contract, Kind
from bizy_assets.core.reading import ROWID, SnapshotTable, among

_POSITION = Column(name="position", kind=Kind.INTEGER)
_ROW = Column(name="row", kind=Kind.TEXT)


def rows(census: Census, contract: Contract) -> pa.Table:
    """Returns a table's bad values, each with its whole row as JSON in the column ``row``."""
    found = census.tables[contract.table]
    if not len(found.bad_rows):
        return found.findings.append_column("row", pa.array([], pa.string()))
    table = SnapshotTable(census.snapshot, contract)
    raw = found.findings["raw"].combine_chunks().view(pa.string())
    suspects = found.findings.filter(pa.array(texts.unreadable(raw)))
    unreadable = {
        column.name: suspects.filter(pc.equal(suspects["column_name"], column.name))[
            "position"
        ].to_numpy()
        for column in contract.source_columns
    }
    row = _row(table, unreadable)
    batches = list(
        table.query((_POSITION, _ROW), (ROWID, row), where=ROWID.in_(among(found.bad_rows)))
    )
    whole = pa.Table.from_batches(batches).sort_by("position")
    place = np.searchsorted(found.bad_rows, found.findings["position"].to_numpy())
    return found.findings.append_column("row", whole["row"].take(pa.array(place)))


def _row(table: SnapshotTable, unreadable: dict[str, Any]) -> sa.ColumnElement[Any]:
    """Makes a whole row JSON in SQL."""
    pairs: list[Any] = []
    for column in table.contract.source_columns:
        if column.name in table.present:
            value = table.expression(column.name)
            in_hex = faults.is_blob(value)
            if len(positions := unreadable[column.name]):
                in_hex = sa.or_(in_hex, ROWID.in_(among(positions)))
            pairs += [column.name, sa.case((in_hex, sa.func.hex(value)), else_=value)]
    return sa.func.json_object(*pairs)
