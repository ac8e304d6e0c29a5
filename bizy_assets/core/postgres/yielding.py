"""Transactions that give way to sessions that wait for their locks.

The locks of a load last until its commit. Without a limit, the backend would wait as long as a
large file takes.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, TypeVar

import psycopg2
import sqlalchemy as sa
from psycopg2 import errors

from bizy_assets.core.common import log_note
from bizy_assets.core.errors import BizyError, TargetError
from bizy_assets.core.postgres import session
from bizy_assets.core.postgres.connection import open_beside, raw_connection, transaction
from bizy_assets.core.postgres.urls import describe_url

T = TypeVar("T")

_PATIENCE_SECONDS = 0.7
"""How long others wait before a transaction gives way, which leaves time for it below a second."""

_INTERVAL_SECONDS = 0.1
"""Time between two looks at the sessions that wait."""

_LONGEST_PAUSE_SECONDS = 2
"""Time between two attempts, after several."""

_WAITING = """
    SELECT pid, application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    -- Runs of this program wait for advisory locks, and CREATE INDEX CONCURRENTLY, which blocks
    -- nobody, for virtual transactions.
    WHERE NOT granted AND locktype NOT IN ('advisory', 'virtualxid')
      AND %s = ANY (pg_blocking_pids(pid))
"""


class _GaveWayError(Exception):
    """The transaction was rolled back for sessions that waited."""


def run_giving_way(
    connection: sa.Connection, step: Callable[[], T], what: str, *, seconds: float
) -> T:
    """Run a step in a transaction that is rolled back and repeated if others wait for its locks.

    Args:
        connection: A connection without a transaction.
        step: What to do in the transaction; it may be called several times.
        what: What the step does, for the log and the error.
        seconds: How long to repeat the step after it gave way for the first time.

    Raises:
        TargetError: Others waited for locks in each attempt.
    """
    deadline, attempts, pause = None, 0, _INTERVAL_SECONDS
    while True:
        try:
            with _watched(connection) as watch, transaction(connection), watch.giving_way():
                return step()
        except _GaveWayError as gave_way:
            attempts += 1
            deadline = deadline or time.monotonic() + seconds
            if time.monotonic() > deadline:
                where = describe_url(connection.engine.url)
                raise TargetError(
                    f"{what} in {where} gave way {attempts} times to sessions that waited for "
                    f"its locks, the last time to {gave_way}; nothing of it was kept. Run again "
                    "when fewer sessions write these rows (or raise BIZY_LOCK_WAIT_SECONDS)."
                ) from None
            log_note(f"{what} gave way to {gave_way}, which waited for its locks; it is repeated")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


class _Watch:
    """Cancels the statements of a session as long as another one has waited for it too long."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._raw, self._pid = raw_connection(connection), connection.info[session.PID]
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._looked, self._since = time.monotonic(), dict[int, float]()
        self._gave_way_to = ""

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Run a block that is ended by ``_GaveWayError`` if its session has to give way."""
        try:
            try:
                yield
            finally:
                self.end()
        except (sa.exc.DBAPIError, psycopg2.Error) as error:
            cause = getattr(error, "orig", error)
            if not self._gave_way_to or not isinstance(cause, errors.QueryCanceled):
                raise
        # The last statement may have ended before it was cancelled.
        if self._gave_way_to:
            raise _GaveWayError(self._gave_way_to)

    def end(self) -> None:
        """Cancel nothing from now on."""
        with self._guard:
            self._ended.set()

    def run(self) -> None:
        """Look who waits, until the end."""
        # Most transactions are shorter than it takes to open a session.
        if self._ended.wait(2 * _INTERVAL_SECONDS):
            return
        # Without another session, nobody is given way to.
        with (
            suppress(psycopg2.Error, BizyError),
            closing(open_beside(self._connection)) as observer,
            observer.cursor() as cursor,
        ):
            while not self._ended.wait(_INTERVAL_SECONDS):
                self._look(cursor)

    def _look(self, cursor: Any) -> None:  # noqa: ANN401 - a cursor of psycopg2
        cursor.execute(_WAITING, [self._pid])
        names: dict[int, str] = dict(cursor.fetchall())
        # Whoever waits for locks of a transaction does so until it ends, maybe since the last look.
        self._since = {pid: self._since.get(pid, self._looked) for pid in names}
        self._looked = time.monotonic()
        latest = self._looked - _PATIENCE_SECONDS
        tired = [pid for pid, since in self._since.items() if since <= latest]
        with self._guard:
            if tired and not self._ended.is_set():
                self._gave_way_to = ", ".join(
                    f"{names[pid] or 'an unnamed session'} (pid {pid})" for pid in tired
                )
                self._raw.cancel()


@contextmanager
def _watched(connection: sa.Connection) -> Iterator[_Watch]:
    """Watch in a thread who waits for a session."""
    watch = _Watch(connection)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.end()
        thread.join()
