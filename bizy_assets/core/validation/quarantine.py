"""Keeps a run with bad rows from writing, and shows them to the user.

Every asset that writes asks here first, in whatever way it was started.
"""

# MERGED-DOC: """The rows that a load keeps out, whole, so that nothing of the source is ever lost.
#
# A row goes into JSON as SQLite stores it. What JSON cannot hold, bytes and texts that are no
# text, goes in hexadecimal.
# """
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from pyarrow import csv

from bizy_assets.core.common import and_more, decode, quantity, write_private
from bizy_assets.core.contracts import Column, Contract, Kind
from bizy_assets.core.errors import ValidationError
from bizy_assets.core.settings import OnBadRow
from bizy_assets.core.source import ROWID, SnapshotTable, is_blob, number_list
from bizy_assets.core.validation.rules import ReasonCode
from bizy_assets.core.validation.scan import ValidationResult
from bizy_assets.core.validation.text import undecodable

VALUES_SHOWN = 100
"""How many bad values are shown; the file has them all."""


class GateError(ValidationError):
    """A census keeps a run from writing."""

    def __init__(self, sentence: str, census: ValidationResult) -> None:
        super().__init__(sentence)
        self.census = census


def enforce(census: ValidationResult, policy: OnBadRow, home: Path) -> None:
    """Makes sure that a run may write what the snapshot holds.

    Raises:
        GateError: It holds bad values, and the policy is to fail.
    """
    if policy is OnBadRow.FAIL and census.bad_values:
        raise GateError(violation_summary(census, write_violations_csv(census, home)), census)


def violation_summary(census: ValidationResult, file: Path) -> str:
    """Says what is bad and what to do."""
    found = [
        f"{count:,} {fault} in {table.table}.{column}"
        for table in census.tables.values()
        for (column, fault), count in table.counts.items()
    ]
    kinds = and_more(found[:5], len(found) - 5, "other kinds")
    return (
        f"{census.snapshot.source} holds {quantity(census.bad_values, 'value')} in "
        f"{quantity(census.bad_rows, 'row')} that PostgreSQL cannot take ({kinds}); all are "
        f"listed in {file}: "
        "mend them in Bizy, or set BIZY_ON_BAD_ROW to quarantine to load the other rows."
    )


def write_violations_csv(census: ValidationResult, home: Path) -> Path:
    """Writes all bad values into a file that only this account may read, and returns its path."""
    file = home / "reports" / f"bad_rows_{census.snapshot.sha256[:12]}.csv"
    with write_private(file) as stream:
        csv.write_csv(violation_table(census), stream)
    return file


def violation_table(census: ValidationResult) -> pa.Table:
    """Returns all bad values as text: table, id, rowid, column, rule, meaning, value."""
    return pa.concat_tables([_readable(name, t.findings) for name, t in census.tables.items()])


def _readable(table: str, findings: pa.Table) -> pa.Table:
    meanings = pa.array([reason.meaning for reason in ReasonCode])
    place = pc.index_in(findings["rule"], pa.array(list(ReasonCode)))
    return pa.table(
        {
            "table": pa.repeat(table, findings.num_rows),
            "id": findings["source_id"],
            "rowid": findings["position"],
            "column": findings["column_name"],
            "rule": findings["rule"],
            "meaning": meanings.take(place.combine_chunks()),
            "value": _shown(findings["raw"].combine_chunks()),
        }
    )


def _shown(raw: pa.Array) -> pa.Array:
    """Shows bytes as text where they are, else in hexadecimal."""
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = [None if value is None else decode(value) for value in raw.to_pylist()]
        return pa.array(texts, pa.string())


_POSITION = Column(name="position", kind=Kind.INTEGER)
_ROW = Column(name="row", kind=Kind.TEXT)


def quarantined_rows(census: ValidationResult, contract: Contract) -> pa.Table:
    """Returns a table's bad values, each with its whole row as JSON in the column ``row``."""
    found = census.tables[contract.table]
    if not len(found.bad_rows):
        return found.findings.append_column("row", pa.array([], pa.string()))
    table = SnapshotTable(census.snapshot, contract)
    raw = found.findings["raw"].combine_chunks().view(pa.string())
    suspects = found.findings.filter(pa.array(undecodable(raw)))
    unreadable = {
        column.name: suspects.filter(pc.equal(suspects["column_name"], column.name))[
            "position"
        ].to_numpy()
        for column in contract.source_columns
    }
    row = _row(table, unreadable)
    batches = list(
        table.query((_POSITION, _ROW), (ROWID, row), where=ROWID.in_(number_list(found.bad_rows)))
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
            in_hex = is_blob(value)
            if len(positions := unreadable[column.name]):
                in_hex = sa.or_(in_hex, ROWID.in_(number_list(positions)))
            pairs += [column.name, sa.case((in_hex, sa.func.hex(value)), else_=value)]
    return sa.func.json_object(*pairs)
