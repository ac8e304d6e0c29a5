"""PostgreSQL addresses: one form for every library, and one that is safe to show.

A URL may hold a password, so it never goes into a message; ``describe`` makes what does.
"""

from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.dialects.postgresql import psycopg2
from sqlalchemy.exc import ArgumentError

from bizy_assets.core.errors import ConfigurationError

DRIVER = "postgresql+psycopg2"
_THIS_MACHINE = {"", "localhost", "127.0.0.1", "::1"}
_ACCEPTED = {"postgres", "postgresql", DRIVER}


def parse_url(text: str, *, variable: str) -> URL:
    """Returns the address with the driver named, so that no library picks another.

    Args:
        text: What the user wrote, ``postgres://`` and ``postgresql://`` alike.
        variable: Where it was written, for the error.

    Raises:
        ConfigurationError: It is not an address of a PostgreSQL database. The text itself is not
            repeated, since it may hold a password.
    """
    try:
        url = make_url(text)
        if url.drivername in _ACCEPTED:
            # Looks at what stands after the question mark, which connecting would do too late.
            _libpq_settings(url)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _ACCEPTED or not url.database or _ambiguous(url, text):
        raise ConfigurationError(
            f"{variable} is not the address of a PostgreSQL database; write it like "
            "postgresql://user:password@localhost:5432/bizy, with special characters in the "
            "password percent-encoded."
        )
    return url.set(drivername=DRIVER)


def _ambiguous(url: URL, text: str) -> bool:
    """Tells whether a bare special character may have made part of a password something else.

    Host, port, database and user are shown in messages.
    """
    shown = f"{url.host or ''} {url.database}"
    return (
        text.count("@") > 1
        or any(mark in shown for mark in "@&;=?/#")
        or ":" in (url.username or "")
        or any("\0" in part for part in (shown, url.username or "", str(url.password or "")))
    )


def describe_url(url: URL) -> str:
    """Returns ``host:port/database``, the host of a Unix socket being its folder."""
    socket_folder = url.query.get("host")
    if isinstance(socket_folder, tuple):
        socket_folder = ",".join(socket_folder)
    host = url.host or socket_folder or "localhost"
    return f"{host}:{url.port or 5432}/{url.database}"


def url_template(url: URL, *, user: str, password: str | None) -> str:
    """Returns the address for somebody else to fill in: of its parameters just a socket's folder.

    Args:
        url: The address; neither its user nor its password is shown.
        user: What stands in the user's place.
        password: What stands in the password's place; None where none is needed.
    """
    given = url.query.get("host")
    socket = given if isinstance(given, str) and given.startswith("/") and not url.host else None
    bare = URL.create(
        "postgresql",
        username=user,
        password=password,
        host=None if socket else url.host or ("localhost" if given is None else str(given)),
        port=url.port if socket else url.port or 5432,
        database=url.database,
    ).render_as_string(hide_password=False)
    return f"{bare}?host={quote(socket)}" if socket else bare


def server_address(url: URL) -> tuple[str, str]:
    """Returns host and port in a form to compare: all names of this machine are one."""
    settings = _libpq_settings(url)
    host = str(settings.get("host", "")).lower()
    if host in _THIS_MACHINE or host.startswith(("/", "@")):
        host = "localhost"
    return host, str(settings.get("port", 5432))


def _libpq_settings(url: URL) -> dict[str, Any]:
    _, settings = psycopg2.dialect().create_connect_args(url)  # type: ignore[no-untyped-call]
    return dict(settings)
