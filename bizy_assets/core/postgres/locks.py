"""Locks of tables, rows and sequences, and limited waits for other sessions.

A statement that waits for a table lock blocks all later statements on that table, and one that
waits for a row blocks those that need the rows locked before. Without a limit, one forgotten
transaction would block the backend for as long as the load waits.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.connection import execute
from bizy_assets.core.postgres.names import table_name
from bizy_assets.core.postgres.session import session_label
from bizy_assets.core.postgres.urls import describe_url

_LOCK_AGAINST_WRITES = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
_LOCK_ALONE = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE")

_LOCK_TIMEOUT = sa.text("""
    SELECT current_setting('lock_timeout'), set_config('lock_timeout', :limit, true)
""")

_READING = ("AccessShareLock", "RowShareLock")
"""The modes of readers' locks, which do not conflict with a lock against writes."""

_BRIEF_SECONDS = 0.05
"""How long a turn waits for a lock: not long enough for PostgreSQL to look for a deadlock."""

_LONGEST_PAUSE_SECONDS = 1
"""Time between two turns, after several; each writes to the rows that it locks."""

_LOCK_HOLDERS = sa.text("""
    SELECT DISTINCT application_name, pid, mode = ANY(:harmless) AS harmless,
           -- Processes of the server have no user.
           mode = 'ShareUpdateExclusiveLock' AND usesysid IS NULL AS is_autovacuum
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    JOIN pg_class ON pg_class.oid = relation JOIN pg_namespace n ON n.oid = relnamespace
    WHERE locktype = 'relation' AND granted AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND concat_ws('.', nullif(nspname, 'public'), relname) = ANY(:relations)
    ORDER BY application_name, pid
""")

_DEADLOCK_TIMEOUT = sa.text("""
    SELECT CAST(extract(epoch FROM current_setting('deadlock_timeout')::interval) AS float)
""")

_LONGEST_DEADLOCK_TIMEOUT = 1.0
"""With a longer one, others would wait too long for a turn that ends autovacuum."""

_AFTER_DEADLOCK_TIMEOUT = 0.2
"""Time for autovacuum to end."""


def lock_for_writing(connection: sa.Connection, table: sa.Table) -> None:
    """Lock a table until the end of the transaction; other sessions can read but not write."""
    execute(connection, _LOCK_AGAINST_WRITES.format(table_name(connection, table)))


def lock_alone(connection: sa.Connection, table: sa.Table) -> None:
    """Lock a table until the end of the transaction; other sessions can neither read nor write."""
    execute(connection, _LOCK_ALONE.format(table_name(connection, table)))


def lock_tables_in_turns(
    connection: sa.Connection,
    tables: Sequence[sa.Table],
    *,
    seconds: float,
    alone: bool = False,
    also: Callable[[], None] = lambda: None,
) -> None:
    """Lock tables against writes, or alone, see ``acquire_in_turns``.

    ``also`` acquires other locks in the same turn. The tables' definitions can then be changed
    without waiting.

    Raises:
        TargetError: Another session did not release its lock in time.
    """

    def acquire() -> None:
        for table in tables:
            lock(connection, table)
        also()

    lock, harmless = (lock_alone, ()) if alone else (lock_for_writing, _READING)
    names = [table.fullname.removeprefix("public.") for table in tables]
    what = f"Table {names[0]}" if len(names) == 1 else f"One of the tables {', '.join(names)}"
    acquire_in_turns(connection, acquire, what, names, seconds=seconds, harmless=harmless)


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
        names = [table.name, *(key.referred_table.name for key in table.foreign_key_constraints)]
        what = f"Table {table.name}, or one that it references,"
        raise _locked_by_others(connection, what, names, seconds) from None


def acquire_in_turns(
    connection: sa.Connection,
    acquire: Callable[[], None],
    what: str,
    relations: list[str],
    *,
    seconds: float,
    harmless: Sequence[str] | None = None,
) -> None:
    """Acquire strong locks on what others use all the time, in a turn that gets all or none.

    A session that waits for a lock makes those wait that come after it, or that need what it has
    locked before. Here it gives up after an instant, releases all locks of the turn, lets the
    others pass, and tries again until the time is over.

    Args:
        connection: A connection in a transaction.
        acquire: Acquires the locks by statements on the connection.
        what: What is locked, for the error.
        relations: The names of the tables or sequences concerned, with any schema but ``public``.
        seconds: How long to try.
        harmless: If whole tables are locked, the modes of locks that do not conflict with these.

    Raises:
        TargetError: Another session did not release its lock in time.
    """
    deadline, pause = time.monotonic() + seconds, _BRIEF_SECONDS
    turn, may_be_longer = _BRIEF_SECONDS, harmless is not None
    while True:
        try:
            with limit_lock_waits(connection, turn):
                acquire()
        except errors.LockNotAvailable:
            if time.monotonic() > deadline:
                raise _locked_by_others(connection, what, relations, seconds, harmless) from None
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            turn = _BRIEF_SECONDS
            if may_be_longer:
                turn = _turn_seconds(connection, relations, harmless)
                # One such turn ends autovacuum, unless it may not be ended.
                may_be_longer = turn == _BRIEF_SECONDS
        else:
            return


def _turn_seconds(
    connection: sa.Connection, relations: list[str], harmless: Sequence[str] | None
) -> float:
    """Return how long a turn has to wait for tables: longer if only autovacuum has locked them.

    PostgreSQL ends autovacuum for a session that waits, but not before it looks for deadlocks.
    """
    blocking = [each for each in _holders(connection, relations, harmless) if not each.harmless]
    if blocking and all(each.is_autovacuum for each in blocking):
        timeout = float(connection.scalar(_DEADLOCK_TIMEOUT) or 0)
        if timeout <= _LONGEST_DEADLOCK_TIMEOUT:
            return timeout + _AFTER_DEADLOCK_TIMEOUT
    return _BRIEF_SECONDS


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
    connection: sa.Connection,
    what: str,
    relations: list[str],
    seconds: float,
    harmless: Sequence[str] | None = None,
) -> TargetError:
    """Return an error that names the sessions that hold locks on relations of these names.

    Those that hold harmless ones are named only if there is no other.
    """
    holders = _holders(connection, relations, harmless)
    blocking = [each for each in holders if not each.harmless] or holders
    names = dict.fromkeys(session_label(each.application_name, each.pid) for each in blocking)
    where = describe_url(connection.engine.url)
    return TargetError(
        f"{what} in {where} was locked for {seconds:g} seconds by "
        f"{', '.join(names) or 'a session that has ended since'}; end that session's transaction, "
        "then run again (or raise BIZY_LOCK_WAIT_SECONDS)."
    )


def _holders(
    connection: sa.Connection, relations: list[str], harmless: Sequence[str] | None
) -> Sequence[sa.Row[Any]]:
    modes = _READING if harmless is None else harmless
    return connection.execute(
        _LOCK_HOLDERS, {"relations": relations, "harmless": list(modes)}
    ).all()
