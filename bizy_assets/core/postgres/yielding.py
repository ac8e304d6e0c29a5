"""Transactions that give way to sessions that wait for their locks.

The locks of a load last until its commit. Without a limit, the backend would wait as long as a
large file takes.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg2
import sqlalchemy as sa
from psycopg2 import errors, extensions

from bizy_assets.core.common import log_note, quantity
from bizy_assets.core.errors import BizyError, TargetError
from bizy_assets.core.postgres import session
from bizy_assets.core.postgres.connection import (
    ATTACHED,
    parameters_of,
    raw_connection,
    transaction,
)
from bizy_assets.core.postgres.urls import describe_url

T = TypeVar("T")

_PATIENCE_SECONDS = 0.6
"""How long another session waits before a transaction gives way; the rest of a second is for it."""

_INTERVAL_SECONDS = 0.1
"""Time between two looks at the sessions that wait."""

_LONGEST_PAUSE_SECONDS = 2
"""Time between two attempts, after several."""

_JOIN_SECONDS = 1
"""How long to wait for a watch that is over; it may still wait for a session."""

_OBSERVER = "bizy observer"
"""Key in a connection's ``info``: the session that observes who waits for it, None if there is no
other one."""

_WAITING = """
    SELECT pid, application_name, {}::float8
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    -- Other runs wait for the advisory locks of this one. Other kinds are held for moments, or do
    -- not block the backend.
    WHERE NOT granted AND locktype IN ('relation', 'transactionid', 'tuple')
      AND %s = ANY (pg_blocking_pids(pid))
"""
_SECONDS = "coalesce(extract(epoch FROM clock_timestamp() - waitstart), 0)"
_UNKNOWN_SECONDS = "0"
"""How long a session has been waiting; with older servers, it is counted from the first look."""

_WAITSTART_VERSION = 140000

_CANCEL = "SELECT pg_cancel_backend(%s)"


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
                    f"{what} in {where} gave way {quantity(attempts, 'time')} to sessions that "
                    f"waited for its locks, the last time to {gave_way}; nothing of it was kept. "
                    "Run again when fewer sessions write these rows (or raise "
                    "BIZY_LOCK_WAIT_SECONDS)."
                ) from None
            log_note(f"{what} gave way to {gave_way}, which waited for its locks; it is repeated")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


@contextmanager
def _watched(connection: sa.Connection) -> Iterator["_Watch"]:
    """Watch in a thread who waits for a session."""
    watch = _Watch(connection)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.end()
        thread.join(_JOIN_SECONDS)


class _Watch:
    """Cancels the statements of a session while another one has waited too long for its locks."""

    def __init__(self, connection: sa.Connection) -> None:
        raw = raw_connection(connection)
        self._info, self._pid = connection.info, connection.info[session.PID]
        self._parameters = parameters_of(connection, suffix=" watch")
        is_known = raw.server_version >= _WAITSTART_VERSION
        self._query = _WAITING.format(_SECONDS if is_known else _UNKNOWN_SECONDS)
        self._since: dict[int, float] = {}
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._gave_way_to = ""

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Run a block that is ended by ``_GaveWayError`` if its session has to give way.

        A block that has come to its end is committed, which is as fast as a rollback.
        """
        try:
            yield
        except (sa.exc.DBAPIError, psycopg2.Error) as error:
            self.end()
            cause = getattr(error, "orig", error)
            if self._gave_way_to and isinstance(cause, errors.QueryCanceled):
                raise _GaveWayError(self._gave_way_to) from None
            raise
        finally:
            self.end()

    def end(self) -> None:
        """Cancel nothing from now on."""
        with self._guard:
            self._ended.set()

    def run(self) -> None:
        """Look who waits, until the end."""
        # Most transactions are shorter than it takes to open a session.
        if self._ended.wait(2 * _INTERVAL_SECONDS):
            return
        try:
            observer = self._observer()
            while observer is not None and not self._ended.wait(_INTERVAL_SECONDS):
                self._look(observer)
        except (psycopg2.Error, BizyError):
            lost = self._info.pop(_OBSERVER, None)
            if lost is None:
                self._info[_OBSERVER] = None
                log_note("no other session can be opened to see who waits, so none is given way to")

    def _observer(self) -> extensions.connection | None:
        """Return the session that observes this one, opened by the first watch that needs it."""
        if _OBSERVER not in self._info:
            # Only one watch of a connection opens it, however long that takes.
            self._info[_OBSERVER] = None
            observer = session.open_session(is_tested=False, **self._parameters)
            observer.autocommit = True
            if self._ended.is_set():
                session.end_session(observer)
                del self._info[_OBSERVER]
                return None
            self._info[ATTACHED].callback(session.end_session, observer)
            self._info[_OBSERVER] = observer
        found: extensions.connection | None = self._info[_OBSERVER]
        return found

    def _look(self, observer: extensions.connection) -> None:
        with observer.cursor() as cursor:
            cursor.execute(self._query, [self._pid])
            waiting: list[tuple[int, str | None, float]] = cursor.fetchall()
            now = time.monotonic()
            # After a savepoint, its waiters begin to wait for the transaction.
            self._since = {
                pid: min(now - seconds, self._since.get(pid, now)) for pid, _, seconds in waiting
            }
            tired = [
                session.session_label(name, pid)
                for pid, name, _ in waiting
                if now - self._since[pid] >= _PATIENCE_SECONDS
            ]
            with self._guard:
                if tired and not self._ended.is_set():
                    cursor.execute(_CANCEL, [self._pid])
                    self._gave_way_to = ", ".join(tired)
