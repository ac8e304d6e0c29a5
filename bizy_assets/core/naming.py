"""What the addresses for provisioning must name: one server, and names that PostgreSQL can give.

A name may be any text otherwise: it is always quoted.
"""

import sqlalchemy as sa

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import server_address

ADMIN_VARIABLE = "BIZY_POSTGRES_ADMIN_URL"
LONGEST_NAME = 63
"""Bytes of a name that PostgreSQL keeps; of a longer one it drops the rest."""

_RESERVED = {"public", "none"}


def require_names(wanted: sa.URL) -> None:
    """Makes sure that role and database have names that PostgreSQL can give.

    Raises:
        ConfigurationError: One has not.
    """
    role = wanted.username or ""
    names = {"role": role, "database": wanted.database or ""}
    faults = {what: _fault(name) for what, name in names.items()}
    if role in _RESERVED or role.startswith("pg_"):
        faults["role"] = "PostgreSQL keeps it for itself"
    for what, fault in faults.items():
        if fault:
            raise ConfigurationError(
                f"DATABASE_URL names the {what} {names[what]!r}, which PostgreSQL cannot give "
                f"({fault}); choose another name."
            )


def require_same_server(admin: sa.URL, wanted: sa.URL) -> None:
    """Makes sure that both addresses name the same host and port.

    Raises:
        ConfigurationError: They do not.
    """
    places = [server_address(admin), server_address(wanted)]
    if places[0] != places[1]:
        first, second = (":".join(place) for place in places)
        raise ConfigurationError(
            f"{ADMIN_VARIABLE} leads to the server {first} and DATABASE_URL to {second}, but the "
            "one prepares what the other uses; write the same host and port in both."
        )


def _fault(name: str) -> str | None:
    if not name:
        return "it is empty"
    if len(name.encode()) > LONGEST_NAME:
        return f"it is {len(name.encode())} bytes long, of at most {LONGEST_NAME}"
    return None if name.isprintable() else "it has characters that cannot be shown"
