"""Prepare a server for a migration as an administrator would: role, database and privileges.

Existing objects are left as they are, so a second run changes nothing. The role's password leaves
this process only as a SCRAM verifier, because the server may log the text of statements.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import extensions, sql

from bizy_assets.core.errors import PasswordError, TargetError
from bizy_assets.core.postgres import describe_url, execute, raw_connection, require_utf8
from bizy_assets.core.server import connections, grants
from bizy_assets.core.target import ddl

_PUBLIC = "public"


@dataclass(frozen=True)
class ProvisionStep:
    """Result of one step: its subject, what it found or did, and whether it changed the server."""

    name: str
    text: str
    changed: bool = False


def provision(
    admin_url: sa.URL, target_url: sa.URL, *, change_password: bool, lock_wait_seconds: float
) -> Iterator[ProvisionStep]:
    """Create what a migration requires and is missing, and test it.

    The administrator's URL is that of a role that may create roles and databases; its database is
    only used to connect. The target's URL names role, password and database of the migration;
    ``change_password`` permits setting that password if the role has another one.

    Yields:
        The result of each step as soon as it ends.

    Raises:
        ConfigurationError: The URLs do not name one server, or contain an invalid name.
        TargetError: The server refuses a step; the message has the remedy.
    """
    connections.require_valid_names(target_url)
    connections.require_same_server(admin_url, target_url)
    with connections.connected_as_admin(admin_url, lock_wait_seconds) as admin:
        version = raw_connection(admin).info.parameter_status("server_version")
        yield ProvisionStep("server", f"PostgreSQL {version} answers at {describe_url(admin_url)}")
        owner = _database_owner(admin, target_url)
        valid = connections.is_password_valid(admin, target_url)
        yield from _ensure_role(
            admin, target_url, password_is_valid=valid, change_password=change_password
        )
        yield _ensure_database(admin, target_url, owner)
        yield _ensure_privileges(admin, grants.DATABASE, str(target_url.database), target_url)
        with connections.connected_as_role(target_url) as own:
            connections.require_same_instance(admin, own)
            yield _ensure_schema(own, admin_url, target_url)
            ddl.preflight(own)
    role, where = target_url.username, describe_url(target_url)
    yield ProvisionStep("connection", f"role {role!r} can connect to {where}; migrate can run")


_DATABASE = sa.text("""
    SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,
           datistemplate AS is_template
    FROM pg_database WHERE datname = :name
""")


def _database_owner(connection: sa.Connection, target_url: sa.URL) -> str | None:
    """Return the owner of the database, which must be fit for a target; None if there is none."""
    found = connection.execute(_DATABASE, {"name": target_url.database}).one_or_none()
    if found is None:
        return None
    require_utf8(found.encoding, target_url)
    if found.is_template:
        raise TargetError(
            f"The database {describe_url(target_url)} is a template for new databases; name "
            "another database in DATABASE_URL."
        )
    return str(found.owner)


_ROLE = sa.text("""
    SELECT rolcanlogin AS may_log_in, rolvaliduntil < now() AS is_expired
    FROM pg_roles WHERE rolname = :name
