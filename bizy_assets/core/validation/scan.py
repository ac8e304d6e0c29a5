"""The scan that finds every value of a snapshot that PostgreSQL cannot store, before any write.

Each table is read once, in columns. SQLite checks storage classes, ranges and the grammar of JSON
while Arrow checks the content of texts. Single values are fetched only for columns in which
SQLite detected a violation. Rows with a value that is too large to be read are found first, by the
value's size alone, and not scanned further. Memory grows with the number of violations, not of
rows, except for a unique timestamp column, which needs 16 bytes a row.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray

from bizy_assets.core.common import Progress, log_elapsed
from bizy_assets.core.contracts import CONTRACTS, Column, Contract, Kind
from bizy_assets.core.source import Snapshot, SnapshotTable, expressions
from bizy_assets.core.transform import timestamps
from bizy_assets.core.validation.json_grammar import json_violation
from bizy_assets.core.validation.result import (
    BY_ROW,
    ROWID_COLUMN,
    VIOLATIONS,
    TableValidation,
    ValidationResult,
)
from bizy_assets.core.validation.rules import ReasonCode, violation_conditions
from bizy_assets.core.validation.text import text_violations

_TEXTS = (Kind.TEXT, Kind.JSON, Kind.TIMESTAMP)
_RAW = Column(name="raw", kind=Kind.TEXT)
_WITHOUT_ID = pa.schema([field for field in VIOLATIONS if field.name != "row_id"])

_LONGEST_NUMBER = 32
"""More characters than the text of any number has."""

_RowIds = NDArray[np.int64]


@lru_cache(maxsize=4)
def validate(snapshot: Snapshot) -> ValidationResult:
    """Return the violations of a snapshot; cached, since a scan reads the whole file.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    return scan(snapshot)


def scan(snapshot: Snapshot, contracts: Sequence[Contract] = CONTRACTS) -> ValidationResult:
    """Find every violation in a snapshot.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    tables = {
        contract.table: _scan_table(SnapshotTable(snapshot, contract)) for contract in contracts
    }
    return ValidationResult(snapshot, tables)


def _scan_table(table: SnapshotTable) -> TableValidation:
    if not table.has_rows:
        return TableValidation(table.contract.table, 0, VIOLATIONS.empty_table())
    (rows,) = map(int, _sums(table, [sa.func.total(sa.true())]))
    if large := _large_values(table):
        rowids = np.concatenate([piece["rowid"].to_numpy() for piece in large])
        table = SnapshotTable(table.snapshot, table.contract, without=rowids)
    with ThreadPoolExecutor(1) as pool:
        # SQLite and Arrow both release Python's global lock for nearly all of their time.
        in_sqlite = pool.submit(lambda: (_storage_violations(table), list(_duplicates(table))))
        progress = Progress(f"{table.contract.table} examined", rows)
        in_texts = list(_content_violations(table, progress))
        with log_elapsed(f"{table.contract.table} examined by SQLite"):
            storage, duplicates = in_sqlite.result()
    pieces = [*storage, *_exclude_rejected(in_texts, storage)]
    pieces += _exclude_rejected(duplicates, pieces)
    all_rows = SnapshotTable(table.snapshot, table.contract)
    violations = _with_ids(all_rows, pa.concat_tables([_WITHOUT_ID.empty_table(), *large, *pieces]))
    return TableValidation(table.contract.table, rows, violations.sort_by(BY_ROW))


def _large_values(table: SnapshotTable) -> list[pa.Table]:
    if table.snapshot.path.stat().st_size <= expressions.MAX_VALUE_BYTES:
        return []
    return _violations_of(
        table,
        [
            (column, ReasonCode.TOO_LARGE, expressions.is_too_large(table.expression(column.name)))
            for column in table.contract.source_columns
        ],
    )


def _storage_violations(table: SnapshotTable) -> list[pa.Table]:
    return _violations_of(
        table,
        [
            (column, reason, condition)
            for column in table.contract.source_columns
            for reason, condition in violation_conditions(
                column, table.expression(column.name)
            ).items()
        ],
    )


def _violations_of(
    table: SnapshotTable, conditions: Sequence[tuple[Column, ReasonCode, sa.ColumnElement[bool]]]
) -> list[pa.Table]:
    """Return the violations with the reasons whose conditions the columns' values meet."""
    # One answer for the whole table is twice as cheap as one for each condition.
    any_condition = sa.or_(*(condition for *_, condition in conditions))
    (violating_rows,) = _sums(table, [sa.func.total(sa.true())], any_condition)
    pieces: list[pa.Table] = []
    if violating_rows:
        counts = _sums(table, [sa.func.total(condition) for *_, condition in conditions])
        for (column, reason, condition), count in zip(conditions, counts, strict=True):
            if count:
                pieces += _matching_values(table, column, reason, condition)
    return pieces


