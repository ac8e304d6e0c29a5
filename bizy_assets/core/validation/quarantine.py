"""The two policies for rejected rows: fail before any write, or record them and load the others.

Every asset that writes to the target calls ``enforce`` first, however it was started. A recorded
row is saved in full, so that no data of the source is lost: as JSON with the values that SQLite
stores, and in hexadecimal where JSON cannot hold them (blobs, undecodable text).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from pyarrow import csv

from bizy_assets.core.common import (
    FORMULA,
    NUMBER,
    OnBadRow,
    and_more,
    cures,
    decode,
    files,
    quantity,
    user_command,
)
from bizy_assets.core.contracts import Column, Contract, Kind
from bizy_assets.core.errors import BizyError
from bizy_assets.core.source import SnapshotTable, expressions
from bizy_assets.core.validation.result import ROWID_COLUMN, TableValidation, ValidationResult
from bizy_assets.core.validation.rules import ReasonCode
from bizy_assets.core.validation.text import undecodable

VALUES_SHOWN = 100
"""Number of violations shown to users; the CSV file has all of them."""

_READABLE = pa.schema(
    {
        "table": pa.string(),
        "id": pa.int64(),
        "rowid": pa.int64(),
        "column": pa.string(),
        "rule": pa.string(),
        "meaning": pa.string(),
        "value": pa.string(),
    }
)
"""The columns of a file of rejected values."""
_KINDS_SHOWN = 5
_IDS_SHOWN = 5

_ROW = Column(name="row", kind=Kind.TEXT)


class ValidationError(BizyError):
    """The source holds values that PostgreSQL cannot store, and the policy is to fail."""

    def __init__(self, sentence: str, validation: ValidationResult) -> None:
        super().__init__(sentence)
        self.validation = validation


def enforce(validation: ValidationResult, policy: OnBadRow, home: Path) -> None:
    """Raise if the policy forbids loading a validated snapshot; a file then lists its violations.

    Raises:
        ValidationError: There are violations, and the policy is to fail.
    """
    if policy is OnBadRow.FAIL and validation.violation_count:
        file = write_violations_csv(validation, home)
        raise ValidationError(violation_summary(validation, file, policy), validation)


def violation_summary(validation: ValidationResult, file: Path, policy: OnBadRow) -> str:
    """Summarise the violations: reasons and ids, the file that lists them, and what to do.

    What to do is first if the run fails, since pages and messages may cut what is last.
    """
    kinds = [
        (table, column, rule)
        for table in validation.tables.values()
        for column, rule in table.counts
    ]
    shown = (_describe(*kind) for kind in kinds[:_KINDS_SHOWN])
    reasons = "; ".join([*shown, *_more(len(kinds) - _KINDS_SHOWN)])
    rows = quantity(validation.rejected_row_count, "row")
    found = (
        f"{validation.snapshot.source} holds {quantity(validation.violation_count, 'value')} in "
        f"{rows} that PostgreSQL cannot store: {reasons}. All are listed in {file}."
    )
    if policy is OnBadRow.QUARANTINE:
        return f"{found} {remedy(policy)}"
    command = user_command("migrate", "--on-bad-row", OnBadRow.QUARANTINE.value)
    others = f"The other rows can be loaded without them (command: {command})."
    return f"{remedy(policy)} {found} {others}"


def _describe(table: TableValidation, column: str, rule: str) -> str:
    """Describe the violations of one kind: column, first ids, and the reason in words."""
    rows = table.violations
    of_kind = rows.filter(
        pc.and_(pc.equal(rows["column_name"], column), pc.equal(rows["rule"], rule))
    )
    ids = np.unique(of_kind["row_id"].drop_null().to_numpy())
    count = table.counts[column, rule]
    listed = and_more(ids[:_IDS_SHOWN].tolist(), len(ids) - _IDS_SHOWN)
    rows_of_kind = f"{'id' if len(ids) == 1 else 'ids'} {listed}" if len(ids) else f"{count:,} rows"
    return f"{table.table}.{column} ({rows_of_kind}): {ReasonCode(rule).meaning}"


def _more(kinds: int) -> list[str]:
    return [f"and {quantity(kinds, 'other kind')}"] if kinds > 0 else []


def remedy(policy: OnBadRow) -> str:
    """Return what to do about violations, in a sentence."""
    if policy is OnBadRow.QUARANTINE:
        return (
            f"Fix the values in Bizy, then start {cures.job('migrate')} again; until then their "
            "rows are left out."
        )
    value = OnBadRow.QUARANTINE.value
    return (
        "Fix the values in Bizy, or leave their rows out: set BIZY_ON_BAD_ROW to "
        f"{value} {cures.in_launchpad('source', 'on_bad_row', value)}."
    )


def write_violations_csv(validation: ValidationResult, home: Path) -> Path:
    """Write all violations to a file that only this account can read, and return its path."""
    file = home / "reports" / f"rejected_{validation.snapshot.sha256[:12]}.csv"
    table = violation_table(validation)
    with files.write_private(file) as stream:
        csv.write_csv(_for_spreadsheets(table), stream)
    return file


def write_values_csv(batches: Iterable[pa.RecordBatch], file: Path, *, cut_at: int) -> None:
    """Write values to a file that only this account can read, with the same columns.

    Args:
        batches: The columns of ``VIOLATIONS``, and the table's name.
        file: The file to write.
        cut_at: Number of bytes at which values were cut.
    """
    with files.write_private(file) as stream, csv.CSVWriter(stream, _READABLE) as writer:
        for batch in batches:
            rows = pa.Table.from_batches([batch])
            writer.write(_for_spreadsheets(_readable(rows["table_name"], rows, cut_at)))


def _for_spreadsheets(table: pa.Table) -> pa.Table:
    values = _without_formulas(table["value"])
    return table.set_column(table.num_columns - 1, "value", values)


def _without_formulas(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Prefix an apostrophe to texts that a spreadsheet would run as formulas; keep numbers."""
    formula = pc.and_not(
        pc.match_substring_regex(values, FORMULA), pc.match_substring_regex(values, NUMBER)
    )
    return pc.if_else(formula, pc.binary_join_element_wise("'", values, ""), values)


