"""Settings of a session: the same whatever the role, the database or a pooler has configured.

They are set before any other statement, also before those that SQLAlchemy runs on a new connection.
``search_path`` is among them. Operators and functions are only found in schemas in which no other
role may create any, because PostgreSQL prefers one that fits the types of a call better.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from psycopg2 import errors, sql
from psycopg2 import extensions as psycopg2_extensions
from sqlalchemy import event

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import pooler, urls

SEARCH_PATH = ("pg_catalog", "pg_temp")
"""Statements name the schema of every other object."""

_STRINGS = "standard_conforming_strings"

_SETTINGS = {
    # How statements are read, and whether and when they take effect.
    _STRINGS: "on",
    "backslash_quote": "safe_encoding",
    "transform_null_equals": "off",
    "array_nulls": "on",
    "quote_all_identifiers": "off",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    # Fail rather than let a row policy hide rows.
    "row_security": "off",
    # How new tables and indexes are stored. Temporary files may lie where the server wants them.
    "default_table_access_method": "heap",
    "default_tablespace": "",
    # How values are read and shown. A row that is recorded as JSON and restored from it may have
    # columns of any type.
    "TimeZone": "UTC",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "xmloption": "content",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    # No timeout ends a long transaction.
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    # By default, a client whose machine or network is gone keeps its locks for two hours; with
    # these it is about a minute. PostgreSQL ignores them on a Unix socket.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_SINCE = {
    "default_table_access_method": 12,
    "idle_session_timeout": 14,
    "transaction_timeout": 17,
}
"""The first major version with a setting that older servers do not know."""

PID = "bizy pid"
_POOLED = "bizy pooled"
"""Keys in a connection record's ``info``: the session's number, and whether a pooler lends it."""

_NAME: ContextVar[dict[str, str]] = ContextVar("bizy_application_name", default={})  # noqa: B039

_SET = sql.SQL("SET {} TO {}")
_ENABLE_TRIGGERS = sql.SQL(
    "SELECT set_config('session_replication_role', 'origin', false) "
    "WHERE current_setting('session_replication_role') <> 'origin'"
)
"""Only superusers may set it, so it is set only if necessary."""


def open_session(
    search_path: tuple[str, ...] = SEARCH_PATH,
    *,
    is_tested: bool = True,
    **parameters: Any,  # noqa: ANN401 - as psycopg2
) -> psycopg2_extensions.connection:
    """Open a connection with libpq's parameters, and set its session up.

    Unqualified new objects go to the first schema of the path; PostgreSQL searches ``pg_catalog``
    before all others where the path does not name it. ``is_tested``: a pooler has to prove that it
    keeps sessions.

    Raises:
        TargetError: Triggers and foreign keys are disabled for the role, which may not enable them.
    """
    return _open(search_path, parameters, is_tested=is_tested)[0]


def end_session(raw: psycopg2_extensions.connection) -> None:
    """Close a session, and leave nothing of it to a pooler."""
    pooler.give_back(raw)
    raw.close()


def _open(
    search_path: tuple[str, ...], parameters: dict[str, Any], *, is_tested: bool = True
) -> tuple[psycopg2_extensions.connection, int]:
    """Open a session, and return it with its number on the server."""
    # psycopg2 decides when it connects how it decodes and quotes text, whatever is SET later.
    options = f"{parameters.get('options', '')} -c {_STRINGS}=on".strip()
    own = {"client_encoding": "UTF8", "options": options}
    raw, pid = pooler.connect({**urls.NO_ADDRESS, **parameters, **own}, is_tested=is_tested)
    try:
        _require_standard_strings(raw)
        with raw.cursor() as cursor:
            cursor.execute(_statement(raw.server_version, search_path))
        raw.autocommit = False
    except errors.InsufficientPrivilege:
        role = raw.info.user
        raw.close()
        raise TargetError(
            f"For the role {role!r} the setting session_replication_role disables "
            "triggers and foreign keys, and the role may not change it; have a superuser reset it "
            "(ALTER ROLE … RESET session_replication_role, or ALTER DATABASE …)."
        ) from None
    except BaseException:
        raw.close()
        raise
    return raw, pid


def _require_standard_strings(raw: psycopg2_extensions.connection) -> None:
    # Only a pooler can have left the parameter out.
    if raw.info.parameter_status(_STRINGS) != "on":
        raise TargetError(
            f"For the role {raw.info.user!r} the setting {_STRINGS} is off, which a connection "
            f"pooler does not let a session change at its start; have an administrator reset it "
            f"(ALTER ROLE … RESET {_STRINGS}, or ALTER DATABASE …)."
        )


def session_label(application_name: str | None, pid: int) -> str:
    """Return how messages name another session."""
    return f"{application_name or 'an unnamed session'} (pid {pid})"


@contextmanager
def application_name(name: str) -> Iterator[None]:
    """Give the sessions that this block opens a name, which PostgreSQL shows."""
    token = _NAME.set({"application_name": name})
    try:
        yield
    finally:
        _NAME.reset(token)


def open_sessions_of(engine: sa.Engine, search_path: tuple[str, ...] = SEARCH_PATH) -> None:
    """Make an engine open sessions as ``open_session``, and give a pooler its sessions back."""

    @event.listens_for(engine, "do_connect")
    def _connect(
        _dialect: object,
        record: Any,  # noqa: ANN401 - a record of SQLAlchemy's pool
        _arguments: object,
        parameters: dict[str, object],
    ) -> psycopg2_extensions.connection:
        raw, record.info[PID] = _open(search_path, {**parameters, **_NAME.get()})
        record.info[_POOLED] = pooler.is_pooled(raw, record.info[PID])
        return raw

    @event.listens_for(engine, "close")
    def _close(raw: psycopg2_extensions.connection, record: Any) -> None:  # noqa: ANN401
        if record.info.get(_POOLED):
            pooler.give_back(raw)


def startup_options(raw: psycopg2_extensions.connection) -> str:
    """Return libpq's parameter ``options`` that opens another session with the same settings.

    It includes the options with which this connection was opened.
    """
    settings = _known_settings(raw.server_version) | {"search_path": ", ".join(SEARCH_PATH)}
    own = (f"-c {name}={_escape(value)}" for name, value in settings.items())
    return " ".join([raw.info.dsn_parameters.get("options", ""), *own])


def _statement(server_version: int, search_path: tuple[str, ...]) -> sql.Composable:
    path = sql.SQL(", ").join(map(sql.Literal, search_path))
    settings = [
        _SET.format(sql.SQL(name), sql.Literal(value))
        for name, value in _known_settings(server_version).items()
    ]
    first = _SET.format(sql.SQL("search_path"), path)
    return sql.SQL("; ").join([first, *settings, _ENABLE_TRIGGERS])


def _known_settings(server_version: int) -> dict[str, str]:
    major = server_version // 10_000
    return {name: value for name, value in _SETTINGS.items() if major >= _SINCE.get(name, 0)}


def _escape(value: str) -> str:
    return value.replace(" ", "\\ ")
