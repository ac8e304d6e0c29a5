"""Makes a server ready for a migration, as an administrator would by hand: role, database, rights.

What is there already stays as it is, so that a second time changes nothing. The role's password
leaves this process only as a SCRAM verifier, since the text of statements may end in the
server's log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import extensions, sql

from bizy_assets.core.errors import ConfigurationError, PasswordError, TargetError
from bizy_assets.core.granting import (
    DATABASE,
    SCHEMA,
    Kind,
    acting_for,
    grant,
    lacking,
    require_attribute,
)
from bizy_assets.core.naming import ADMIN_VARIABLE, require_names, require_same_server
from bizy_assets.core.postgres import (
    acquire_lock,
    connect,
    describe_url,
    execute,
    raw_connection,
    require_utf8,
)
from bizy_assets.core.target import preflight

_PUBLIC = "public"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that was done or found.

    Attributes:
        name: What it is about.
        text: What was done or found.
        changed: Whether it was done.
    """

    name: str
    text: str
    changed: bool = False


def provision(
    admin: sa.URL, wanted: sa.URL, *, change_password: bool, lock_wait_seconds: float
) -> Iterator[Step]:
    """Makes what a migration needs, one step after the other, and tries it.

    Args:
        admin: Address of somebody who may create roles and databases; the database in it is
            merely passed through.
        wanted: The migration's target: whose role, password and database there shall be.
        change_password: Whether a role that has another password gets this one.
        lock_wait_seconds: How long to wait for another run.

    Yields:
        Each thing as soon as it is done or found.

    Raises:
        ConfigurationError: The addresses do not fit each other, or hold an impossible name.
        TargetError: The server refuses something, with what to do.
    """
    require_names(wanted)
    require_same_server(admin, wanted)
    with _administering(admin, lock_wait_seconds) as connection:
        yield _server(connection)
        owner = _owner(connection, wanted)
        let_in = _is_let_in(connection, wanted)
        yield from _ensure_role(connection, wanted, let_in=let_in, change_password=change_password)
        yield _ensure_database(connection, wanted, owner)
        yield _ensure_rights(connection, DATABASE, str(wanted.database), wanted)
        with _logged_in(wanted) as own:
            _require_one_server(connection, own)
            yield _ensure_schema(own, admin, wanted)
            preflight(own, wanted.username)
    yield Step(
        name="connection",
        text=f"role {wanted.username!r} logs in to {describe_url(wanted)}, and migrate can run",
    )


@contextmanager
def _administering(url: sa.URL, lock_wait_seconds: float | None = None) -> Iterator[sa.Connection]:
    """Connects as the administrator, and then commits every statement.

    Args:
        url: Whom and where.
        lock_wait_seconds: How long to wait for another run; None where this one holds its lock.
    """
    with connect(
        url, purpose="provision", variable=ADMIN_VARIABLE, any_encoding=True
    ) as connection:
        if lock_wait_seconds is not None:
            acquire_lock(connection, url, wait_seconds=lock_wait_seconds)
        # A database cannot be created within a transaction.
        connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


def _server(connection: sa.Connection) -> Step:
    version = raw_connection(connection).info.parameter_status("server_version")
    where = describe_url(connection.engine.url)
    return Step(name="server", text=f"PostgreSQL {version} answers at {where}")


_DATABASE = sa.text(
    """
    SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,
           datistemplate AS is_template
    FROM pg_database WHERE datname = :name
    """
)


def _owner(connection: sa.Connection, wanted: sa.URL) -> str | None:
    """Returns who owns the database, or None where there is none yet.

    Raises:
        TargetError: There is one that cannot be the target.
    """
    found = connection.execute(_DATABASE, {"name": wanted.database}).one_or_none()
    if found is None:
        return None
    require_utf8(found.encoding, wanted)
    if found.is_template:
        raise TargetError(
            f"The database {describe_url(wanted)} is a template that new databases are copied from; "
            "name another one in DATABASE_URL."
        )
    return str(found.owner)


_ROLE = sa.text(
    """
    SELECT rolcanlogin AS may_log_in, rolvaliduntil < now() AS is_expired
    FROM pg_roles WHERE rolname = :name
    """
)


def _ensure_role(
    connection: sa.Connection, wanted: sa.URL, *, let_in: bool, change_password: bool
) -> Iterator[Step]:
    role = wanted.username
    found = connection.execute(_ROLE, {"name": role}).one_or_none()
    if found is None:
        require_attribute(connection, "CREATEROLE", "roles")
        _write_role(connection, "CREATE ROLE {} LOGIN", wanted)
        with_what = "the password of DATABASE_URL" if wanted.password else "no password"
        yield Step(name="role", text=f"created role {role!r} with {with_what}", changed=True)
        return
    if not found.may_log_in:
        raise _mendable(connection, wanted, "may not log in (NOLOGIN)", "LOGIN")
    yield Step(name="role", text=f"found role {role!r}")
    if let_in or not wanted.password:
        return
    if found.is_expired:
        raise _mendable(connection, wanted, "has an expired password", "VALID UNTIL 'infinity'")
    if not change_password:
        raise PasswordError(
            f"The role {role!r} exists at {describe_url(connection.engine.url)}, but not with the "
            "password that DATABASE_URL gives; correct it there, or run provision with "
            "change_password: true to give the role that password."
        )
    _write_role(connection, "ALTER ROLE {}", wanted)
    yield Step(name="password", text=f"changed the password of role {role!r}", changed=True)


