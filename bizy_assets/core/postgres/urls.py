"""Connection URLs: one normal form of every address that libpq accepts, and what may be shown.

In the normal form, role, password and database are in their usual places, and everything else,
host and port included, is one of libpq's parameters. What libpq would add from a service or from
the environment is part of it, so that every driver connects to the same server and messages name
it. A URL may contain a password, so messages use ``describe_url`` instead.
"""

import os
import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import extensions
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql import psycopg2 as dialect

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres.services import service_parameters

DRIVER = "postgresql+psycopg2"
"""Scheme of all connection URLs, so that no library chooses another driver."""

_SOCKET_FOLDER = "/var/run/postgresql"
"""Where psycopg2's libpq looks for a socket by default; that of ADBC looks in ``/tmp``."""

_ENVIRONMENT = {
    "PGHOST": "host",
    "PGHOSTADDR": "hostaddr",
    "PGPORT": "port",
    "PGDATABASE": "dbname",
    "PGUSER": "user",
    "PGOPTIONS": "options",
}
"""Variables of libpq that are part of the normal form; libpq itself applies all others."""

NO_ADDRESS = {"hostaddr": ""}
"""Parameter that keeps libpq from reading ``PGHOSTADDR``, which would replace the host of a URL."""

_EXAMPLE = "postgresql://user:password@localhost:5432/bizy"
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
_UNKNOWN_PARAMETER = re.compile(r'(?:parameter|option)[: ]+"(\w+)"')


def parse_url(text: str, *, variable: str) -> URL:
    """Parse an address, a URL or libpq's keywords and values, and return its normal form.

    Raises:
        ConfigurationError: It is not the address of a PostgreSQL database, or it is ambiguous.
            The message names the variable that holds it, and does not repeat the text, which may
            contain a password.
    """
    address = re.sub(r"^postgresql\+psycopg2://", "postgresql://", text)
    try:
        given = extensions.parse_dsn(address)
    except (psycopg2.ProgrammingError, ValueError) as error:
        raise ConfigurationError(_invalid(variable, text, str(error))) from None
    parameters = _complete(given)
    if _is_ambiguous(address, parameters):
        raise ConfigurationError(_unencoded(variable))
    if parameters["host"].count(",") != parameters["port"].count(","):
        raise ConfigurationError(
            f"{variable} has several hosts and another number of ports; give one port for all "
            "hosts, or one for each."
        )
    if not parameters.get("dbname"):
        raise ConfigurationError(
            f"{variable} names no database; append its name, as in {_EXAMPLE}."
        )
    return URL.create(
        DRIVER,
        username=parameters.pop("user", None),
        password=parameters.pop("password", None),
        database=parameters.pop("dbname"),
        query=parameters,
    )


def describe_url(url: URL) -> str:
    """Return ``host:port/database``; the host of a Unix socket is its folder."""
    names = (
        f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in _servers(url)
    )
    return f"{','.join(names)}/{url.database}"


def url_template(url: URL, *, user: str, password: str | None) -> str:
    """Return a connection URL with another user and password, or placeholders for them.

    Of its parameters only host and port remain.
    """
    servers = _servers(url)
    host, port = servers[0]
    in_query = len(servers) > 1 or host.startswith("/")
    bare = URL.create(
        "postgresql",
        username=user,
        password=password,
        host=None if in_query else host,
        port=None if len(servers) > 1 or (in_query and port == "5432") else int(port),
        database=url.database,
    ).render_as_string(hide_password=False)
    hosts, ports = (",".join(values) for values in zip(*servers, strict=True))
    if len(servers) > 1:
        return f"{bare}?host={quote(hosts, safe='/,')}&port={ports}"
    return f"{bare}?host={quote(host)}" if in_query else bare


