"""The result of a validation: the violations of each table, and access to the valid rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE, Column, Contract, Kind
from bizy_assets.core.source import Snapshot, SnapshotTable, expressions
from bizy_assets.core.validation.rules import ReasonCode

VIOLATIONS = pa.schema(
    [
        ("row_id", pa.int64()),
        ("rowid", pa.int64()),
        ("column_name", pa.string()),
        ("rule", pa.string()),
        ("raw", pa.binary()),
    ]
)
"""One row per violation.

``row_id`` is the row's id, NULL if that is not an integer. ``rowid`` is SQLite's, which
identifies a row even if its id is invalid. ``rule`` is a ``ReasonCode``. ``raw`` holds the
value's bytes, for a number those of its text.
"""

BY_ROW = [("rowid", "ascending"), ("column_name", "ascending")]

ROWID_COLUMN = Column(name="rowid", kind=Kind.INTEGER)
"""Result column for queries that select ``SnapshotTable.rowid``."""

_ID = sa.column("id", sa.Integer)
_ID_COLUMN = Column(name="row_id", kind=Kind.INTEGER)


@dataclass(frozen=True)
class TableValidation:
    """The number of rows of one table, and the violations (schema ``VIOLATIONS``) in ``BY_ROW``."""

    table: str
    rows: int
    violations: pa.Table

    @cached_property
    def rejected_rowids(self) -> NDArray[np.int64]:
        """SQLite's rowids of the rejected rows, ascending."""
        return np.unique(self.violations["rowid"].to_numpy())

    @property
    def valid_row_count(self) -> int:
        """Number of rows without a violation."""
        return self.rows - len(self.rejected_rowids)

    @cached_property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """Number of violations by column and rule."""
        grouped = self.violations.group_by(["column_name", "rule"]).aggregate([([], "count_all")])
        return {(row["column_name"], row["rule"]): row["count_all"] for row in grouped.to_pylist()}


@dataclass(frozen=True)
class ValidationResult:
    """The violations of a snapshot, by table.

    A result is ``reused`` if it was derived from a load of the same bytes, without a scan.
    """

    snapshot: Snapshot
    tables: Mapping[str, TableValidation]
    reused: bool = False

    @classmethod
    def without_violations(
        cls, snapshot: Snapshot, rows: Mapping[str, int], *, reused: bool = False
    ) -> "ValidationResult":
        """Return the result of a snapshot in which every row is valid, given the number of rows."""
        tables = {
            table: TableValidation(table, count, VIOLATIONS.empty_table())
            for table, count in rows.items()
        }
        return cls(snapshot, tables, reused)

    @property
    def violation_count(self) -> int:
        """Number of values that PostgreSQL cannot store."""
        return sum(table.violations.num_rows for table in self.tables.values())

    @property
    def rejected_row_count(self) -> int:
        """Number of rows with such a value."""
        return sum(len(table.rejected_rowids) for table in self.tables.values())

    def valid_rows(self, contract: Contract, only: IdSet | None = None) -> SnapshotTable:
        """Return a table without its rejected rows, optionally restricted to some ids."""
        rejected = self.tables[contract.table].rejected_rowids
        ids = None if only is None else only.array()
        return SnapshotTable(self.snapshot, contract, without=rejected, only=ids)

    def valid_ids(self, contract: Contract) -> IdSet:
        """Return the ids of a table's valid rows, read once for the same rows."""
        rejected = self.tables[contract.table].rejected_rowids
        return _read_ids(self.snapshot, contract, rejected.tobytes())

    def without(self, skipped: Mapping[str, Sequence[int]]) -> "ValidationResult":
        """Return this result with some valid rows (ids by table) rejected as ``SKIPPED``."""
        tables = dict(self.tables)
        for table, ids in skipped.items():
            if ids:
                tables[table] = self._without(BY_TABLE[table], ids)
        return replace(self, tables=tables)

    def _without(self, contract: Contract, ids: Sequence[int]) -> TableValidation:
        validation = self.tables[contract.table]
        where = _ID.in_(expressions.number_list(np.array(ids, dtype=np.int64)))
        table = self.valid_rows(contract)
        batches = list(table.query((_ID_COLUMN, ROWID_COLUMN), (_ID, table.rowid), where))
        rows = pa.Table.from_batches(batches, pa.schema(list(VIOLATIONS)[:2]))
        for name, value in (("column_name", "id"), ("rule", ReasonCode.SKIPPED)):
            rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
        rows = rows.append_column("raw", rows["row_id"].cast(pa.string()).cast(pa.binary()))
        violations = pa.concat_tables([validation.violations, rows.cast(VIOLATIONS)])
        return replace(validation, violations=violations.sort_by(BY_ROW))


@lru_cache(maxsize=len(BY_TABLE))
def _read_ids(snapshot: Snapshot, contract: Contract, rejected_rowids: bytes) -> IdSet:
    rejected = np.frombuffer(rejected_rowids, dtype=np.int64)
    result = IdSet()
    table = SnapshotTable(snapshot, contract, without=rejected)
    for batch in table.query(contract.columns[:1], (_ID,)):
        result.add(batch.column(0).to_numpy())
    return result
