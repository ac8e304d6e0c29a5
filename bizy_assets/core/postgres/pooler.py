"""Connection poolers between this program and PostgreSQL, such as PgBouncer.

A run needs a session of its own: it holds a lock, changes settings and shares a snapshot between
connections. A pooler that lends a server connection for one transaction or statement would leave
the lock and the settings to the next client, so it is refused before anything is set. One that
lends it until the client disconnects is used, and gets the session back as it was.
"""

import select
import time
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import Any

import psycopg2
import sqlalchemy as sa
from psycopg2 import extensions

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.urls import describe_url

_POOLED = "bizy pooled"
"""Key in a connection record's ``info``."""

_ROUNDS = 3
"""Number of attempts, since other clients of a pool borrow and return its connections too."""

_WAIT_SECONDS = 5.0
"""Time in which a pool lends an idle server connection, or opens one."""

_PID = "SELECT pg_backend_pid()"

_BORROW = """
    BEGIN;
    SELECT pg_backend_pid(), backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
"""


def require_own_sessions(engine: sa.Engine) -> None:
    """Have an engine check each new connection, and give a pooler's session back as it was.

    The engine then raises ``TargetError`` when it connects to a pooler that does not keep sessions.
    """
    sa.event.listen(engine, "do_connect", partial(_open_session, engine.url))
    sa.event.listen(engine, "close", _give_back)


def _open_session(
    url: sa.URL,
    _dialect: sa.Dialect,
    record: Any,  # noqa: ANN401 - SQLAlchemy's pool record
    _arguments: list[Any],
    settings: dict[str, Any],
) -> extensions.connection:
    connection = _connect(settings)
    connection.autocommit = True
    pid, now = _query(connection, "SELECT pg_backend_pid(), clock_timestamp()")
    # A pooler identifies its clients by numbers of its own.
    record.info[_POOLED] = connection.info.backend_pid != pid
    if record.info[_POOLED] and not all(
        _keeps_session(connection, settings, now) for _ in range(_ROUNDS)
    ):
        connection.close()
        raise TargetError(
            f"A connection pooler answers at {describe_url(url)} that lends server connections for "
            "single transactions or statements, but a run needs a session of its own; nothing was "
            "written. Use the address of the PostgreSQL server itself, or of a pool with "
            "pool_mode = session."
        )
    connection.autocommit = False
    return connection


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


def _give_back(connection: extensions.connection, record: Any) -> None:  # noqa: ANN401
    """Release locks and reset settings, whether or not the pooler does it."""
    if record.info.get(_POOLED):
        # A session that was lost has nothing to give back.
        with suppress(psycopg2.Error):
            connection.rollback()
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("DISCARD ALL")
