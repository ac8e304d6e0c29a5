"""COPY of Arrow batches into PostgreSQL, in its binary format.

Reading, conversion and encoding run in another thread, a few batches in advance.
"""

from collections.abc import Iterable, Iterator

import pgpq
import pyarrow as pa
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.common import IdSet, Prefetcher, Progress
from bizy_assets.core.postgres.connection import raw_connection
from bizy_assets.core.postgres.names import table_name

_PREFETCHED = 4


def copy_batches(
    connection: sa.Connection,
    table: sa.Table,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    progress: Progress | None = None,
) -> int:
    """Copy batches into a table, in the caller's transaction, and return the number of rows.

    Another thread iterates the batches, whose names are columns of the table.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        table_name(connection, table), sql.SQL(", ").join(map(sql.Identifier, schema.names))
    )
    with (
        raw_connection(connection).cursor() as cursor,
        Prefetcher(_encoded(schema, batches), _PREFETCHED) as pieces,
    ):
        cursor.copy_expert(statement, _CopyStream(pieces, progress))
        return int(cursor.rowcount)


def copy_ids(connection: sa.Connection, table: sa.Table, ids: IdSet) -> None:
    """Copy ids into the column ``id`` of a table."""
    batch = pa.RecordBatch.from_arrays([pa.array(ids.array())], ["id"])
    copy_batches(connection, table, batch.schema, [batch])


def _encoded(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of the binary file, each with its number of rows."""
    encoder = pgpq.ArrowToPostgresBinaryEncoder(schema)
    yield encoder.write_header(), 0
    for batch in batches:
        # An empty piece would be the end of the file.
        if piece := encoder.write_batch(batch):
            yield piece, batch.num_rows
    yield encoder.finish(), 0


class _CopyStream:
    """Readable file, as psycopg2 requires it, over the pieces to send."""

    def __init__(self, pieces: Iterator[tuple[bytes, int]], progress: Progress | None) -> None:
        self._pieces = pieces
        self._progress = progress

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next piece, whatever its size, or nothing at the end."""
        piece, rows = next(self._pieces, (b"", 0))
        if self._progress is not None:
            self._progress.add(rows)
        return piece

    def readline(self, _size: int = -1, /) -> bytes:
        """Satisfy psycopg2, which requires this method; binary data has no lines."""
        return self.read()
