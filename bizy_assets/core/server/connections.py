"""The two connections of provisioning, the administrator's and the role's, to one server.

A valid name of a role or database may otherwise be any text, because statements always quote it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bizy_assets.core.errors import ConfigurationError, PasswordError, TargetError
from bizy_assets.core.postgres import advisory_locks, connect, describe_url, urls

ADMIN_URL_VARIABLE = "BIZY_POSTGRES_ADMIN_URL"

_MAX_NAME_BYTES = 63
"""PostgreSQL silently truncates longer names."""

_RESERVED_ROLES = {"public", "none"}
_SERVER_START = sa.text("SELECT pg_postmaster_start_time()")


def require_valid_names(target_url: sa.URL) -> None:
    """Require names that PostgreSQL accepts for the role and the database.

    Raises:
        ConfigurationError: One of them is invalid.
    """
    role = target_url.username or ""
    names = {"role": role, "database": target_url.database or ""}
    violations = {kind: _name_violation(name) for kind, name in names.items()}
    if role in _RESERVED_ROLES or role.startswith("pg_"):
        violations["role"] = "it is reserved"
    for kind, violation in violations.items():
        if violation:
            raise ConfigurationError(
                f"DATABASE_URL names the {kind} {names[kind]!r}, which PostgreSQL does not accept "
                f"({violation}); choose another name."
            )


def require_same_server(admin_url: sa.URL, target_url: sa.URL) -> None:
    """Require the same host and port in both URLs.

    Raises:
        ConfigurationError: They differ. The message names no host, because a password may be in
            its place.
    """
    if urls.server_addresses(admin_url) != urls.server_addresses(target_url):
        raise ConfigurationError(
            f"{ADMIN_URL_VARIABLE} and DATABASE_URL name different servers, but provision prepares "
            "the server that the migration uses; set the same host and port in both."
        )


@contextmanager
def connected_as_admin(
    url: sa.URL, lock_wait_seconds: float | None = None
) -> Iterator[sa.Connection]:
    """Connect as the administrator, in autocommit mode.

    Waits for the lock of another run; without a time to wait, this run holds its lock already.
    """
    with connect(
        url, purpose="provision", variable=ADMIN_URL_VARIABLE, any_encoding=True
    ) as connection:
        if lock_wait_seconds is not None:
            advisory_locks.acquire_lock(connection, url, wait_seconds=lock_wait_seconds)
        # CREATE DATABASE cannot run in a transaction.
        connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def connected_as_role(target_url: sa.URL) -> Iterator[sa.Connection]:
    """Connect as the migration will, and write nothing.

    Raises:
        ConfigurationError: The password was set, but the URL reaches a server without it.
        PasswordError: The server requires a password, and the URL has none.
        TargetError: The server refuses the connection.
    """
    try:
        with connect(target_url, purpose="provision") as connection, connection.begin():
            yield connection
    except PasswordError:
        if target_url.password:
            raise _different_servers() from None
        raise PasswordError(
            f"PostgreSQL at {describe_url(target_url)} requires a password for role "
            f"{target_url.username!r}, but DATABASE_URL has none; add one, and run provision with "
            "change_password: true to set it."
        ) from None


def is_password_valid(admin: sa.Connection, target_url: sa.URL) -> bool:
    """Return True if the server accepts the role's password, even if it refuses the connection.

    Raises:
        ConfigurationError: The URL leads to another server.
    """
    try:
        with connect(target_url, purpose="provision", any_encoding=True) as own:
            require_same_instance(admin, own)
    except PasswordError:
        return False
    except TargetError:
        # Authentication comes first; the database, say, may be created by a later step.
        return True
    return True


def require_same_instance(admin: sa.Connection, own: sa.Connection) -> None:
    """Require that two connections, perhaps over a socket and a port, reached one server.

    Raises:
        ConfigurationError: They reached different ones.
    """
    if admin.scalar(_SERVER_START) != own.scalar(_SERVER_START):
        raise _different_servers()


def _different_servers() -> ConfigurationError:
    """Return the error for URLs that name one machine but reach two servers."""
    return ConfigurationError(
        f"{ADMIN_URL_VARIABLE} and DATABASE_URL lead to two different servers; set the same host "
        "and port in both."
    )


def _name_violation(name: str) -> str | None:
    if not name:
        return "it is empty"
    if (size := len(name.encode())) > _MAX_NAME_BYTES:
        return f"it has {size} bytes, more than the maximum of {_MAX_NAME_BYTES}"
    return None if name.isprintable() else "it contains unprintable characters"
