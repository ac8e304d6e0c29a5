"""The census: finds every value of a snapshot that the target cannot hold, before any write.

Each table is read once in columns. SQLite itself looks at storage classes, ranges and the
grammar of JSON, Arrow at the content of texts, both at the same time. Only for columns where
SQLite saw something are the values fetched. Memory grows with what is bad, not with the rows;
only a unique column of times costs 16 bytes a row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray

from bizy_assets.core.common import IdSet, Progress
from bizy_assets.core.contracts import BY_TABLE, CONTRACTS, Column, Contract, Kind
from bizy_assets.core.source import (
    ROWID,
    Snapshot,
    SnapshotTable,
    as_text,
    is_blob,
    is_integer,
    number_list,
)
from bizy_assets.core.transform import is_datetime, parse_times
from bizy_assets.core.validation.json_grammar import json_violation
from bizy_assets.core.validation.rules import ReasonCode, violation_conditions
from bizy_assets.core.validation.text import text_violations

VIOLATIONS = pa.schema(
    [
        ("source_id", pa.int64()),
        ("rowid", pa.int64()),
        ("column_name", pa.string()),
        ("rule", pa.string()),
        ("raw", pa.binary()),
    ]
)
"""One row per bad value.

``source_id`` is the row's id, NULL where that is no integer. ``rowid`` is SQLite's rowid,
which tells rows apart however bad their ids are. ``rule`` is one of ``faults.FAULTS``. ``raw``
holds the value's bytes, of a number those of its text.
"""

_TEXTS = (Kind.TEXT, Kind.JSON, Kind.TIMESTAMP)
_ID = sa.column("id", sa.Integer)
_ID_COLUMN = Column(name="source_id", kind=Kind.INTEGER)
_ROWID = Column(name="rowid", kind=Kind.INTEGER)
_ORDER = [("rowid", "ascending"), ("column_name", "ascending")]
_RAW = Column(name="raw", kind=Kind.TEXT)
_WITHOUT_ID = pa.schema([field for field in VIOLATIONS if field.name != "source_id"])

_LONGEST_NUMBER = 32
"""More characters than any number's text has."""

_RowIds = NDArray[np.int64]


@dataclass(frozen=True)
class TableValidation:
    """What the census found in one table.

    Attributes:
        table: The table.
        rows: How many rows it has, bad ones included.
        violations: The bad values (schema ``VIOLATIONS``), by rowid and column.
    """

    table: str
    rows: int
    violations: pa.Table

    @cached_property
    def rejected_rowids(self) -> NDArray[np.int64]:
        """SQLite's rowids of the rows with a bad value, ascending; for ``SnapshotTable``."""
        return np.unique(self.violations["rowid"].to_numpy())

    @property
    def valid_row_count(self) -> int:
        """How many rows have none."""
        return self.rows - len(self.rejected_rowids)

    @cached_property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many bad values each column and rule have."""
        grouped = self.violations.group_by(["column_name", "rule"]).aggregate([([], "count_all")])
        return {(row["column_name"], row["rule"]): row["count_all"] for row in grouped.to_pylist()}


@dataclass(frozen=True)
class ValidationResult:
    """What the census found.

    Attributes:
        snapshot: What it holds for.
        tables: What was found, by table.
        reused: Whether it was not taken, since a load of the very same bytes tells it.
    """

    snapshot: Snapshot
    tables: Mapping[str, TableValidation]
    reused: bool = False

    @property
    def violation_count(self) -> int:
        """How many values the target cannot hold."""
        return sum(table.violations.num_rows for table in self.tables.values())

    @property
    def rejected_row_count(self) -> int:
        """How many rows have such values."""
        return sum(len(table.rejected_rowids) for table in self.tables.values())

    def valid_rows(self, contract: Contract, only: IdSet | None = None) -> SnapshotTable:
        """Returns the table without its bad rows, or of these ids only."""
        bad = self.tables[contract.table].rejected_rowids
        chosen = None if only is None else only.array()
        return SnapshotTable(self.snapshot, contract, without=bad, only=chosen)

    def valid_ids(self, contract: Contract) -> IdSet:
        """Returns the ids of a table's good rows."""
        result = IdSet()
        for batch in self.valid_rows(contract).query(contract.columns[:1], (_ID,)):
            result.add(batch.column(0).to_numpy())
        return result

    def without(self, skipped: Mapping[str, Sequence[int]]) -> "ValidationResult":
        """Returns this census with some good rows taken for bad, by table and id."""
        tables = dict(self.tables)
        for table, ids in skipped.items():
            if ids:
                tables[table] = self._without(BY_TABLE[table], ids)
        return replace(self, tables=tables)

    def _without(self, contract: Contract, ids: Sequence[int]) -> TableValidation:
        found = self.tables[contract.table]
        where = _ID.in_(number_list(np.array(ids, dtype=np.int64)))
        columns = (_ID_COLUMN, _ROWID)
        batches = list(self.valid_rows(contract).query(columns, (_ID, ROWID), where=where))
        rows = pa.Table.from_batches(batches, pa.schema(list(VIOLATIONS)[:2]))
        count = rows.num_rows
        values = {"column_name": "id", "rule": ReasonCode.SKIPPED}
        for name, value in values.items():
            rows = rows.append_column(name, pa.repeat(value, count))
        rows = rows.append_column("raw", rows["source_id"].cast(pa.string()).cast(pa.binary()))
        violations = pa.concat_tables([found.violations, rows.cast(VIOLATIONS)])
        return replace(found, violations=violations.sort_by(_ORDER))


