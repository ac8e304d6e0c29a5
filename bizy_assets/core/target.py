"""Connects to the target PostgreSQL, and keeps two migrations of it apart.

One SQLAlchemy connection serves a run; ``driver`` is the psycopg2 connection underneath, for
COPY. A session's settings do not depend on how the role or the database is configured.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from psycopg2 import errors, sql
from psycopg2 import extensions as psycopg2_extensions

from bizy_assets.core.errors import TargetError
from bizy_assets.core.explaining import explained
from bizy_assets.core.urls import describe

OLDEST_VERSION = 13

LOCK_TABLE = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
"""Others may go on reading, not writing."""

_REHEARSAL = "bizy rehearsal"

_LOCK_KEY = int.from_bytes(b"bizy-ast", "big", signed=True)
"""Key of the advisory lock that keeps two migrations of one target apart."""

_DEFAULTS = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}

SESSION = (
    "SET search_path TO public",
    "SET TIME ZONE 'UTC'",
    "SET client_encoding TO 'UTF8'",
    "SET row_security TO off",
    "DO $$BEGIN PERFORM set_config(name, '0', false) FROM pg_settings WHERE name IN ("
    "'statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout', "
    "'idle_in_transaction_session_timeout'); END$$",
)
"""No time limit of the role ends a long load, and no row policy hides rows from a check.

Which limits there are depends on the server's version.
"""


@contextmanager
def connected(
    url: sa.URL,
    *,
    purpose: str,
    variable: str = "DATABASE_URL",
    any_encoding: bool = False,
) -> Iterator[sa.Connection]:
    """Opens a connection.

    Args:
        url: The target.
        purpose: What for; PostgreSQL shows it as the session's application name.
        variable: Where the user sets the address, for errors.
        any_encoding: Whether a database serves that cannot hold every text.

    Raises:
        PasswordError: The role has another password, or does not exist.
        TargetError: The server cannot be reached, refuses, or is too old.
    """
    settings = {key: value for key, value in _DEFAULTS.items() if key not in url.query}
    engine = sa.create_engine(
        url,
        poolclass=sa.NullPool,
        # An error's text must never carry the values of a statement.
        hide_parameters=True,
        connect_args={"application_name": f"bizy-assets {purpose}", **settings},
    )
    with explained(url, variable), engine.connect() as connection:
        require_version(driver(connection).server_version, url)
        if not any_encoding:
            require_utf8(connection.scalar(_ENCODING), url)
        connection.exec_driver_sql("; ".join(SESSION))
        connection.commit()
        yield connection


@contextmanager
def transaction(connection: sa.Connection) -> Iterator[None]:
    """Commits what a block does, or rolls it back if it fails.

    In a rehearsal it is a part of one transaction that ends with a rollback whatever happens.
    """
    part = connection.begin_nested if is_rehearsal(connection) else connection.begin
    with part():
        yield


@contextmanager
def rehearsal(connection: sa.Connection) -> Iterator[None]:
    """Lets a block write as it would, and undoes all of it.

    Args:
        connection: Outside a transaction.
    """
    connection.info[_REHEARSAL] = True
    try:
        with connection.begin() as whole:
            try:
                yield
            finally:
                whole.rollback()
    finally:
        del connection.info[_REHEARSAL]


def is_rehearsal(connection: sa.Connection) -> bool:
    """Tells whether everything on this connection will be undone."""
    return _REHEARSAL in connection.info


def require_version(number: int, url: sa.URL) -> None:
    """Makes sure that a server is new enough.

    Args:
        number: Its version as it gives it: 180001 is 18.1.
        url: The server, for the error.

    Raises:
        TargetError: It is too old.
    """
    if number // 10_000 < OLDEST_VERSION:
        raise TargetError(
            f"PostgreSQL at {describe(url)} is version {number // 10_000}; bizy-assets needs "
            f"{OLDEST_VERSION} or newer."
        )


def require_utf8(encoding: str, url: sa.URL) -> None:
    """Makes sure that a database can hold every text.

    Raises:
        TargetError: It cannot.
    """
    if encoding != "UTF8":
        raise TargetError(
            f"The database {describe(url)} stores text as {encoding}, which cannot hold every "
            "character of Bizy; create it again with ENCODING 'UTF8'."
        )


def driver(connection: sa.Connection) -> psycopg2_extensions.connection:
    """Returns the psycopg2 connection underneath, which shares the transaction."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg2_extensions.connection)  # noqa: S101
    return raw


def execute(connection: sa.Connection, statement: sql.Composable) -> None:
    """Runs a statement whose identifiers psycopg2 quotes, in the connection's transaction."""
    with driver(connection).cursor() as cursor:
        cursor.execute(statement)


def conninfo(connection: sa.Connection) -> str:
    """Returns how another driver reaches the same database, in libpq's form.

    It may hold a password: hand it to a driver and keep it nowhere.
    """
    engine = connection.engine
    _, known = engine.dialect.create_connect_args(engine.url)
    name = driver(connection).info.parameter_status("application_name") or ""
    settings = {**_DEFAULTS, **known, "application_name": name}
    return str(psycopg2_extensions.make_dsn(**settings))


def lock(connection: sa.Connection, url: sa.URL, *, wait_seconds: float) -> None:
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
            f"Another run is writing to {describe(url)} ({holder or 'unknown'}) and did not end "
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
            f"This run no longer holds its lock on {describe(url)}, as the connection was "
            "replaced; nothing more was written, run again."
        )


_ENCODING = sa.text(
    "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
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
