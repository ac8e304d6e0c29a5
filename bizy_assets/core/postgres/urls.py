"""Connection URLs: parsing, comparison, and forms that are safe to show.

A URL may contain a password, so messages use ``describe_url`` instead.
"""

from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.dialects.postgresql import psycopg2
from sqlalchemy.exc import ArgumentError

from bizy_assets.core.errors import ConfigurationError

DRIVER = "postgresql+psycopg2"
"""Scheme of all connection URLs, so that no library chooses another driver."""

_THIS_MACHINE = {"", "localhost", "127.0.0.1", "::1"}
_ACCEPTED = {"postgres", "postgresql", DRIVER}


def parse_url(text: str, *, variable: str) -> URL:
    """Parse a connection URL and set its driver; the error names the variable that holds it.

    Raises:
        ConfigurationError: It is not the connection URL of a PostgreSQL database. The message
            does not repeat the text, which may contain a password.
    """
    try:
        url = make_url(text)
        if url.drivername in _ACCEPTED:
            # Checks the parameters now, which would otherwise fail only when connecting.
            _libpq_settings(url)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _ACCEPTED or not url.database or _ambiguous(url, text):
        raise ConfigurationError(
            f"{variable} is not the connection URL of a PostgreSQL database; write it like "
            "postgresql://user:password@localhost:5432/bizy, with special characters in the "
            "password percent-encoded."
        )
    return url.set(drivername=DRIVER)


def _ambiguous(url: URL, text: str) -> bool:
    """Return whether an unencoded special character may have put part of a password elsewhere.

    Host, port, database and user appear in messages.
    """
    shown = f"{url.host or ''} {url.database}"
    return (
        text.count("@") > 1
        or any(mark in shown for mark in "@&;=?/#")
        or ":" in (url.username or "")
        or any("\0" in part for part in (shown, url.username or "", str(url.password or "")))
    )


def describe_url(url: URL) -> str:
    """Return ``host:port/database``; the host of a Unix socket is its folder."""
    socket_folder = url.query.get("host")
    if isinstance(socket_folder, tuple):
        socket_folder = ",".join(socket_folder)
    host = url.host or socket_folder or "localhost"
    return f"{host}:{url.port or 5432}/{url.database}"


def url_template(url: URL, *, user: str, password: str | None) -> str:
    """Return a connection URL with another user and password, or placeholders for them.

    Of its parameters only the folder of a Unix socket remains.
    """
    host = url.query.get("host")
    socket = host if isinstance(host, str) and host.startswith("/") and not url.host else None
    bare = URL.create(
        "postgresql",
        username=user,
        password=password,
        host=None if socket else url.host or ("localhost" if host is None else str(host)),
        port=url.port if socket else url.port or 5432,
        database=url.database,
    ).render_as_string(hide_password=False)
    return f"{bare}?host={quote(socket)}" if socket else bare


def server_address(url: URL) -> tuple[str, str]:
    """Return host and port for comparison, with one name for all local addresses."""
    settings = _libpq_settings(url)
    host = str(settings.get("host", "")).lower()
    if host in _THIS_MACHINE or host.startswith(("/", "@")):
        host = "localhost"
    return host, str(settings.get("port", 5432))


def _libpq_settings(url: URL) -> dict[str, Any]:
    _, settings = psycopg2.dialect().create_connect_args(url)  # type: ignore[no-untyped-call]
    return dict(settings)
