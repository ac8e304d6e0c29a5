"""Waits for the locks of other sessions only for a while, and says whose they are.

A statement that waits for a table makes all who come later wait behind it: without an end, one
forgotten transaction would stop the backend for as long as the load waits.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from psycopg2 import errors

from bizy_assets.core.errors import TargetError
from bizy_assets.core.urls import describe

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


@contextmanager
def limited(connection: sa.Connection, table: sa.Table, *, seconds: float) -> Iterator[None]:
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
            f"Table {table.name} in {describe(connection.engine.url)}, or one that it references, "
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