def validate(snapshot: Snapshot) -> ValidationResult:
    """Returns the census of a snapshot, taken once in a process: its digest vouches for it.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    if snapshot not in _known:
        _known[snapshot] = scan(snapshot)
    return _known[snapshot]


def remember_valid(snapshot: Snapshot, rows: Mapping[str, int]) -> None:
    """Lets this process know that a snapshot has no bad value.

    Args:
        snapshot: The snapshot.
        rows: How many rows each table has.
    """
    tables = {
        table: TableValidation(table, n, VIOLATIONS.empty_table()) for table, n in rows.items()
    }
    _known[snapshot] = ValidationResult(snapshot, tables, reused=True)


_known: dict[Snapshot, ValidationResult] = {}
"""What this process found or was told."""


def scan(snapshot: Snapshot, contracts: Sequence[Contract] = CONTRACTS) -> ValidationResult:
    """Finds every bad value in a snapshot.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    tables = {
        contract.table: _scan_table(SnapshotTable(snapshot, contract)) for contract in contracts
    }
    return ValidationResult(snapshot, tables)


def _scan_table(table: SnapshotTable) -> TableValidation:
    (rows,) = map(int, _aggregate(table, [sa.func.total(sa.true())]))
    with ThreadPoolExecutor(1) as pool:
        # Both sides release Python's global lock for nearly all of their time.
        seen_by_sqlite = pool.submit(lambda: (_storage(table), list(_repeated(table))))
        content = list(_content(table, Progress(f"{table.contract.table} examined", rows)))
        storage, repeated = seen_by_sqlite.result()
    pieces = [*storage, *_beside(content, storage)]
    pieces += _beside(repeated, pieces)
    violations = _with_ids(table, pa.concat_tables([_WITHOUT_ID.empty_table(), *pieces]))
    return TableValidation(table.contract.table, rows, violations.sort_by(_ORDER))


def _storage(table: SnapshotTable) -> list[pa.Table]:
    """Finds what SQLite can see."""
    conditions = [
        (column, fault, condition)
        for column in table.contract.source_columns
        for fault, condition in violation_conditions(column, table.expression(column.name)).items()
    ]
    # One answer for the whole table is twice as cheap as one for each condition.
    (bad,) = _aggregate(table, [sa.func.total(sa.true())], sa.or_(*(c for *_, c in conditions)))
    pieces: list[pa.Table] = []
    if bad:
        hits = _aggregate(table, [sa.func.total(condition) for *_, condition in conditions])
        for (column, fault, condition), hit in zip(conditions, hits, strict=True):
            if hit:
                pieces += _details(table, column, fault, condition)
    return pieces


def _aggregate(
    table: SnapshotTable,
    sums: Sequence[sa.ColumnElement[float]],
    where: sa.ColumnElement[bool] | None = None,
) -> list[float]:
    """Returns sums over all rows, or over some; zeros where there is no such table."""
    names = [Column(name=str(number), kind=Kind.FLOAT) for number in range(len(sums))]
    batches = [batch.to_pylist() for batch in table.query(names, sums, where)]
    return list(batches[0][0].values()) if batches else [0.0] * len(sums)


def _details(
    table: SnapshotTable, column: Column, fault: str, condition: sa.ColumnElement[bool]
) -> Iterator[pa.Table]:
    """Fetches the values of a column that fulfil a condition."""
    value = as_text(table.expression(column.name))
    for batch in table.query((_ROWID, _RAW), (ROWID, value), condition):
        rowids, raw = batch.column(0), batch.column(1).view(pa.binary())
        if fault == ReasonCode.NOT_JSON:
            yield from _judged_json(rowids, raw, column)
        else:
            yield _piece(rowids, column, fault, raw)


def _judged_json(rowids: pa.Array, raw: pa.Array, column: Column) -> Iterator[pa.Table]:
    """Judges the few texts that SQLite doubts one by one."""
    found = np.array([json_violation(value.as_py()) for value in raw], dtype=object)
    for fault in (ReasonCode.NOT_JSON, ReasonCode.JSON_NOT_FINITE, ReasonCode.JSON_TOO_DEEP):
        if (where := found == fault).any():
            yield _piece(rowids.filter(where), column, fault, raw.filter(where))


