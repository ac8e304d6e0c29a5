"""Connections and transactions."""

import functools
import select
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import sqlalchemy as sa
from psycopg2 import extensions as psycopg2_extensions
from psycopg2 import sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import session
from bizy_assets.core.postgres.error_messages import translate_errors
from bizy_assets.core.postgres.interrupts import cancel_on_interrupt
from bizy_assets.core.postgres.urls import describe_url, libpq_parameters

OLDEST_VERSION = 13

ATTACHED = "bizy attached"
_DRY_RUN = "bizy dry run"
"""Keys in a connection's ``info``: the resources to close after it, and whether it is a dry run."""

_DEFAULTS = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}

_ENCODING = sa.text(
    "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
)


@contextmanager
def connect(
    url: sa.URL, *, purpose: str, variable: str = "DATABASE_URL", any_encoding: bool = False
) -> Iterator[sa.Connection]:
    """Open a connection; PostgreSQL shows the purpose of the session in its application name.

    Errors name the environment variable that holds the URL. ``any_encoding`` accepts a database
    whose encoding is not UTF-8.

    Raises:
        PasswordError: The role has a different password or does not exist.
        TransientError: The server cannot be reached now.
        TargetError: The server refuses the connection or is too old, or the database has the
            wrong encoding.
    """
    with (
        translate_errors(url, variable),
        ExitStack() as attached,
        _open(url, purpose) as connection,
    ):
        connection.info[ATTACHED] = attached
        require_version(raw_connection(connection).server_version, url)
        if not any_encoding:
            require_utf8(connection.scalar(_ENCODING), url)
            connection.commit()
        yield connection


def _open(url: sa.URL, purpose: str) -> sa.Connection:
    with session.application_name(f"bizy-assets {purpose}"):
        return _engine(url).connect()


@functools.lru_cache(maxsize=8)
def _engine(url: sa.URL) -> sa.Engine:
    """Return the engine of a URL, which keeps compiled statements but no connections."""
    settings = {key: value for key, value in _DEFAULTS.items() if key not in url.query}
    engine = sa.create_engine(
        url,
        poolclass=sa.NullPool,
        # An error's text must never carry the values of a statement.
        hide_parameters=True,
        connect_args=settings,
    )
    session.open_sessions_of(engine)
    cancel_on_interrupt(engine)
    return engine


@contextmanager
def transaction(connection: sa.Connection) -> Iterator[None]:
    """Run a block in a transaction: commit if it succeeds, roll back if it fails.

    In a dry run the block is a savepoint of the transaction that is rolled back in the end.
    """
    begin = connection.begin_nested if is_dry_run(connection) else connection.begin
    with begin():
        yield


@contextmanager
def dry_run_transaction(connection: sa.Connection) -> Iterator[None]:
    """Run a block in a transaction, which must be the outermost one, and roll it back."""
    connection.info[_DRY_RUN] = True
    try:
        with connection.begin() as outer:
            try:
                yield
            finally:
                outer.rollback()
    finally:
        # An invalidated connection has lost it.
        connection.info.pop(_DRY_RUN, None)


def is_dry_run(connection: sa.Connection) -> bool:
    """Return whether everything written on this connection will be rolled back."""
    return _DRY_RUN in connection.info


def require_version(number: int, url: sa.URL) -> None:
    """Raise an error if a server is too old, by its version number, such as 180001 for 18.1.

    Raises:
        TargetError: The server is too old.
    """
    if number // 10_000 < OLDEST_VERSION:
        raise TargetError(
            f"PostgreSQL at {describe_url(url)} is version {number // 10_000}; bizy-assets needs "
            f"{OLDEST_VERSION} or newer."
        )


def require_utf8(encoding: str, url: sa.URL) -> None:
    """Raise an error if a database cannot store every character.

    Raises:
        TargetError: The encoding is not UTF-8.
    """
    if encoding != "UTF8":
        raise TargetError(
            f"The database {describe_url(url)} stores text as {encoding}, which cannot represent "
            "every character; create it again with ENCODING 'UTF8'."
        )


def raw_connection(connection: sa.Connection) -> psycopg2_extensions.connection:
    """Return the underlying psycopg2 connection, which shares the transaction."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg2_extensions.connection)  # noqa: S101
    return raw


def is_lost(connection: sa.Connection) -> bool:
    """Return whether an idle connection was closed by either end."""
    # An invalidated connection would be replaced silently, without the settings of the session.
    return connection.invalidated or is_closed(raw_connection(connection))


def is_closed(raw: psycopg2_extensions.connection) -> bool:
    """Return whether an idle connection of the driver was closed by either end.

    An idle connection becomes readable only when the server closes it. A query such as SELECT 1
    would detect the same but take as long as many of the queries that follow.
    """
    if raw.closed:
        return True
    poll = select.poll()
    poll.register(raw, select.POLLIN)
    return bool(poll.poll(0))


def execute(connection: sa.Connection, statement: sql.Composable) -> list[tuple[Any, ...]]:
    """Execute a statement composed with psycopg2, in the connection's transaction.

    Returns its rows, if it has any.
    """
    with raw_connection(connection).cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def conninfo(connection: sa.Connection) -> str:
    """Return a libpq connection string with which another driver reaches the same database.

    Its session has the same settings from the start. The string may contain the password: pass it
    to a driver only.
    """
    settings = {
        **parameters_of(connection),
        "client_encoding": "UTF8",
        "options": session.startup_options(raw_connection(connection)),
    }
    return str(psycopg2_extensions.make_dsn(**settings))


def parameters_of(connection: sa.Connection, suffix: str = "") -> dict[str, Any]:
    """Return libpq's parameters of another session in the same database.

    It has the same name, with a suffix. The parameters may contain the password.
    """
    raw = raw_connection(connection)
    name = raw.info.parameter_status("application_name") or ""
    return {
        **_DEFAULTS,
        **libpq_parameters(connection.engine.url),
        "application_name": f"{name}{suffix}",
        # Of several servers, the one that the connection reached.
        "host": raw.info.host,
        "port": raw.info.port,
    }
