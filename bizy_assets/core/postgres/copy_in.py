"""COPY of Arrow batches into PostgreSQL, in its binary format.

Reading, conversion and encoding run in another thread, a few batches in advance.
"""

from collections.abc import Callable, Generator, Iterable, Iterator

import pgpq
import psycopg2
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
        stream = _CopyStream(pieces, progress)
        try:
            cursor.copy_expert(statement, stream)
        except psycopg2.Error:
            if stream.error is not None:
                raise stream.error from None
            raise
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
    """Readable file, as psycopg2 requires it, over the pieces to send.

    psycopg2 reports an exception of ``read`` as the server's. ``error`` keeps the exception, also
    that of a signal. Python raises it where a function begins or a generator continues, and only
    the latter is inside of a ``try``.
    """

    def __init__(self, pieces: Iterator[tuple[bytes, int]], progress: Progress | None) -> None:
        self.error: BaseException | None = None
        sending = self._send(pieces, progress)
        next(sending)
        # psycopg2 requires both; binary data has no lines.
        self.read: Callable[..., bytes] = sending.send
        self.readline: Callable[..., bytes] = sending.send

    def _send(
        self, pieces: Iterator[tuple[bytes, int]], progress: Progress | None
    ) -> Generator[bytes, int, None]:
        """Yield for each wanted size the next piece, whatever its size, or nothing at the end."""
        piece = b""
        try:
            while True:
                yield piece
                piece, rows = next(pieces, (b"", 0))
                if progress is not None:
                    progress.add(rows)
        except BaseException as error:
            self.error = error
            raise