def _write_role(connection: sa.Connection, statement: str, wanted: sa.URL) -> None:
    """Runs a statement about the role that sets its password, if there is one to set."""
    written = sql.SQL(statement).format(sql.Identifier(str(wanted.username)))
    if wanted.password:
        verifier = extensions.encrypt_password(
            str(wanted.password),
            str(wanted.username),
            scope=raw_connection(connection),
            algorithm="scram-sha-256",
        )
        written += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier))
    execute(connection, written)


def _is_let_in(admin: sa.Connection, wanted: sa.URL) -> bool:
    """Tells whether the server takes the role's password, whatever else it may refuse.

    Raises:
        ConfigurationError: It is another server.
    """
    try:
        with connect(wanted, purpose="provision", any_encoding=True) as own:
            _require_one_server(admin, own)
    except PasswordError:
        return False
    except TargetError:
        # The password is asked for first; what is missing behind it may be about to be made.
        return True
    return True


def _mendable(connection: sa.Connection, wanted: sa.URL, fault: str, attribute: str) -> TargetError:
    """Makes the error about a role that others set up so, perhaps with a purpose."""
    mend = sql.SQL("ALTER ROLE {} {}").format(
        sql.Identifier(str(wanted.username)), sql.SQL(attribute)
    )
    return TargetError(
        f"The role {wanted.username!r} exists at {describe_url(connection.engine.url)} and {fault}; "
        "name another one in DATABASE_URL, or, if that is not on purpose, let its administrator "
        f"run: {mend.as_string(raw_connection(connection))}."
    )


_NEEDS_LOCALE = sa.text(
    "SELECT pg_encoding_to_char(encoding) <> 'UTF8' FROM pg_database WHERE datname = 'template0'"
)


def _ensure_database(connection: sa.Connection, wanted: sa.URL, owner: str | None) -> Step:
    name, role = str(wanted.database), str(wanted.username)
    if owner is not None:
        return Step(name="database", text=f"found database {name!r}, which {owner!r} owns")
    require_attribute(connection, "CREATEDB", "databases")
    # Others' additions to template1 are not for us, and its encoding may be another.
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
        sql.Identifier(name), sql.Identifier(role)
    )
    if connection.scalar(_NEEDS_LOCALE):
        # The server's own locale belongs to its own encoding; this one goes with every encoding.
        statement += sql.SQL(" LOCALE 'C'")
    with acting_for(connection, role):
        execute(connection, statement)
    text = f"created database {name!r} for UTF8, which {role!r} owns"
    return Step(name="database", text=text, changed=True)


def _ensure_rights(connection: sa.Connection, kind: Kind, name: str, wanted: sa.URL) -> Step:
    granted = grant(connection, kind, name, str(wanted.username))
    return _rights(kind, name, wanted, granted)


def _rights(kind: Kind, name: str, wanted: sa.URL, granted: list[str]) -> Step:
    what = f"{kind.word.lower()} {name!r}"
    text = f"role {wanted.username!r} has {', '.join(kind.rights)} on {what}"
    if granted:
        text = f"granted {', '.join(granted)} on {what} to role {wanted.username!r}"
    return Step(name=f"rights on the {kind.word.lower()}", text=text, changed=bool(granted))


@contextmanager
def _logged_in(wanted: sa.URL) -> Iterator[sa.Connection]:
    """Connects as the migration will, and writes nothing.

    Raises:
        ConfigurationError: The role has this password, but not there.
        PasswordError: The server wants a password, and there is none.
        TargetError: It does not let the role in.
    """
    try:
        with connect(wanted, purpose="provision") as connection, connection.begin():
            yield connection
    except PasswordError:
        if wanted.password:
            raise _two_servers() from None
        raise PasswordError(
            f"PostgreSQL at {describe_url(wanted)} wants a password of role {wanted.username!r}, but "
            "DATABASE_URL gives none; write one there, and run provision with change_password: "
            "true to give it to the role."
        ) from None


def _ensure_schema(own: sa.Connection, admin: sa.URL, wanted: sa.URL) -> Step:
    """Makes sure that the role may use ``public``: before PostgreSQL 15 everybody may."""
    # The role itself is asked, since its administrator may not even be let into its database.
    if not lacking(own, SCHEMA, _PUBLIC, str(wanted.username)):
        return _rights(SCHEMA, _PUBLIC, wanted, [])
    with _administering(admin.set(database=wanted.database)) as connection:
        if connection.scalar(sa.text("SELECT to_regnamespace('public') IS NULL")):
            execute(connection, sql.SQL("CREATE SCHEMA public"))
        return _ensure_rights(connection, SCHEMA, _PUBLIC, wanted)


_STARTED = sa.text("SELECT pg_postmaster_start_time()")


def _require_one_server(admin: sa.Connection, own: sa.Connection) -> None:
    """Makes sure that two names of one machine, a socket and a port, lead to one server."""
    if admin.scalar(_STARTED) != own.scalar(_STARTED):
        raise _two_servers()


def _two_servers() -> ConfigurationError:
    return ConfigurationError(
        f"{ADMIN_VARIABLE} and DATABASE_URL lead to two different servers; write the same host "
        "and port in both."
    )
