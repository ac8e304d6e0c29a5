"""Connection poolers between this program and PostgreSQL, such as PgBouncer.

A run needs a session of its own: it holds a lock, changes settings and shares a snapshot between
connections. A pooler that lends a server connection for one transaction or statement would leave
the lock and the settings to the next client, so it is refused before anything is set. One that
lends it until the client disconnects is used, and gets the session back as it was.
"""

import select
import time
from contextlib import ExitStack, closing, suppress
from typing import Any

import psycopg2
from psycopg2 import extensions

from bizy_assets.core.errors import TargetError

_ROUNDS = 3
"""Number of attempts, since other clients of a pool borrow and return its connections too."""

_WAIT_SECONDS = 5.0
"""Time in which a pool lends an idle server connection, or opens one."""

_PID = "SELECT pg_catalog.pg_backend_pid()"
_PID_AND_TIME = "SELECT pg_catalog.pg_backend_pid(), pg_catalog.clock_timestamp()"
"""Names are qualified, since these statements come before the search path is set."""

_BORROW = """
    BEGIN;
    SELECT pid, backend_start FROM pg_catalog.pg_stat_activity
    WHERE pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
"""


def connect(
    settings: dict[str, Any], *, is_tested: bool = True
) -> tuple[extensions.connection, int]:
    """Open a connection with libpq's parameters, and return it with its number on the server.

    A pooler reports another number. The connection commits each statement. Without the test, a
    pooler is expected to keep sessions.

    Raises:
        TargetError: The pooler does not keep sessions.
    """
    connection = _connect(settings)
    connection.autocommit = True
    pid, now = _query(connection, _PID_AND_TIME)
    is_asked = is_tested and is_pooled(connection, pid)
    if is_asked and not all(_keeps_session(connection, settings, now) for _ in range(_ROUNDS)):
        info = connection.info
        where = f"{info.host}:{info.port}/{info.dbname}"
        connection.close()
        raise TargetError(
            f"A connection pooler answers at {where} that lends server connections for single "
            "transactions or statements, but a run needs a session of its own; nothing was "
            "written. Use the address of the PostgreSQL server itself, or of a pool with "
            "pool_mode = session."
        )
    return connection, pid


def is_pooled(connection: extensions.connection, pid: int) -> bool:
    """Return whether a pooler lends a connection, which identifies its clients by own numbers."""
    return bool(connection.info.backend_pid != pid)


def _connect(settings: dict[str, Any]) -> extensions.connection:
    """Connect, without the setting ``options`` if a pooler does not accept it."""
    try:
        connection: extensions.connection = psycopg2.connect(**settings)
    except psycopg2.OperationalError as error:
        # PgBouncer's messages are not translated.
        if "options" not in settings or "unsupported startup parameter" not in str(error):
            raise
        del settings["options"]
        connection = psycopg2.connect(**settings)
    return connection


def _keeps_session(connection: extensions.connection, settings: dict[str, Any], now: Any) -> bool:  # noqa: ANN401
    """Return whether a pooler reserves a server connection between a client's transactions.

    Other clients borrow the pool's idle connections until they get this one, which is then shared,
    or one that was opened after ``now``, since no idle one was left.
    """
    [pid] = _query(connection, _PID)
    with ExitStack() as borrowers:
        while True:
            borrower = borrowers.enter_context(closing(psycopg2.connect(**settings, async_=True)))
            deadline = time.monotonic() + _WAIT_SECONDS
            found = _borrow(borrower, deadline) if _wait(borrower, deadline) else None
            if found is not None and found[0] in (pid, None):
                return False
            if found is None or found[1] >= now:
                return _query(connection, _PID) == (pid,)


def _borrow(borrower: extensions.connection, deadline: float) -> tuple[Any, ...] | None:
    """Return pid and start of the server connection that a client gets, if it gets one in time.

    There is no pid if the pooler permits no transaction.
    """
    with borrower.cursor() as cursor:
        cursor.execute(_BORROW)
        try:
            return cursor.fetchone() if _wait(borrower, deadline) else None
        except psycopg2.OperationalError:
            return None, None


def _wait(connection: extensions.connection, deadline: float) -> bool:
    """Wait for an asynchronous connection; return False at the deadline."""
    while (state := connection.poll()) != extensions.POLL_OK:
        reads = [connection] if state == extensions.POLL_READ else []
        writes = [] if reads else [connection]
        remaining = max(0.0, deadline - time.monotonic())
        if not any(select.select(reads, writes, [], remaining)):
            return False
    return True


def _query(connection: extensions.connection, statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    assert row is not None  # noqa: S101
    return row


def give_back(connection: extensions.connection) -> None:
    """Release locks and reset settings of a pooled session, whether or not the pooler does it."""
    # A session that was lost has nothing to give back.
    with suppress(psycopg2.Error):
        connection.rollback()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("DISCARD ALL")
