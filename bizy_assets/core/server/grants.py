"""Grant a role the privileges it lacks, as the server's administrator.

The administrator need not be a superuser. Without the necessary privilege GRANT may only warn
instead of failing, so every grant is verified afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url, execute, raw_connection
from bizy_assets.core.server.connections import ADMIN_URL_VARIABLE


@dataclass(frozen=True, kw_only=True)
class GrantTarget:
    """A type of object by its keyword in GRANT, and the privileges that a migration requires on it.

    ``missing`` is the query for those of ``:privileges`` that a role lacks.
    """

    keyword: str
    privileges: tuple[str, ...]
    missing: sa.TextClause

    def named(self, name: str) -> str:
        """Return the object of a name as messages show it."""
        return f"{self.keyword.lower()} {name!r}"


DATABASE = GrantTarget(
    keyword="DATABASE",
    privileges=("CONNECT", "CREATE", "TEMPORARY"),
    missing=sa.text(
        "SELECT wanted FROM unnest(CAST(:privileges AS text[])) AS wanted WHERE "
        "NOT has_database_privilege(CAST(:role AS name), CAST(:name AS text), wanted)"
    ),
)
SCHEMA = GrantTarget(
    keyword="SCHEMA",
    privileges=("USAGE", "CREATE"),
    # NULL if the schema does not exist.
    missing=sa.text(
        "SELECT wanted FROM unnest(CAST(:privileges AS text[])) AS wanted WHERE "
        "has_schema_privilege(CAST(:role AS name), to_regnamespace(:name), wanted) IS NOT TRUE"
    ),
)

_HAS_ATTRIBUTE = {
    "CREATEROLE": sa.text(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ),
    "CREATEDB": sa.text(
        "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    ),
}

_MAY_ACT_AS = sa.text("SELECT pg_has_role(CAST(:role AS name), :privilege)")


def missing_privileges(
    connection: sa.Connection, target: GrantTarget, name: str, role: str
) -> list[str]:
    """Return the privileges on an object that a role requires and lacks."""
    values = {"privileges": list(target.privileges), "name": name, "role": role}
    return list(connection.scalars(target.missing, values))


def grant_missing(
    connection: sa.Connection, target: GrantTarget, name: str, role: str
) -> list[str]:
    """Grant the privileges that a role lacks on an object, and return them.

    The connection is the administrator's, in autocommit mode.

    Raises:
        TargetError: The administrator may not grant them; the message has the statement to run.
    """
    missing = missing_privileges(connection, target, name, role)
    if not missing:
        return []
    statement = sql.SQL("GRANT {} ON {} {} TO {}").format(
        sql.SQL(", ").join(map(sql.SQL, missing)),
        sql.SQL(target.keyword),
        sql.Identifier(name),
        sql.Identifier(role),
    )
    refused = _is_refused(connection, statement)
    if refused or missing_privileges(connection, target, name, role):
        raise _denied(connection, f"may not grant privileges on {target.named(name)}", statement)
    return missing


def require_attribute(connection: sa.Connection, attribute: str, objects: str) -> None:
    """Require that the administrator is a superuser or has CREATEROLE or CREATEDB.

    The message names the ``objects`` that the attribute allows the role to create.

    Raises:
        TargetError: It lacks the attribute; the message has the statement to run.
    """
    if not connection.scalar(_HAS_ATTRIBUTE[attribute]):
        fix = sql.SQL("ALTER ROLE {} {}").format(_current_user(connection), sql.SQL(attribute))
        raise _denied(connection, f"may not create {objects}", fix)


@contextmanager
def acting_as(connection: sa.Connection, role: str) -> Iterator[None]:
    """Make the administrator a member of a role during a block, unless it may act as it already.

    A database can be given only to a role that one may act as, and creating the role does not
    imply that.

    Raises:
        TargetError: The administrator may not become a member.
    """
    privilege = "SET" if raw_connection(connection).server_version >= 16_00_00 else "MEMBER"
    if connection.scalar(_MAY_ACT_AS, {"role": role, "privilege": privilege}):
        yield
        return
    names = (sql.Identifier(role), _current_user(connection))
    join = sql.SQL("GRANT {} TO {}").format(*names)
    if _is_refused(connection, join):
        raise _denied(connection, f"may not make role {role!r} the owner of a database", join)
    try:
        yield
    finally:
        execute(connection, sql.SQL("REVOKE {} FROM {}").format(*names))


def _is_refused(connection: sa.Connection, statement: sql.Composable) -> bool:
    try:
        execute(connection, statement)
    except errors.InsufficientPrivilege:
        return True
    return False


def _current_user(connection: sa.Connection) -> sql.Identifier:
    return sql.Identifier(str(connection.scalar(sa.text("SELECT current_user"))))


def _denied(connection: sa.Connection, problem: str, fix: sql.Composable) -> TargetError:
    role = _current_user(connection).string
    return TargetError(
        f"The role {role!r} of {ADMIN_URL_VARIABLE} {problem} at "
        f"{describe_url(connection.engine.url)}; set it to the URL of a superuser, or have one "
        f"run: {fix.as_string(raw_connection(connection))}."
    )