def _sums(
    table: SnapshotTable,
    sums: Sequence[sa.ColumnElement[float]],
    where: sa.ColumnElement[bool] | None = None,
) -> list[float]:
    """Return sums over the rows of a table; zeros if the snapshot has no such table."""
    names = [Column(name=str(number), kind=Kind.FLOAT) for number in range(len(sums))]
    batches = [batch.to_pylist() for batch in table.query(names, sums, where)]
    return list(batches[0][0].values()) if batches else [0.0] * len(sums)


def _matching_values(
    table: SnapshotTable, column: Column, reason: ReasonCode, condition: sa.ColumnElement[bool]
) -> Iterator[pa.Table]:
    """Fetch the values of a column that meet a condition, as violations."""
    value = expressions.as_text(expressions.or_size(table.expression(column.name)))
    for batch in table.query((ROWID_COLUMN, _RAW), (table.rowid, value), condition):
        rowids, raw = batch.column(0), batch.column(1).view(pa.binary())
        if reason is ReasonCode.NOT_JSON:
            yield from _json_violations(rowids, raw, column)
        else:
            yield _piece(rowids, column, reason, raw)


def _json_violations(rowids: pa.Array, raw: pa.Array, column: Column) -> Iterator[pa.Table]:
    """Check the few texts that SQLite does not accept as JSON one by one."""
    reasons = np.array([json_violation(value.as_py()) for value in raw], dtype=object)
    for reason in (ReasonCode.NOT_JSON, ReasonCode.JSON_NOT_FINITE, ReasonCode.JSON_TOO_DEEP):
        if (where := reasons == reason).any():
            yield _piece(rowids.filter(where), column, reason, raw.filter(where))


def _content_violations(table: SnapshotTable, progress: Progress) -> Iterator[pa.Table]:
    columns = [column for column in table.contract.source_columns if column.kind in _TEXTS]
    selected = [_text_expression(column, table.expression(column.name)) for column in columns]
    for batch in table.query((ROWID_COLUMN, *columns), (table.rowid, *selected)):
        for column in columns:
            # The driver returns a column as binary if its first batch has a blob.
            texts = batch.column(column.name).view(pa.string())
            for reason, mask in text_violations(texts, column):
                where = pa.array(mask)
                raw = texts.view(pa.binary()).filter(where)
                yield _piece(batch.column(0).filter(where), column, reason, raw)
        progress.add(batch.num_rows)