def violation_table(validation: ValidationResult) -> pa.Table:
    """Return all violations for people: table, id, rowid, column, rule, meaning, value."""
    return pa.concat_tables(
        [
            _readable(pa.repeat(name, table.violations.num_rows), table.violations)
            for name, table in validation.tables.items()
        ]
    )


def _readable(names: pa.Array, violations: pa.Table, cut_at: int = 0) -> pa.Table:
    meanings = pa.array([reason.meaning for reason in ReasonCode])
    index = pc.index_in(violations["rule"], pa.array(list(ReasonCode)))
    columns = {
        "table": names,
        "id": violations["row_id"],
        "rowid": violations["rowid"],
        "column": violations["column_name"],
        "rule": violations["rule"],
        "meaning": meanings.take(index.combine_chunks()),
        "value": _decoded(violations["raw"].combine_chunks(), cut_at),
    }
    return pa.table(columns)


def _decoded(raw: pa.Array, cut_at: int) -> pa.Array:
    """Return UTF-8 as text and any other bytes in hexadecimal."""
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = [
            None if value is None else decode(value, cut=len(value) == cut_at)
            for value in raw.to_pylist()
        ]
        return pa.array(texts, pa.string())


def quarantined_rows(validation: ValidationResult, contract: Contract) -> pa.Table:
    """Return a table's violations, each with its whole row as JSON in the column ``row``."""
    violations = validation.tables[contract.table].violations
    rejected = validation.tables[contract.table].rejected_rowids
    if not len(rejected):
        return violations.append_column("row", pa.array([], pa.string()))
    table = SnapshotTable(validation.snapshot, contract)
    selected = (table.rowid, _row_as_json(table, _undecodable_rowids(violations)))
    where = table.rowid.in_(expressions.number_list(rejected))
    batches = list(table.query((ROWID_COLUMN, _ROW), selected, where))
    rows = pa.Table.from_batches(batches).sort_by("rowid")["row"]
    index = np.searchsorted(rejected, violations["rowid"].to_numpy())
    return violations.append_column("row", rows.take(pa.array(index)))


def _undecodable_rowids(violations: pa.Table) -> dict[str, Any]:
    raw = violations["raw"].combine_chunks().view(pa.string())
    values = violations.filter(pa.array(undecodable(raw)))
    return {
        name: values.filter(pc.equal(values["column_name"], name))["rowid"].to_numpy()
        for name in pc.unique(values["column_name"]).to_pylist()
    }


def _row_as_json(table: SnapshotTable, undecodable_rowids: dict[str, Any]) -> sa.ColumnElement[Any]:
    pairs: list[Any] = []
    for column in table.contract.source_columns:
        if column.name in table.present:
            value = expressions.or_size(table.expression(column.name))
            in_hex = expressions.is_blob(value)
            if column.name in undecodable_rowids:
                listed = expressions.number_list(undecodable_rowids[column.name])
                in_hex = sa.or_(in_hex, table.rowid.in_(listed))
            pairs += [column.name, sa.case((in_hex, sa.func.hex(value)), else_=value)]
    return sa.func.json_object(*pairs)