def _content(table: SnapshotTable, progress: Progress) -> Iterator[pa.Table]:
    """Finds what is wrong within texts."""
    columns = [column for column in table.contract.source_columns if column.kind in _TEXTS]
    values = [_content_of(column, table.expression(column.name)) for column in columns]
    for batch in table.query((_ROWID, *columns), (ROWID, *values)):
        for column in columns:
            # The driver takes a column with a blob in its first batch for binary.
            values_ = batch.column(column.name).view(pa.string())
            for fault, where in text_violations(values_, column):
                chosen = pa.array(where)
                raw = values_.view(pa.binary()).filter(chosen)
                yield _piece(batch.column(0).filter(chosen), column, fault, raw)
        progress.add(batch.num_rows)


def _content_of(column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Leaves numbers to the driver where nothing can be wrong with their texts."""
    exact = column.limit is not None and column.limit < _LONGEST_NUMBER
    return as_text(value) if exact else value


def _repeated(table: SnapshotTable) -> Iterator[pa.Table]:
    """Finds values that several rows have where only one may, and blames them all."""
    for column in table.contract.source_columns:
        value = table.expression(column.name)
        if column.name == "id":
            yield from _details(table, column, ReasonCode.DUPLICATE_ID, _shared(table, column))
        elif column.unique and column.kind is Kind.TIMESTAMP:
            shared = sa.and_(~is_blob(value), ROWID.in_(number_list(_same_times(table, column))))
            yield from _details(table, column, ReasonCode.REPEATED, shared)
        elif column.unique:
            yield from _details(table, column, ReasonCode.REPEATED, _shared(table, column))


def _shared(table: SnapshotTable, column: Column) -> sa.ColumnElement[bool]:
    """Says in SQL that another row has the same value of the right storage class."""
    value = table.expression(column.name)
    if column.kind is Kind.TEXT:
        # The column may be declared to ignore case; PostgreSQL does not.
        value = sa.collate(value, "BINARY")
    valid = is_integer(value) if column.kind is Kind.INTEGER else ~is_blob(value)
    rows = sa.select(value).select_from(sa.table(table.contract.table)).where(valid)
    several = rows.group_by(value).having(sa.func.count() > 1).correlate(None)
    return sa.and_(valid, value.in_(several))


def _same_times(table: SnapshotTable, column: Column) -> _RowIds:
    """Returns the rowids of rows whose times are the same, however they are written."""
    rowids, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    expressions = (ROWID, as_text(table.expression(column.name)))
    for batch in table.query((_ROWID, column), expressions):
        written = batch.column(1).view(pa.string())
        good = is_datetime(written).fill_null(False)
        rowids.append(batch.column(0).filter(good).to_numpy())
        values.append(parse_times(written.filter(good)).value)
    found, value = np.concatenate(rowids), np.concatenate(values)
    _, inverse, counts = np.unique(value, return_inverse=True, return_counts=True)
    return found[counts[inverse] > 1]


def _beside(pieces: Iterable[pa.Table], known: Iterable[pa.Table]) -> list[pa.Table]:
    """Leaves out values that are blamed already, so that each has one fault."""
    blamed: dict[str, list[_RowIds]] = {}
    for piece in known:
        blamed.setdefault(_column_of(piece), []).append(piece["rowid"].to_numpy())
    result = []
    for piece in pieces:
        if before := blamed.get(_column_of(piece)):
            new = ~np.isin(piece["rowid"].to_numpy(), np.concatenate(before))
            piece = piece.filter(pa.array(new))
        if piece.num_rows:
            result.append(piece)
    return result


def _piece(rowids: pa.Array, column: Column, fault: str, raw: pa.Array) -> pa.Table:
    """Makes the violations of one column and fault; there is at least one."""
    names = [pa.repeat(text, len(rowids)) for text in (column.name, fault)]
    return pa.Table.from_arrays([rowids, *names, raw], schema=_WITHOUT_ID)


def _column_of(piece: pa.Table) -> str:
    return str(piece["column_name"][0])


def _with_ids(table: SnapshotTable, violations: pa.Table) -> pa.Table:
    """Adds the rows' ids, where they are integers."""
    bad = np.unique(violations["rowid"].to_numpy())
    value = table.expression("id")
    integer = sa.case((is_integer(value), value))
    id_ = Column(name="id", kind=Kind.INTEGER)
    batches = list(table.query((_ROWID, id_), (ROWID, integer), ROWID.in_(number_list(bad))))
    ids = pa.Table.from_batches(batches, pa.schema([("rowid", pa.int64()), ("id", pa.int64())]))
    place = np.searchsorted(bad, violations["rowid"].to_numpy())
    sorted_ids = ids.sort_by("rowid")["id"]
    return violations.add_column(0, "source_id", sorted_ids.take(pa.array(place))).cast(VIOLATIONS)