def _text_expression(column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return SQL for a text; the driver formats numbers whose text cannot violate a rule."""
    exact = column.limit is not None and column.limit < _LONGEST_NUMBER
    return expressions.as_text(value) if exact else value


def _duplicates(table: SnapshotTable) -> Iterator[pa.Table]:
    """Find repeated values of unique columns; every row with such a value is rejected."""
    for column in table.contract.source_columns:
        is_id = column.name == "id"
        if is_id or column.unique:
            reason = ReasonCode.DUPLICATE_ID if is_id else ReasonCode.REPEATED
            is_time = column.kind is Kind.TIMESTAMP
            condition = (_is_repeated_time if is_time else _is_repeated)(table, column)
            yield from _matching_values(table, column, reason, condition)


def _is_repeated(table: SnapshotTable, column: Column) -> sa.ColumnElement[bool]:
    """Return SQL for: another row has the same value of the right storage class."""
    value = table.expression(column.name)
    if column.kind is Kind.TEXT:
        # The column may be declared to ignore case; PostgreSQL does not.
        value = sa.collate(value, "BINARY")
    valid = (
        expressions.is_integer(value)
        if column.kind is Kind.INTEGER
        else ~expressions.is_blob(value)
    )
    rows = sa.select(value).select_from(sa.table(table.contract.table)).where(valid)
    repeated = rows.group_by(value).having(sa.func.count() > 1).correlate(None)
    return sa.and_(valid, value.in_(repeated))


def _is_repeated_time(table: SnapshotTable, column: Column) -> sa.ColumnElement[bool]:
    """Return SQL for: another row has an equal time, in whatever format it is written."""
    value = expressions.as_text(table.expression(column.name))
    rowids, times = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for batch in table.query((ROWID_COLUMN, column), (table.rowid, value)):
        written = batch.column(1).view(pa.string())
        valid = timestamps.is_datetime(written).fill_null(False)
        rowids.append(batch.column(0).filter(valid).to_numpy())
        times.append(timestamps.parse_times(written.filter(valid)).value)
    _, inverse, counts = np.unique(np.concatenate(times), return_inverse=True, return_counts=True)
    repeated = np.concatenate(rowids)[counts[inverse] > 1]
    return sa.and_(
        ~expressions.is_blob(table.expression(column.name)),
        table.rowid.in_(expressions.number_list(repeated)),
    )


def _exclude_rejected(pieces: Iterable[pa.Table], earlier: Iterable[pa.Table]) -> list[pa.Table]:
    """Drop violations of values that an earlier check rejected, so that each value has one."""
    rejected: dict[str, list[_RowIds]] = {}
    for piece in earlier:
        rejected.setdefault(_column_of(piece), []).append(piece["rowid"].to_numpy())
    result = []
    for piece in pieces:
        if before := rejected.get(_column_of(piece)):
            new = ~np.isin(piece["rowid"].to_numpy(), np.concatenate(before))
            piece = piece.filter(pa.array(new))
        if piece.num_rows:
            result.append(piece)
    return result


def _piece(rowids: pa.Array, column: Column, reason: ReasonCode, raw: pa.Array) -> pa.Table:
    """Return the violations of one column and reason, at least one."""
    names = [pa.repeat(text, len(rowids)) for text in (column.name, reason)]
    return pa.Table.from_arrays([rowids, *names, raw], schema=_WITHOUT_ID)


def _column_of(piece: pa.Table) -> str:
    return str(piece["column_name"][0])


def _with_ids(table: SnapshotTable, violations: pa.Table) -> pa.Table:
    """Add the rows' ids, NULL for one that is not an integer."""
    rejected = np.unique(violations["rowid"].to_numpy())
    value = table.expression("id")
    id_ = Column(name="id", kind=Kind.INTEGER)
    selected = (table.rowid, sa.case((expressions.is_integer(value), value)))
    where = table.rowid.in_(expressions.number_list(rejected))
    batches = list(table.query((ROWID_COLUMN, id_), selected, where))
    ids = pa.Table.from_batches(batches, pa.schema([("rowid", pa.int64()), ("id", pa.int64())]))
    index = np.searchsorted(rejected, violations["rowid"].to_numpy())
    sorted_ids = ids.sort_by("rowid")["id"]
    return violations.add_column(0, "row_id", sorted_ids.take(pa.array(index))).cast(VIOLATIONS)
