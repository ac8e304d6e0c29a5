"""Locks of tables, rows and sequences, and limited waits for other sessions.

A statement that waits for a table lock blocks all later statements on that table, and one that
waits for a row blocks those that need the rows locked before. Without a limit, one forgotten
transaction would block the backend for as long as the load waits.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.connection import execute
from bizy_assets.core.postgres.names import table_name
from bizy_assets.core.postgres.urls import describe_url

T = TypeVar("T")

_LOCK_AGAINST_WRITES = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
_LOCK_ALONE = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE")

_LOCK_TIMEOUT = sa.text("""
    SELECT current_setting('lock_timeout'), set_config('lock_timeout', :limit, true)
""")

_BRIEF_SECONDS = 0.05
"""How long a turn waits for a lock: not long enough for PostgreSQL to look for a deadlock."""

_LONGEST_PAUSE_SECONDS = 1
"""Time between two turns, after several; each writes to the rows that it locks."""

_TABLE_LOCK_HOLDERS = sa.text("""
    SELECT DISTINCT application_name, pid, mode IN ('AccessShareLock', 'RowShareLock') AS reading
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'relation' AND granted AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation IN (SELECT oid FROM pg_class
                       WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables))
    ORDER BY application_name, pid
""")


def lock_for_writing(connection: sa.Connection, table: sa.Table) -> None:
    """Lock a table until the end of the transaction; other sessions can read but not write."""
    execute(connection, _LOCK_AGAINST_WRITES.format(table_name(connection, table)))


def lock_alone(connection: sa.Connection, table: sa.Table) -> None:
    """Lock a table until the end of the transaction; other sessions can neither read nor write."""
    execute(connection, _LOCK_ALONE.format(table_name(connection, table)))


def lock_rows(
    connection: sa.Connection,
    table: sa.Table,
    condition: sa.ColumnElement[bool],
    *,
    to_delete: bool = False,
) -> None:
    """Lock the rows that meet a condition against changes until the transaction ends.

    Other sessions can still refer to them, unless they are about to be deleted.
    """
    rows = sa.select(table.c.id).where(condition).with_for_update(key_share=not to_delete)
    connection.execute(sa.select(sa.func.count()).select_from(rows.subquery()))


@contextmanager
def lock_timeout(connection: sa.Connection, table: sa.Table, *, seconds: float) -> Iterator[None]:
    """Limit how long each statement of a block, a savepoint, waits for a lock on a table.

    The block may lock the referenced tables too.

    Raises:
        TargetError: Another session did not release its lock in time.
    """
    try:
        with limit_lock_waits(connection, seconds):
            yield
    except errors.LockNotAvailable:
        raise _locked_by_others(connection, *_with_referenced(table), seconds) from None


def change_in_turns(
    connection: sa.Connection, table: sa.Table, change: Callable[[], T], *, seconds: float
) -> T:
    """Change the definition of a table, see ``acquire_in_turns``.

    ``change`` may lock the referenced tables too.
    """
    return acquire_in_turns(connection, change, *_with_referenced(table), seconds=seconds)


def _with_referenced(table: sa.Table) -> tuple[str, list[str]]:
    """Return a description of a table with those that it references, and their names."""
    names = [table.name, *(key.referred_table.name for key in table.foreign_key_constraints)]
    return f"Table {table.name}, or one that it references,", names


def acquire_in_turns(
    connection: sa.Connection,
    acquire: Callable[[], T],
    what: str,
    relations: list[str],
    *,
    seconds: float,
) -> T:
    """Acquire strong locks on what others use all the time, in a turn that gets all or none.

    A session that waits for a lock makes those wait that come after it, or that need what it has
    locked before. Here it gives up after an instant, releases all locks of the turn, lets the
    others pass, and tries again until the time is over.

    Args:
        connection: A connection in a transaction.
        acquire: Acquires the locks by statements on the connection; its result is returned.
        what: What is locked, for the error.
        relations: The names of the tables or sequences concerned.
        seconds: How long to try.

    Raises:
        TargetError: Another session did not release its lock in time.
    """
    deadline, pause = time.monotonic() + seconds, _BRIEF_SECONDS
    while True:
        try:
            with limit_lock_waits(connection, _BRIEF_SECONDS):
                return acquire()
        except errors.LockNotAvailable:
            if time.monotonic() > deadline:
                raise _locked_by_others(connection, what, relations, seconds) from None
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


@contextmanager
def limit_lock_waits(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Run a block in a savepoint whose statements wait only so long for a lock.

    Raises ``LockNotAvailable`` if a statement waited too long.
    """
    try:
        with connection.begin_nested():
            # 0 would mean no limit.
            limit = {"limit": str(max(1, round(seconds * 1000)))}
            [(before, _)] = connection.execute(_LOCK_TIMEOUT, limit)
            yield
            connection.execute(_LOCK_TIMEOUT, {"limit": before})
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, errors.LockNotAvailable):
            raise error.orig from None
        raise


def _locked_by_others(
    connection: sa.Connection, what: str, names: list[str], seconds: float
) -> TargetError:
    """Return an error that names the sessions that hold locks on relations of these names."""
    where = describe_url(connection.engine.url)
    return TargetError(
        f"{what} in {where} was locked for {seconds:g} seconds by "
        f"{_holders(connection, names)}; end that session's transaction, then run again "
        "(or raise BIZY_LOCK_WAIT_SECONDS)."
    )


def _holders(connection: sa.Connection, names: list[str]) -> str:
    """Describe the sessions that hold locks now; readers only if no other session does."""
    sessions = connection.execute(_TABLE_LOCK_HOLDERS, {"tables": names}).all()
    blocking = [session for session in sessions if not session.reading] or sessions
    names = [
        f"{session.application_name or 'an unnamed session'} (pid {session.pid})"
        for session in blocking
    ]
    return ", ".join(dict.fromkeys(names)) or "a session that has ended since"
