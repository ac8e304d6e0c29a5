"""Locks: one writer at a time for a database, and limited waits for other sessions.

A statement that waits for a table lock blocks all later statements on that table. Without a
limit, one forgotten transaction would block the backend for as long as the load waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.connection import execute
from bizy_assets.core.postgres.names import table_name
from bizy_assets.core.postgres.urls import describe_url

_LOCK_TABLE = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")

_LOCK_KEY = int.from_bytes(b"bizy-ast", "big", signed=True)

_LOCK_ROWS = """
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid::bigint = :high AND objid::bigint = :low AND objsubid = 1
"""

_LOCK_HOLDER = sa.text(
    _LOCK_ROWS.replace("SELECT", "SELECT application_name", 1).replace(
        "FROM pg_locks", "FROM pg_locks JOIN pg_stat_activity USING (pid)", 1
    )
)

_LOCK_TIMEOUT = sa.text("SELECT set_config('lock_timeout', :milliseconds, true)")

_TABLE_LOCK_HOLDERS = sa.text("""
    SELECT DISTINCT application_name, pid, mode IN ('AccessShareLock', 'RowShareLock') AS reading
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'relation' AND granted AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation IN (SELECT oid FROM pg_class
                       WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables))
    ORDER BY application_name, pid
""")


def acquire_lock(connection: sa.Connection, url: sa.URL, *, wait_seconds: float) -> None:
    """Acquire the advisory lock of a database, which is held until the connection closes.

    The connection has no open transaction.

    Raises:
        TargetError: Another run still holds the lock after that time.
    """
    try:
        with connection.begin(), _limit_lock_waits(connection, wait_seconds):
            connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
    except errors.LockNotAvailable:
        with connection.begin():
            holder = connection.scalar(_LOCK_HOLDER, _lock_parts())
        raise TargetError(
            f"Another run is writing to {describe_url(url)} ({holder or 'unknown'}) and did not "
            f"end within {wait_seconds:g} seconds; wait for it and run again."
        ) from None


def confirm_lock(connection: sa.Connection, url: sa.URL) -> None:
    """Raise an error unless this session still holds the advisory lock of the database.

    Raises:
        TargetError: The session does not hold the lock.
    """
    held = connection.scalar(
        sa.text("SELECT EXISTS (" + _LOCK_ROWS + " AND pid = pg_backend_pid())"), _lock_parts()
    )
    if not held:
        raise TargetError(
            f"This run no longer holds its lock on {describe_url(url)}, as the connection was "
            "replaced; nothing more was written, run again."
        )


def _lock_parts() -> dict[str, int]:
    """Return the lock's key as ``pg_locks`` shows it: two unsigned halves."""
    key = _LOCK_KEY % 2**64
    return {"high": key >> 32, "low": key & 0xFFFFFFFF}


def lock_for_writing(connection: sa.Connection, table: sa.Table) -> None:
    """Lock a table until the end of the transaction; other sessions can read but not write."""
    execute(connection, _LOCK_TABLE.format(table_name(connection, table)))


@contextmanager
def lock_timeout(connection: sa.Connection, table: sa.Table, *, seconds: float) -> Iterator[None]:
    """Limit how long each statement of a block, a savepoint, waits for a lock on a table.

    The block may lock the referenced tables too.

    Raises:
        TargetError: Another session did not release its lock in time.
    """
    try:
        with _limit_lock_waits(connection, seconds):
            yield
    except errors.LockNotAvailable:
        raise TargetError(
            f"Table {table.name} in {describe_url(connection.engine.url)}, or one that it "
            f"references, was locked for {seconds:g} seconds by {_holders(connection, table)}; "
            "end that session's transaction, then run again (or raise BIZY_LOCK_WAIT_SECONDS)."
        ) from None


@contextmanager
def _limit_lock_waits(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Run a block in a savepoint whose statements wait only so long for a lock.

    Raises ``LockNotAvailable`` if a statement waited too long.
    """
    try:
        with connection.begin_nested():
            # 0 would mean no limit.
            connection.execute(_LOCK_TIMEOUT, {"milliseconds": str(max(1, round(seconds * 1000)))})
            yield
            connection.execute(_LOCK_TIMEOUT, {"milliseconds": "0"})
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, errors.LockNotAvailable):
            raise error.orig from None
        raise


def _holders(connection: sa.Connection, table: sa.Table) -> str:
    """Describe the sessions that hold locks now; readers only if no other session does."""
    referenced = [key.referred_table.name for key in table.foreign_key_constraints]
    sessions = connection.execute(_TABLE_LOCK_HOLDERS, {"tables": [table.name, *referenced]}).all()
    blocking = [session for session in sessions if not session.reading] or sessions
    names = [
        f"{session.application_name or 'an unnamed session'} (pid {session.pid})"
        for session in blocking
    ]
    return ", ".join(dict.fromkeys(names)) or "a session that has ended since"
