"""What a role must be allowed to do in the target, asked before anything is written."""

from collections.abc import Collection

import sqlalchemy as sa

from bizy_assets.core.errors import TargetError
from bizy_assets.core.target.state_tables import STATE_METADATA


def require_privileges(
    connection: sa.Connection,
    role: str | None,
    *,
    missing: Collection[str],
    present: Collection[str],
) -> None:
    """Makes sure that the role can make what is missing and owns what is present.

    Args:
        connection: In a transaction.
        role: Its name, for the error; None where the address has none.
        missing: Tables of ``public`` that the migration will make.
        present: Those that exist. A load drops and makes indexes, and moves the sequence: only
            an owner may, who may create in the schema.

    Raises:
        TargetError: It cannot, or does not see every row; with the statement that mends it.
    """
    role = role or connection.scalar(sa.text("SELECT current_user"))
    if not _has(connection, _MAY_USE_SCHEMA):
        raise TargetError(
            f"The role {role!r} may not use the schema public; let the database's owner run: "
            f'GRANT USAGE ON SCHEMA public TO "{role}".'
        )
    for table in present:
        if not _has(connection, _OWNS_TABLE, name=table):
            raise TargetError(
                f"The role {role!r} does not own the table {table} of the target, which the "
                "migration needs to build its indexes; run it with the role that the backend uses."
            )
        if _has(connection, _IS_HIDDEN, name=table):
            raise TargetError(
                f"Row level security of the target's table {table} binds the role {role!r} too, "
                "which the migration cannot load or check through; let the database's owner run: "
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY."
            )
    if not _has(connection, _MAY_CREATE_TABLES):
        # PostgreSQL asks for this right when it makes the index of a table, too.
        what = f"tables {', '.join(missing)}" if missing else f"indexes of {', '.join(present)}"
        raise TargetError(
            f"The role {role!r} may not create the {what} in schema public; "
            f'let the database\'s owner run: GRANT CREATE ON SCHEMA public TO "{role}".'
        )
    database = connection.scalar(sa.text("SELECT current_database()"))
    if not _has(connection, _MAY_CREATE_TEMPORARY):
        raise TargetError(
            f"The role {role!r} may not create temporary tables; let the database's owner run: "
            f'GRANT TEMPORARY ON DATABASE "{database}" TO "{role}".'
        )
    owner = connection.scalar(_SCHEMA_OWNER, {"name": STATE_METADATA.schema})
    if owner is None and not _has(connection, _MAY_CREATE_SCHEMAS):
        raise TargetError(
            f"The role {role!r} may not create the schema {STATE_METADATA.schema}; let the "
            f'database\'s owner run: GRANT CREATE ON DATABASE "{database}" TO "{role}".'
        )
    if owner is not None and not _has(connection, _IS_LIKE, owner=owner):
        raise TargetError(
            f"The schema {STATE_METADATA.schema} of the target belongs to the role {owner!r}, not to "
            f"{role!r}; run the migration with the role that ran it before."
        )


_OWNS_TABLE = sa.text(
    """
    SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = :name
    """
)
_IS_HIDDEN = sa.text(
    """
    SELECT row_security_active(oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = :name
    """
)
_MAY_USE_SCHEMA = sa.text("SELECT has_schema_privilege(current_user, 'public', 'USAGE')")
_MAY_CREATE_TABLES = sa.text("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")
_MAY_CREATE_TEMPORARY = sa.text(
    "SELECT has_database_privilege(current_user, current_database(), 'TEMPORARY')"
)
_MAY_CREATE_SCHEMAS = sa.text(
    "SELECT has_database_privilege(current_user, current_database(), 'CREATE')"
)
_SCHEMA_OWNER = sa.text("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = :name")
_IS_LIKE = sa.text("SELECT pg_has_role(current_user, CAST(:owner AS regrole), 'USAGE')")


def _has(connection: sa.Connection, question: sa.TextClause, **values: object) -> bool:
    return bool(connection.scalar(question, values))