""")


def _ensure_role(
    connection: sa.Connection, target_url: sa.URL, *, password_is_valid: bool, change_password: bool
) -> Iterator[ProvisionStep]:
    role = target_url.username
    found = connection.execute(_ROLE, {"name": role}).one_or_none()
    if found is None:
        grants.require_attribute(connection, "CREATEROLE", "roles")
        _write_role(connection, "CREATE ROLE {} LOGIN", target_url)
        password = "the password of DATABASE_URL" if target_url.password else "no password"
        yield ProvisionStep("role", f"created role {role!r} with {password}", changed=True)
        return
    if not found.may_log_in:
        raise _unusable_role(connection, target_url, "may not log in (NOLOGIN)", "LOGIN")
    yield ProvisionStep("role", f"found role {role!r}")
    if password_is_valid or not target_url.password:
        return
    if found.is_expired:
        raise _unusable_role(
            connection, target_url, "has an expired password", "VALID UNTIL 'infinity'"
        )
    if not change_password:
        raise PasswordError(
            f"The role {role!r} exists at {describe_url(connection.engine.url)}, but its password "
            "is not the one in DATABASE_URL; correct DATABASE_URL, or run provision with "
            "change_password: true to set that password."
        )
    _write_role(connection, "ALTER ROLE {}", target_url)
    yield ProvisionStep("password", f"changed the password of role {role!r}", changed=True)


def _write_role(connection: sa.Connection, statement: str, target_url: sa.URL) -> None:
    """Create or alter the role, with the password of the URL if there is one."""
    written = sql.SQL(statement).format(sql.Identifier(str(target_url.username)))
    if target_url.password:
        verifier = extensions.encrypt_password(
            str(target_url.password),
            str(target_url.username),
            scope=raw_connection(connection),
            algorithm="scram-sha-256",
        )
        written += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier))
    execute(connection, written)


def _unusable_role(
    connection: sa.Connection, target_url: sa.URL, problem: str, attribute: str
) -> TargetError:
    """Return the error for a role that its administrator may have restricted on purpose."""
    fix = sql.SQL("ALTER ROLE {} {}").format(
        sql.Identifier(str(target_url.username)), sql.SQL(attribute)
    )
    return TargetError(
        f"The role {target_url.username!r} exists at {describe_url(connection.engine.url)} and "
        f"{problem}; name another role in DATABASE_URL, or, if that is unintended, have its "
        f"administrator run: {fix.as_string(raw_connection(connection))}."
    )


_NEEDS_LOCALE = sa.text(
    "SELECT pg_encoding_to_char(encoding) <> 'UTF8' FROM pg_database WHERE datname = 'template0'"
)


def _ensure_database(
    connection: sa.Connection, target_url: sa.URL, owner: str | None
) -> ProvisionStep:
    name, role = str(target_url.database), str(target_url.username)
    if owner is not None:
        return ProvisionStep("database", f"found database {name!r}, owned by {owner!r}")
    grants.require_attribute(connection, "CREATEDB", "databases")
    # Unlike template1, template0 has no local additions and allows any encoding.
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
        sql.Identifier(name), sql.Identifier(role)
    )
    if connection.scalar(_NEEDS_LOCALE):
        # The server's own locale may require its encoding; C works with every encoding.
        statement += sql.SQL(" LOCALE 'C'")
    with grants.acting_as(connection, role):
        execute(connection, statement)
    text = f"created UTF8 database {name!r}, owned by {role!r}"
    return ProvisionStep("database", text, changed=True)


def _ensure_privileges(
    connection: sa.Connection, object_type: grants.GrantTarget, name: str, target_url: sa.URL
) -> ProvisionStep:
    granted = grants.grant_missing(connection, object_type, name, str(target_url.username))
    return _privileges_step(object_type, name, target_url, granted)


def _privileges_step(
    object_type: grants.GrantTarget, name: str, target_url: sa.URL, granted: list[str]
) -> ProvisionStep:
    role, where = target_url.username, object_type.named(name)
    text = f"role {role!r} has {', '.join(object_type.privileges)} on {where}"
    if granted:
        text = f"granted {', '.join(granted)} on {where} to role {role!r}"
    step = f"rights on the {object_type.keyword.lower()}"
    return ProvisionStep(step, text, changed=bool(granted))


def _ensure_schema(own: sa.Connection, admin_url: sa.URL, target_url: sa.URL) -> ProvisionStep:
    """Ensure that the role may use ``public``; before PostgreSQL 15 every role may."""
    # Check as the role itself: the administrator may be unable to connect to its database.
    if not grants.missing_privileges(own, grants.SCHEMA, _PUBLIC, str(target_url.username)):
        return _privileges_step(grants.SCHEMA, _PUBLIC, target_url, [])
    with connections.connected_as_admin(admin_url.set(database=target_url.database)) as connection:
        if connection.scalar(sa.text("SELECT to_regnamespace('public') IS NULL")):
            execute(connection, sql.SQL("CREATE SCHEMA public"))
        return _ensure_privileges(connection, grants.SCHEMA, _PUBLIC, target_url)
