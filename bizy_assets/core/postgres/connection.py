"""Connects to the target PostgreSQL, and keeps two migrations of it apart.

One SQLAlchemy connection serves a run; ``driver`` is the psycopg2 connection underneath, for
COPY. A session's settings do not depend on how the role or the database is configured.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from psycopg2 import extensions as psycopg2_extensions
from psycopg2 import sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.error_messages import translate_errors
from bizy_assets.core.postgres.urls import describe_url

OLDEST_VERSION = 13


_DRY_RUN = "bizy rehearsal"


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
"""No time limit of the role ends a long load, and no row policy hides rows from a check.

Which limits there are depends on the server's version.
"""


@contextmanager
def connect(
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
    with translate_errors(url, variable), engine.connect() as connection:
        require_version(raw_connection(connection).server_version, url)
        if not any_encoding:
            require_utf8(connection.scalar(_ENCODING), url)
        connection.exec_driver_sql("; ".join(SESSION_SETTINGS))
        connection.commit()
        yield connection


@contextmanager
def transaction(connection: sa.Connection) -> Iterator[None]:
    """Commits what a block does, or rolls it back if it fails.

    In a rehearsal it is a part of one transaction that ends with a rollback whatever happens.
    """
    part = connection.begin_nested if is_dry_run(connection) else connection.begin
    with part():
        yield


@contextmanager
def dry_run_transaction(connection: sa.Connection) -> Iterator[None]:
    """Lets a block write as it would, and undoes all of it.

    Args:
        connection: Outside a transaction.
    """
    connection.info[_DRY_RUN] = True
    try:
        with connection.begin() as whole:
            try:
                yield
            finally:
                whole.rollback()
    finally:
        del connection.info[_DRY_RUN]


def is_dry_run(connection: sa.Connection) -> bool:
    """Tells whether everything on this connection will be undone."""
    return _DRY_RUN in connection.info


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
            f"PostgreSQL at {describe_url(url)} is version {number // 10_000}; bizy-assets needs "
            f"{OLDEST_VERSION} or newer."
        )


def require_utf8(encoding: str, url: sa.URL) -> None:
    """Makes sure that a database can hold every text.

    Raises:
        TargetError: It cannot.
    """
    if encoding != "UTF8":
        raise TargetError(
            f"The database {describe_url(url)} stores text as {encoding}, which cannot hold every "
            "character of Bizy; create it again with ENCODING 'UTF8'."
        )


def raw_connection(connection: sa.Connection) -> psycopg2_extensions.connection:
    """Returns the psycopg2 connection underneath, which shares the transaction."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg2_extensions.connection)  # noqa: S101
    return raw


def execute(connection: sa.Connection, statement: sql.Composable) -> None:
    """Runs a statement whose identifiers psycopg2 quotes, in the connection's transaction."""
    with raw_connection(connection).cursor() as cursor:
        cursor.execute(statement)


def conninfo(connection: sa.Connection) -> str:
    """Returns how another driver reaches the same database, in libpq's form.

    It may hold a password: hand it to a driver and keep it nowhere.
    """
    engine = connection.engine
    _, known = engine.dialect.create_connect_args(engine.url)
    name = raw_connection(connection).info.parameter_status("application_name") or ""
    settings = {**_DEFAULTS, **known, "application_name": name}
    return str(psycopg2_extensions.make_dsn(**settings))


_ENCODING = sa.text(
    "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
)
