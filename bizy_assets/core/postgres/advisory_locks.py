"""Advisory locks: who may write to a database at a time.

A run that writes everywhere holds the lock of the database alone (``acquire_lock``). Runs that each
load one of many sources share that lock, and each holds the lock of its source alone
(``acquire_source_lock``). PostgreSQL serves those who wait in the order of their requests: a run
that needs the database alone waits for the runs that share it, and later ones wait behind it.
"""

import hashlib
import struct
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import errors

from bizy_assets.core.common import and_more, log_elapsed
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.locks import limit_lock_waits
from bizy_assets.core.postgres.urls import describe_url

_HOLDERS_SHOWN = 3

_HELD = "bizy locks"
"""Key in a connection's ``info``: the advisory locks that its session acquired."""


@dataclass(frozen=True)
class _AdvisoryLock:
    """An advisory lock by its key of eight bytes.

    PostgreSQL's functions take the key as one ``bigint`` or as two ``integer``. Both forms have a
    key space of their own, so a lock of one form never equals one of the other.
    """

    key: bytes
    form: str = ">q"

    @property
    def arguments(self) -> list[sa.ColumnElement[int]]:
        """The arguments of PostgreSQL's functions."""
        numbers = struct.unpack(self.form, self.key)
        kind = sa.BigInteger if len(numbers) == 1 else sa.Integer
        return [sa.cast(number, kind) for number in numbers]

    @property
    def identity(self) -> tuple[int, int, int]:
        """The lock as ``pg_locks`` shows it: two unsigned halves, and the number of arguments."""
        high, low = struct.unpack(">II", self.key)
        return high, low, len(self.arguments)


_DATABASE_LOCK = _AdvisoryLock(b"bizy-ast")
_ALLOCATION_LOCK = _AdvisoryLock(b"bizy-ids")

_IS_ADVISORY = """
    locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_HELD_LOCKS = sa.text(f"""
    SELECT classid::bigint, objid::bigint, objsubid::integer, mode FROM pg_locks
    WHERE {_IS_ADVISORY} AND granted AND pid = pg_backend_pid()
""")  # noqa: S608
_LOCK_HOLDERS = sa.text(f"""
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE {_IS_ADVISORY} AND pid <> pg_backend_pid()
      AND (classid::bigint, objid::bigint, objsubid) = (:high, :low, :arguments)
      -- An exclusive request that waits blocks a later shared one.
      AND CASE WHEN :shared THEN mode = 'ExclusiveLock' ELSE granted END
    ORDER BY application_name
""")  # noqa: S608


def acquire_lock(
    connection: sa.Connection, url: sa.URL, *, wait_seconds: float, shared: bool = False
) -> None:
    """Acquire the advisory lock of a database, which is held until the connection closes.

    A shared lock excludes only sessions that hold the lock alone. The connection has no open
    transaction.

    Raises:
        TargetError: Another run still holds the lock after that time.
    """
    where = describe_url(url)
    other = f"Another run {f'needs {where} for itself' if shared else f'is writing to {where}'}"
    _acquire(connection, _DATABASE_LOCK, other, wait_seconds=wait_seconds, shared=shared)


def acquire_source_lock(connection: sa.Connection, name: str, *, wait_seconds: float) -> None:
    """Acquire the advisory lock of a named source, which is held until the connection closes.

    Sources are those that a database is loaded from; each database has its own locks. The
    connection has no open transaction.

    Raises:
        TargetError: Another run still holds the lock after that time.
    """
    lock = _AdvisoryLock(hashlib.sha256(name.encode()).digest()[:8], ">ii")
    where = describe_url(connection.engine.url)
    sentence = f"Another run is loading this source, {name}, into {where}"
    _acquire(connection, lock, sentence, wait_seconds=wait_seconds)


def allocation_lock(connection: sa.Connection, *, wait_seconds: float) -> None:
    """Acquire the advisory lock for allocating ids, until the open transaction ends.

    Commit soon: all runs that allocate ids in this database wait for it.

    Raises:
        TargetError: Another run still holds the lock after that time.
    """
    where = describe_url(connection.engine.url)
    try:
        with limit_lock_waits(connection, wait_seconds):
            connection.execute(
                sa.select(sa.func.pg_advisory_xact_lock(*_ALLOCATION_LOCK.arguments))
            )
    except errors.LockNotAvailable:
        sentence = f"Another run is allocating ids in {where}"
        raise _not_available(connection, _ALLOCATION_LOCK, sentence, wait_seconds) from None


def confirm_lock(connection: sa.Connection, url: sa.URL) -> None:
    """Raise an error unless this session still holds all advisory locks that it acquired.

    Raises:
        TargetError: The session lacks one of them, or never acquired any.
    """
    # A connection that was replaced has forgotten them.
    acquired = connection.info.get(_HELD, set())
    if not acquired or not acquired <= {tuple(row) for row in connection.execute(_HELD_LOCKS)}:
        raise TargetError(
            f"This run no longer holds its lock on {describe_url(url)}, as the connection was "
            "replaced; nothing more was written, run again."
        )


def _acquire(
    connection: sa.Connection,
    lock: _AdvisoryLock,
    sentence: str,
    *,
    wait_seconds: float,
    shared: bool = False,
) -> None:
    """Acquire a lock for the session; if that fails, raise an error that begins as given."""
    acquire = sa.func.pg_advisory_lock_shared if shared else sa.func.pg_advisory_lock
    try:
        waiting = log_elapsed("waiting for other runs")
        with waiting, connection.begin(), limit_lock_waits(connection, wait_seconds):
            connection.execute(sa.select(acquire(*lock.arguments)))
    except errors.LockNotAvailable:
        with connection.begin():
            error = _not_available(connection, lock, sentence, wait_seconds, shared=shared)
        raise error from None
    mode = "ShareLock" if shared else "ExclusiveLock"
    connection.info.setdefault(_HELD, set()).add((*lock.identity, mode))


def _not_available(
    connection: sa.Connection,
    lock: _AdvisoryLock,
    sentence: str,
    wait_seconds: float,
    *,
    shared: bool = False,
) -> TargetError:
    """Return an error that names the sessions that a lock was refused for."""
    high, low, arguments = lock.identity
    values = {"high": high, "low": low, "arguments": arguments, "shared": shared}
    names = connection.scalars(_LOCK_HOLDERS, values).all()
    holders = and_more(names[:_HOLDERS_SHOWN], len(names) - _HOLDERS_SHOWN)
    return TargetError(
        f"{sentence} ({holders or 'unknown'}) and did not end within {wait_seconds:g} seconds; "
        "wait for it and run again."
    )
