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
from bizy_assets.core.errors import BizyError
from bizy_assets.core.settings import OnBadRow
from bizy_assets.core.source import ROWID, SnapshotTable, is_blob, number_list
from bizy_assets.core.validation.rules import ReasonCode
from bizy_assets.core.validation.scan import ValidationResult
from bizy_assets.core.validation.text import undecodable

VALUES_SHOWN = 100
"""How many bad values are shown; the file has them all."""


class ValidationError(BizyError):
    """The source holds values that the target cannot, and the policy is to fail.

    Attributes:
        validation: The violations.
    """

    def __init__(self, sentence: str, validation: ValidationResult) -> None:
        super().__init__(sentence)
        self.validation = validation


def enforce(census: ValidationResult, policy: OnBadRow, home: Path) -> None:
    """Makes sure that a run may write what the snapshot holds.

    Raises:
        ValidationError: It holds bad values, and the policy is to fail.
    """
    if policy is OnBadRow.FAIL and census.violation_count:
        raise ValidationError(violation_summary(census, write_violations_csv(census, home)), census)


def violation_summary(census: ValidationResult, file: Path) -> str:
    """Says what is bad and what to do."""
    found = [
        f"{count:,} {fault} in {table.table}.{column}"
        for table in census.tables.values()
        for (column, fault), count in table.counts.items()
    ]
    kinds = and_more(found[:5], len(found) - 5, "other kinds")
    return (
        f"{census.snapshot.source} holds {quantity(census.violation_count, 'value')} in "
        f"{quantity(census.rejected_row_count, 'row')} that PostgreSQL cannot "
        f"store ({kinds}); all are listed in {file}: fix them in "
        "Bizy, or set BIZY_ON_BAD_ROW to quarantine to load the other rows."
    )


def write_violations_csv(census: ValidationResult, home: Path) -> Path:
    """Writes all bad values into a file that only this account may read, and returns its path."""
    file = home / "reports" / f"bad_rows_{census.snapshot.sha256[:12]}.csv"
    with write_private(file) as stream:
        csv.write_csv(violation_table(census), stream)
    return file


def violation_table(census: ValidationResult) -> pa.Table:
    """Returns all bad values as text: table, id, rowid, column, rule, meaning, value."""
    return pa.concat_tables([_readable(name, t.violations) for name, t in census.tables.items()])


def _readable(table: str, violations: pa.Table) -> pa.Table:
    meanings = pa.array([reason.meaning for reason in ReasonCode])
    place = pc.index_in(violations["rule"], pa.array(list(ReasonCode)))
    return pa.table(
        {
            "table": pa.repeat(table, violations.num_rows),
            "id": violations["source_id"],
            "rowid": violations["rowid"],
            "column": violations["column_name"],
            "rule": violations["rule"],
            "meaning": meanings.take(place.combine_chunks()),
            "value": _shown(violations["raw"].combine_chunks()),
        }
    )


def _shown(raw: pa.Array) -> pa.Array:
    """Shows bytes as text where they are, else in hexadecimal."""
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = [None if value is None else decode(value) for value in raw.to_pylist()]
        return pa.array(texts, pa.string())


_ROWID = Column(name="rowid", kind=Kind.INTEGER)
_ROW = Column(name="row", kind=Kind.TEXT)


def quarantined_rows(census: ValidationResult, contract: Contract) -> pa.Table:
    """Returns a table's bad values, each with its whole row as JSON in the column ``row``."""
    found = census.tables[contract.table]
    if not len(found.rejected_rowids):
        return found.violations.append_column("row", pa.array([], pa.string()))
    table = SnapshotTable(census.snapshot, contract)
    raw = found.violations["raw"].combine_chunks().view(pa.string())
    suspects = found.violations.filter(pa.array(undecodable(raw)))
    unreadable = {
        column.name: suspects.filter(pc.equal(suspects["column_name"], column.name))[
            "rowid"
        ].to_numpy()
        for column in contract.source_columns
    }
    row = _row(table, unreadable)
    batches = list(
        table.query(
            (_ROWID, _ROW), (ROWID, row), where=ROWID.in_(number_list(found.rejected_rowids))
        )
    )
    whole = pa.Table.from_batches(batches).sort_by("rowid")
    place = np.searchsorted(found.rejected_rowids, found.violations["rowid"].to_numpy())
    return found.violations.append_column("row", whole["row"].take(pa.array(place)))


def _row(table: SnapshotTable, unreadable: dict[str, Any]) -> sa.ColumnElement[Any]:
    """Makes a whole row JSON in SQL."""
    pairs: list[Any] = []
    for column in table.contract.source_columns:
        if column.name in table.present:
            value = table.expression(column.name)
            in_hex = is_blob(value)
            if len(rowids := unreadable[column.name]):
                in_hex = sa.or_(in_hex, ROWID.in_(number_list(rowids)))
            pairs += [column.name, sa.case((in_hex, sa.func.hex(value)), else_=value)]
    return sa.func.json_object(*pairs)
