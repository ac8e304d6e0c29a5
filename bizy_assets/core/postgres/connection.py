"""Connections and transactions.

The settings of a session do not depend on how the role or the database is configured.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from psycopg2 import extensions as psycopg2_extensions
from psycopg2 import sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.error_messages import translate_errors
from bizy_assets.core.postgres.pooler import require_own_sessions
from bizy_assets.core.postgres.urls import describe_url

OLDEST_VERSION = 13

_DRY_RUN = "bizy dry run"
"""Key in a connection's ``info``."""

_DEFAULTS = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}

SESSION_SETTINGS = (
    "SET search_path TO public",
    "SET TIME ZONE 'UTC'",
    "SET client_encoding TO 'UTF8'",
    "SET row_security TO off",
    "DO $$BEGIN PERFORM set_config(name, '0', false) FROM pg_settings WHERE name IN ("
    "'statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout', "
    "'idle_in_transaction_session_timeout'); END$$",
)
"""Settings with which no timeout ends a long transaction and no row policy hides rows.

Which timeouts exist depends on the server's version.
"""

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
    settings = {key: value for key, value in _DEFAULTS.items() if key not in url.query}
    engine = sa.create_engine(
        url,
        poolclass=sa.NullPool,
        # An error's text must never carry the values of a statement.
        hide_parameters=True,
        connect_args={"application_name": f"bizy-assets {purpose}", **settings},
    )
    require_own_sessions(engine)
    with translate_errors(url, variable), engine.connect() as connection:
        require_version(raw_connection(connection).server_version, url)
        if not any_encoding:
            require_utf8(connection.scalar(_ENCODING), url)
        connection.exec_driver_sql("; ".join(SESSION_SETTINGS))
        connection.commit()
        yield connection


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
        del connection.info[_DRY_RUN]


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


def execute(connection: sa.Connection, statement: sql.Composable) -> None:
    """Execute a statement composed with psycopg2, in the connection's transaction."""
    with raw_connection(connection).cursor() as cursor:
        cursor.execute(statement)


def conninfo(connection: sa.Connection) -> str:
    """Return a libpq connection string with which another driver reaches the same database.

    It may contain the password: pass it to a driver only.
    """
    engine = connection.engine
    _, settings = engine.dialect.create_connect_args(engine.url)
    name = raw_connection(connection).info.parameter_status("application_name") or ""
    settings = {**_DEFAULTS, **settings, "application_name": name}
    return str(psycopg2_extensions.make_dsn(**settings))
