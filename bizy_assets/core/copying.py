"""Sends Arrow batches to PostgreSQL in its binary COPY format.

Reading and converting run in a thread of their own, a few batches ahead: both release Python's
global lock for most of their time, and so does the sending.
"""

import queue
import threading
from collections.abc import Iterable, Iterator

import pgpq
import pyarrow as pa
import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.target import driver

AHEAD = 4
"""How many encoded batches may wait to be sent."""


def copy_in(
    connection: sa.Connection, table: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> int:
    """Copies batches into a table, and returns the number of rows.

    Args:
        connection: In the transaction that the rows shall belong to.
        table: The table, unqualified.
        schema: Of the batches; its names are the table's columns.
        batches: What to send; taken from in another thread.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, schema.names))
    )
    with driver(connection).cursor() as cursor, _Ahead(_encoded(schema, batches)) as stream:
        cursor.copy_expert(statement, stream)
        return int(cursor.rowcount)


def _encoded(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    encoder = pgpq.ArrowToPostgresBinaryEncoder(schema)
    yield encoder.write_header()
    for batch in batches:
        yield encoder.write_batch(batch)
    yield encoder.finish()


class _Ahead:
    """A file to read from whose content is made by another thread, some pieces ahead."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._queue: queue.Queue[bytes | BaseException] = queue.Queue(AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="bizy-reader", daemon=True)

    def __enter__(self) -> "_Ahead":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            # Room for the piece that the thread may be waiting to hand over.
            while not self._queue.empty():
                self._queue.get_nowait()
            self._thread.join(0.01)

    def read(self, _size: int = -1, /) -> bytes:
        """Returns the next piece whole, of any size; nothing at the end."""
        piece = self._queue.get()
        if isinstance(piece, BaseException):
            raise piece
        return piece

    def readline(self, _size: int = -1, /) -> bytes:
        """Is there because psycopg2 asks of a file to have it; binary data has no lines."""
        return self.read()

    def _fill(self) -> None:
        try:
            for piece in self._pieces:
                if self._stopped.is_set():
                    return
                if piece:
                    self._queue.put(piece)
            self._queue.put(b"")
        except BaseException as error:  # noqa: BLE001 - handed over to the reading thread
            self._queue.put(error)
