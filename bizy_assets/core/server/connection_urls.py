"""Requirements on the two connection URLs of provisioning: one server, and valid names.

A valid name may otherwise be any text, because statements always quote it.
"""

import sqlalchemy as sa

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import server_address

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
        ConfigurationError: They differ.
    """
    admin, target = (":".join(server_address(url)) for url in (admin_url, target_url))
    if admin != target:
        raise ConfigurationError(
            f"{ADMIN_URL_VARIABLE} points to the server {admin} and DATABASE_URL to {target}, but "
            "provision prepares the server that the migration uses; set the same host and port in "
            "both."
        )


def require_same_instance(admin: sa.Connection, own: sa.Connection) -> None:
    """Require that two connections, perhaps over a socket and a port, reached one server.

    Raises:
        ConfigurationError: They reached different ones.
    """
    if admin.scalar(_SERVER_START) != own.scalar(_SERVER_START):
        raise different_servers()


def different_servers() -> ConfigurationError:
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
