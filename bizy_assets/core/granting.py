"""Gives a role the rights that it lacks, as the server's administrator.

The administrator need not be a superuser. GRANT does not always fail where somebody may not
grant: it may merely warn. So whatever was granted is looked at again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import errors, sql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.naming import ADMIN_VARIABLE
from bizy_assets.core.postgres import describe_url, execute, raw_connection


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of object, and what the migration's role must be allowed on it.

    Attributes:
        word: What GRANT calls it.
        rights: What the role needs.
        lacking: Asks which of ``:rights`` a role has not.
    """

    word: str
    rights: tuple[str, ...]
    lacking: sa.TextClause


DATABASE = Kind(
    word="DATABASE",
    rights=("CONNECT", "CREATE", "TEMPORARY"),
    lacking=sa.text(
        "SELECT wanted FROM unnest(CAST(:rights AS text[])) AS wanted WHERE "
        "NOT has_database_privilege(CAST(:role AS name), CAST(:name AS text), wanted)"
    ),
)
SCHEMA = Kind(
    word="SCHEMA",
    rights=("USAGE", "CREATE"),
    # Where there is no such schema, the question is answered with NULL.
    lacking=sa.text(
        "SELECT wanted FROM unnest(CAST(:rights AS text[])) AS wanted WHERE "
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

_MAY_ACT_FOR = sa.text("SELECT pg_has_role(CAST(:role AS name), :way)")


def lacking(connection: sa.Connection, kind: Kind, name: str, role: str) -> list[str]:
    """Returns the rights on an object that a role needs and has not."""
    values = {"rights": list(kind.rights), "name": name, "role": role}
    return list(connection.scalars(kind.lacking, values))


def grant(connection: sa.Connection, kind: Kind, name: str, role: str) -> list[str]:
    """Grants what a role lacks on an object, and returns what that was.

    Args:
        connection: The administrator's, committing every statement.
        kind: What kind of object it is.
        name: Its name.
        role: Who shall have the rights.

    Raises:
        TargetError: The administrator may not; with the statement for somebody who may.
    """
    wanted = lacking(connection, kind, name, role)
    if not wanted:
        return []
    statement = sql.SQL("GRANT {} ON {} {} TO {}").format(
        sql.SQL(", ").join(map(sql.SQL, wanted)),
        sql.SQL(kind.word),
        sql.Identifier(name),
        sql.Identifier(role),
    )
    refused = _refuses(connection, statement)
    if refused or lacking(connection, kind, name, role):
        raise _denied(
            connection, f"may not grant rights on {kind.word.lower()} {name!r}", statement
        )
    return wanted


def require_attribute(connection: sa.Connection, attribute: str, what: str) -> None:
    """Makes sure that the administrator has CREATEROLE or CREATEDB, or is a superuser.

    Raises:
        TargetError: It has not; with the statement that mends it.
    """
    if not connection.scalar(_HAS_ATTRIBUTE[attribute]):
        mend = sql.SQL("ALTER ROLE {} {}").format(_myself(connection), sql.SQL(attribute))
        raise _denied(connection, f"may not create {what}", mend)


@contextmanager
def acting_for(connection: sa.Connection, role: str) -> Iterator[None]:
    """Makes the administrator a member of a role for as long as a block lasts, if it must.

    Only who may act for a role may make it the owner of a database; who merely created it may
    not do so.

    Raises:
        TargetError: The administrator may not become a member.
    """
    way = "SET" if raw_connection(connection).server_version >= 16_00_00 else "MEMBER"
    if connection.scalar(_MAY_ACT_FOR, {"role": role, "way": way}):
        yield
        return
    names = (sql.Identifier(role), _myself(connection))
    join = sql.SQL("GRANT {} TO {}").format(*names)
    if _refuses(connection, join):
        raise _denied(connection, f"may not make role {role!r} the owner of a database", join)
    try:
        yield
    finally:
        execute(connection, sql.SQL("REVOKE {} FROM {}").format(*names))


def _refuses(connection: sa.Connection, statement: sql.Composable) -> bool:
    try:
        execute(connection, statement)
    except errors.InsufficientPrivilege:
        return True
    return False


def _myself(connection: sa.Connection) -> sql.Identifier:
    return sql.Identifier(str(connection.scalar(sa.text("SELECT current_user"))))


def _denied(connection: sa.Connection, what: str, mend: sql.Composable) -> TargetError:
    role = connection.scalar(sa.text("SELECT current_user"))
    return TargetError(
        f"The role {role!r} of {ADMIN_VARIABLE} {what} at {describe_url(connection.engine.url)}; name "
        f"a superuser there, or let one run: {mend.as_string(raw_connection(connection))}."
    )
