"""Sends Arrow batches to PostgreSQL in its binary COPY format.

Reading, converting and encoding run in a thread of their own, a few batches ahead.
"""

from collections.abc import Iterable, Iterator

import pgpq
import pyarrow as pa
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.common import IdSet, Prefetcher, Progress
from bizy_assets.core.postgres.connection import raw_connection

_PREFETCHED = 4
"""How many encoded batches may wait to be sent."""


def copy_batches(
    connection: sa.Connection,
    table: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    progress: Progress | None = None,
) -> int:
    """Copies batches into a table, and returns the number of rows.

    Args:
        connection: In the transaction that the rows shall belong to.
        table: The table, unqualified.
        schema: Of the batches; its names are the table's columns.
        batches: What to send; taken from in another thread.
        progress: Learns how many rows are sent.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, schema.names))
    )
    with (
        raw_connection(connection).cursor() as cursor,
        Prefetcher(_encoded(schema, batches), _PREFETCHED) as pieces,
    ):
        cursor.copy_expert(statement, _CopyStream(pieces, progress))
        return int(cursor.rowcount)


def copy_ids(connection: sa.Connection, table: str, ids: IdSet) -> None:
    """Copies ids into a table's column ``id``."""
    batch = pa.RecordBatch.from_arrays([pa.array(ids.array())], ["id"])
    copy_batches(connection, table, batch.schema, [batch])


def _encoded(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[bytes, int]]:
    """Yields pieces of the file, and how many rows are in each."""
    encoder = pgpq.ArrowToPostgresBinaryEncoder(schema)
    yield encoder.write_header(), 0
    for batch in batches:
        # An empty piece would be the end of the file.
        if piece := encoder.write_batch(batch):
            yield piece, batch.num_rows
    yield encoder.finish(), 0


class _CopyStream:
    """What psycopg2 asks of a file, over the pieces that it is to send."""

    def __init__(self, pieces: Iterator[tuple[bytes, int]], progress: Progress | None) -> None:
        self._pieces = pieces
        self._progress = progress

    def read(self, _size: int = -1, /) -> bytes:
        """Returns the next piece whole, of any size; nothing at the end."""
        piece, rows = next(self._pieces, (b"", 0))
        if self._progress is not None:
            self._progress.add(rows)
        return piece

    def readline(self, _size: int = -1, /) -> bytes:
        """Is there because psycopg2 asks of a file to have it; binary data has no lines."""
        return self.read()
