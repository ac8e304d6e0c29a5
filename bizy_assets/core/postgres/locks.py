"""Waits for the locks of other sessions only for a while, and says whose they are.

A statement that waits for a table makes all who come later wait behind it: without an end, one
forgotten transaction would stop the backend for as long as the load waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.connection import execute
from bizy_assets.core.postgres.urls import describe_url

LOCK_TABLE = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
"""Others may go on reading, not writing."""


_LOCK_KEY = int.from_bytes(b"bizy-ast", "big", signed=True)
"""Key of the advisory lock that keeps two migrations of one target apart."""


def acquire_lock(connection: sa.Connection, url: sa.URL, *, wait_seconds: float) -> None:
    """Takes the lock of this target for as long as the connection lives.

    Args:
        connection: Outside a transaction.
        url: The target, for the error.
        wait_seconds: How long to wait for another run.

    Raises:
        TargetError: Another run still holds it.
    """
    key = {"key": _LOCK_KEY}
    with connection.begin():
        if connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), key):
            return
    timeout = max(1, round(wait_seconds * 1000))
    try:
        with connection.begin():
            connection.execute(
                sa.text("SELECT set_config('lock_timeout', :t, true)"), {"t": str(timeout)}
            )
            connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), key)
    except sa.exc.DBAPIError as error:
        if not isinstance(error.orig, errors.LockNotAvailable):
            raise
        with connection.begin():
            holder = connection.scalar(_LOCK_HOLDER, _lock_parts())
        raise TargetError(
            f"Another run is writing to {describe_url(url)} ({holder or 'unknown'}) and did not end "
            f"within {wait_seconds:g} seconds; wait for it and run again."
        ) from None


def confirm_lock(connection: sa.Connection, url: sa.URL) -> None:
    """Makes sure that this session still holds the lock.

    Raises:
        TargetError: It does not.
    """
    held = connection.scalar(
        sa.text("SELECT EXISTS (" + _LOCK_ROWS + " AND pid = pg_backend_pid())"), _lock_parts()
    )
    if not held:
        raise TargetError(
            f"This run no longer holds its lock on {describe_url(url)}, as the connection was "
            "replaced; nothing more was written, run again."
        )


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


def _lock_parts() -> dict[str, int]:
    """Returns the lock's key as ``pg_locks`` shows it: two unsigned halves."""
    key = _LOCK_KEY % 2**64
    return {"high": key >> 32, "low": key & 0xFFFFFFFF}


_LIMIT = sa.text("SELECT set_config('lock_timeout', :milliseconds, true)")

_HOLDERS = sa.text(
    """
    SELECT DISTINCT application_name, pid, mode IN ('AccessShareLock', 'RowShareLock') AS reading
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'relation' AND granted AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation IN (SELECT oid FROM pg_class
                       WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables))
    ORDER BY application_name, pid
    """
)


def lock_for_writing(connection: sa.Connection, table: sa.Table) -> None:
    """Lock a table until the end of the transaction; other sessions can read but not write."""
    execute(connection, LOCK_TABLE.format(sql.Identifier(table.name)))


@contextmanager
def lock_timeout(connection: sa.Connection, table: sa.Table, *, seconds: float) -> Iterator[None]:
    """Limits how long each statement of a block waits for a lock.

    Args:
        connection: In a transaction; the block is a savepoint of it.
        table: What the block locks, and with it the tables that it references.
        seconds: How long to wait.

    Raises:
        TargetError: Another session did not give its lock back.
    """
    try:
        with connection.begin_nested():
            # No wait at all would be 0, which PostgreSQL takes for no limit.
            connection.execute(_LIMIT, {"milliseconds": str(max(1, round(seconds * 1000)))})
            yield
            connection.execute(_LIMIT, {"milliseconds": "0"})
    except (errors.LockNotAvailable, sa.exc.DBAPIError) as error:
        if not isinstance(getattr(error, "orig", error), errors.LockNotAvailable):
            raise
        raise TargetError(
            f"Table {table.name} in {describe_url(connection.engine.url)}, or one that it references, "
            f"was locked for {seconds:g} seconds by {_holders(connection, table)}; let that end "
            "its transaction, then run again (BIZY_LOCK_WAIT_SECONDS is how long to wait)."
        ) from None


def _holders(connection: sa.Connection, table: sa.Table) -> str:
    """Names the sessions that hold locks now; readers only where nobody else does."""
    referenced = [key.referred_table.name for key in table.foreign_key_constraints]
    found = connection.execute(_HOLDERS, {"tables": [table.name, *referenced]}).all()
    blocking = [row for row in found if not row.reading] or found
    names = [f"{row.application_name or 'a session without a name'} (pid {row.pid})"
             for row in blocking]  # fmt: skip
    return ", ".join(dict.fromkeys(names)) or "a session that is gone by now"
