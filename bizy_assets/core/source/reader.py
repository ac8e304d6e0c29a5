"""Reads a snapshot's tables as Arrow batches, in bounded memory.

The driver takes each column's type from the first row and refuses a value of another storage
class after it, so a query leads with one typed row, which is dropped. Integers and floats are
deliberately not cast: a cast would turn the text 'high' into 0.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import adbc_driver_sqlite
import adbc_driver_sqlite.dbapi
import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.dialects import sqlite

from bizy_assets.core.contracts import Column, Contract, Kind
from bizy_assets.core.errors import SnapshotError
from bizy_assets.core.source.snapshot import Snapshot, open_snapshot
from bizy_assets.core.source.sqlite import bizy_columns, is_integer, is_number, sqlite_uri

BATCH_ROWS = 16_384

ROWID: sa.ColumnElement[int] = sa.column("rowid", sa.Integer)
"""SQLite's own number of a row, which tells rows apart whatever their ids are."""

_LEAD: dict[Kind, Any] = {
    Kind.INTEGER: sa.literal(0),
    Kind.BOOLEAN: sa.literal(0),
    Kind.FLOAT: sa.literal(0.0),
    Kind.TEXT: sa.literal(""),
    Kind.JSON: sa.literal(""),
    Kind.TIMESTAMP: sa.literal(""),
}


class SnapshotTable:
    """One of Bizy's tables in a verified snapshot; a table or column it lacks reads as empty.

    Args:
        snapshot: Of the source.
        contract: Of the table.
        without: SQLite's rowids of rows that are passed over; a value there may be anything.
        only: Ids of the rows that are read, where not all are.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        contract: Contract,
        *,
        without: NDArray[np.int64] | None = None,
        only: NDArray[np.integer] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.contract = contract
        self.without = without
        self.only = only
        with open_snapshot(snapshot) as connection:
            self.present = frozenset(bizy_columns(connection).get(contract.table, ()))

    def batches(self, *, ordered: bool = False) -> Iterator[pa.RecordBatch]:
        """Yields the whole table, columns named and ordered as the contract's source columns.

        Args:
            ordered: Whether rows must come by ascending id; else they come as they lie.
        """
        columns = self.contract.source_columns
        expressions = [self._readable(column) for column in columns]
        return self.query(
            columns,
            [e.label(c.name) for c, e in zip(columns, expressions, strict=True)],
            order=sa.column("id") if ordered else None,
        )

    def _readable(self, column: Column) -> sa.ColumnElement[Any]:
        value = self.expression(column.name)
        return as_text(value) if column.kind in (Kind.TEXT, Kind.JSON) else value

    def expression(self, name: str) -> sa.ColumnElement[Any]:
        """Returns the column in SQL, or NULL where this snapshot's table has none of the name."""
        return sa.column(name) if name in self.present else sa.null()

    def query(
        self,
        columns: Sequence[Column],
        expressions: Sequence[sa.ColumnElement[Any]],
        where: sa.ColumnElement[bool] | None = None,
        order: sa.ColumnElement[Any] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yields what a query over this table's rows returns.

        Args:
            columns: Names and kinds of the result's columns.
            expressions: What to select, as many.
            where: Which rows, all if None.
            order: What to order them by, if anything.
        """
        lead = sa.select(*(_LEAD[column.kind].label(column.name) for column in columns))
        statement: Any = lead
        if self.present:
            rows = sa.select(*expressions).select_from(sa.table(self.contract.table))
            if where is not None:
                rows = rows.where(where)
            if self.without is not None and len(self.without):
                rows = rows.where(ROWID.not_in(number_list(self.without)))
            if self.only is not None:
                rows = rows.where(sa.column("id").in_(number_list(self.only)))
            if order is not None:
                # In a subquery, for a union's own order would take in the lead.
                rows = sa.select(rows.order_by(order).subquery())
            statement = lead.union_all(rows)
        text = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        return _run(self.snapshot, str(text))


def as_text(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Makes a number its text, with all its digits; anything else stays.

    SQLite stores the JSON text ``0.1`` as a number, and casts it back to fifteen digits.
    """
    short = sa.cast(value, sa.Text)
    exact = sa.case(
        (sa.cast(short, sa.REAL) == value, short), else_=sa.func.printf("%!.17g", value)
    )
    number = sa.case((is_integer(value), short), else_=exact)
    return sa.case((is_number(value), number), else_=value)


def number_list(numbers: NDArray[np.integer]) -> sa.Select[Any]:
    """Makes a list of numbers one that a query can look up, however long it is."""
    listed = sa.func.json_each(json.dumps(numbers.tolist())).table_valued("value")
    return sa.select(listed.c.value).correlate(None)


def _run(snapshot: Snapshot, statement: str) -> Iterator[pa.RecordBatch]:
    """Yields what a statement returns, without its leading row.

    Raises:
        SnapshotError: SQLite cannot run it on this file.
    """
    try:
        yield from _results(snapshot.path, statement)
    except (adbc_driver_sqlite.dbapi.Error, OSError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise SnapshotError(
            f"The snapshot {snapshot.path} of {snapshot.source} cannot be read ({reason}); "
            "materialize sqlite_backup and the tables again, and check the file with "
            "'sqlite3 FILE \"PRAGMA integrity_check\"' where that fails too."
        ) from None


def _results(path: Path, statement: str) -> Iterator[pa.RecordBatch]:
    address = sqlite_uri(path, immutable=True)
    option = adbc_driver_sqlite.StatementOptions.BATCH_ROWS.value
    with (
        closing(adbc_driver_sqlite.dbapi.connect(address)) as connection,
        closing(connection.cursor()) as cursor,
    ):
        cursor.adbc_statement.set_options(**{option: str(BATCH_ROWS)})
        cursor.execute(statement)
        skip = 1
        for batch in cursor.fetch_record_batch():
            if batch.num_rows > skip:
                yield batch.slice(skip)
            skip = 0