def server_addresses(url: URL) -> list[tuple[str, str]]:
    """Return hosts and ports for comparison, with one name for all local addresses."""
    return [
        ("localhost" if host in _THIS_MACHINE or host.startswith(("/", "@")) else host, port)
        for host, port in _servers(url)
    ]


def libpq_parameters(url: URL) -> dict[str, Any]:
    """Return the parameters with which libpq connects; they may contain a password."""
    _, parameters = dialect.dialect().create_connect_args(url)  # type: ignore[no-untyped-call]
    return {**NO_ADDRESS, **parameters}


def _complete(given: dict[str, str]) -> dict[str, str]:
    """Add what libpq would add from a service, the environment and its defaults."""
    service = given.pop("service", None) or os.environ.get("PGSERVICE")
    inherited = {key: os.environ.get(name, "") for name, key in _ENVIRONMENT.items()}
    if service:
        inherited |= service_parameters(service)
    try:
        extensions.make_dsn(**inherited)
    except psycopg2.ProgrammingError as error:
        found = _UNKNOWN_PARAMETER.search(str(error))
        where = f"The PostgreSQL service {service!r}"
        raise ConfigurationError(_unknown_parameter(where, found[1] if found else "")) from None
    parameters = {key: value for key, value in (inherited | given).items() if value}
    hosts = parameters.get("host", parameters.get("hostaddr", "")).split(",")
    ports = parameters.get("port", "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    parameters["host"] = ",".join(host or _SOCKET_FOLDER for host in hosts)
    parameters["port"] = ",".join(port or "5432" for port in ports)
    return parameters


def _servers(url: URL) -> list[tuple[str, str]]:
    """Return the host and the port of each server of a URL."""
    parameters = libpq_parameters(url)
    hosts = str(parameters.get("hostaddr") or parameters.get("host") or _SOCKET_FOLDER).split(",")
    ports = str(parameters.get("port", 5432)).split(",")
    # Names of hosts are not case-sensitive.
    names = (os.path.normpath(host) if host.startswith("/") else host.lower() for host in hosts)
    return list(zip(names, ports, strict=False))


def _is_ambiguous(address: str, parameters: dict[str, str]) -> bool:
    """Return whether an unencoded special character may have put part of a password elsewhere.

    Host, port, database and user appear in messages.
    """
    hosts = f"{parameters.get('host', '')},{parameters.get('hostaddr', '')}".split(",")
    ports = parameters["port"].split(",")
    return (
        ("://" in address and address.count("@") > 1)
        or not all(map(_is_host, filter(None, hosts)))
        or not all(port.isdecimal() and 0 < int(port) < 2**16 for port in ports)
        or any(mark in parameters.get("dbname", "") for mark in "@&;=?/#")
        or ":" in parameters.get("user", "")
    )


def _is_host(text: str) -> bool:
    if text.startswith(("/", "@")) or re.fullmatch(r"[\w.-]+", text):
        return True
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _invalid(variable: str, text: str, problem: str) -> str:
    """Return the sentence for an address that libpq cannot parse.

    The problem is libpq's and may quote any part of the text.
    """
    is_split = text.startswith("postgres") and "@" in text.partition("?")[2]
    if is_split or "percent-encoded" in problem:
        return _unencoded(variable)
    if found := _UNKNOWN_PARAMETER.search(problem):
        return _unknown_parameter(variable, found[1])
    return (
        f"{variable} is not the connection URL of a PostgreSQL database; write it like {_EXAMPLE}, "
        "with special characters in the password percent-encoded."
    )


def _unknown_parameter(where: str, name: str) -> str:
    return (
        f"{where} contains the parameter {name!r}, which PostgreSQL's client library does not "
        "know; remove it (the tables are always in schema public)."
    )


def _unencoded(variable: str) -> str:
    return (
        f"{variable} cannot be read reliably as a connection URL, probably because its user or "
        "password contains a special character; write @ as %40, : as %3A, / as %2F, ? as %3F, "
        "# as %23 and % as %25."
    )
