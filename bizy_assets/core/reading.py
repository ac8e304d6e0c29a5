"""Reads a snapshot's tables as Arrow batches, in bounded memory.

The driver takes each column's type from the first row and refuses a value of another storage
class after it, so a query leads with one typed row, which is dropped. Integers and floats are
deliberately not cast: a cast would turn the text 'high' into 0.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import adbc_driver_sqlite
import adbc_driver_sqlite.dbapi
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from bizy_assets.core import snapshot as snapshots
from bizy_assets.core import source
from bizy_assets.core.contracts import Column, Contract, Kind
from bizy_assets.core.snapshot import Snapshot

BATCH_ROWS = 16_384

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

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """

    def __init__(self, snapshot: Snapshot, contract: Contract) -> None:
        self.snapshot = snapshot
        self.contract = contract
        with snapshots.reading(snapshot) as connection:
            self.present = frozenset(source.columns(connection).get(contract.table, ()))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yields the whole table, columns named and ordered as the contract's source columns."""
        columns = self.contract.source_columns
        expressions = [_typed(column, self.expression(column.name)) for column in columns]
        return self.query(
            columns, [e.label(c.name) for c, e in zip(columns, expressions, strict=True)]
        )

    def expression(self, name: str) -> sa.ColumnElement[Any]:
        """Returns the column in SQL, or NULL where this snapshot's table has none of the name."""
        return sa.column(name) if name in self.present else sa.null()

    def query(
        self,
        columns: Sequence[Column],
        expressions: Sequence[sa.ColumnElement[Any]],
        where: sa.ColumnElement[bool] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yields what a query over this table's rows returns.

        Args:
            columns: Names and kinds of the result's columns.
            expressions: What to select, as many.
            where: Which rows, all if None.
        """
        lead = sa.select(*(_LEAD[column.kind].label(column.name) for column in columns))
        statement: Any = lead
        if self.present:
            rows = sa.select(*expressions).select_from(sa.table(self.contract.table))
            statement = lead.union_all(rows if where is None else rows.where(where))
        text = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        return _run(self.snapshot, str(text))


def _typed(column: Column, expression: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Makes a number in a JSON column its text, with all its digits.

    SQLite stores the JSON text ``0.1`` as a number there, and casts it back to fifteen digits.
    """
    if column.kind is not Kind.JSON:
        return expression
    short = sa.cast(expression, sa.Text)
    exact = sa.case(
        (sa.cast(short, sa.REAL) == expression, short),
        else_=sa.func.printf("%!.17g", expression),
    )
    return sa.case((sa.func.typeof(expression) == "real", exact), else_=expression)


def _run(snapshot: Snapshot, statement: str) -> Iterator[pa.RecordBatch]:
    address = source.uri(snapshot.path, immutable=True)
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
