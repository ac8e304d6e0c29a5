"""Privileges that the migration requires in the target, verified before anything is written."""

from collections.abc import Collection

import sqlalchemy as sa

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.target.state_tables import STATE_METADATA


def require_writable(connection: sa.Connection) -> None:
    """Require a server that accepts writes, and a schema in which the role may look up tables.

    Raises:
        TargetError: One is missing; the message says what to change.
    """
    role = _role(connection)
    where = describe_url(connection.engine.url)
    if _is_true(connection, _IS_STANDBY):
        raise TargetError(
            f"PostgreSQL at {where} is a standby, which accepts no writes; set DATABASE_URL to the "
            "primary server, or name all servers and add target_session_attrs=read-write."
        )
    if _is_true(connection, _IS_READ_ONLY):
        raise TargetError(
            f"Transactions of the role {role!r} in {where} are read-only by default; have the "
            f'database\'s owner run: ALTER ROLE "{role}" SET default_transaction_read_only = off; '
            "or change that setting where the server, the database or DATABASE_URL has it."
        )
    if _is_true(connection, _HAS_NO_SCHEMA):
        raise TargetError(
            f"The database {where} has no schema public, where the backend's tables are; have the "
            f'database\'s owner run: CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO "{role}".'
        )
    if not _is_true(connection, _MAY_USE_SCHEMA):
        raise TargetError(
            f"The role {role!r} may not use the schema public; have the database's owner run: "
            f'GRANT USAGE ON SCHEMA public TO "{role}".'
        )


def require_privileges(
    connection: sa.Connection, *, missing: Collection[str], present: Collection[str]
) -> None:
    """Require that the role may create the missing tables and owns the present ones.

    A load drops and creates indexes of present tables and restarts their sequences, which only an
    owner may do who may also create in the schema.

    Raises:
        TargetError: The role lacks a privilege or does not see every row; the message has the
            statement that fixes it.
    """
    role = _role(connection)
    _require_tables(connection, role, present)
    if not _is_true(connection, _MAY_CREATE_TABLES):
        # PostgreSQL requires this privilege to create an index, too.
        objects = f"tables {', '.join(missing)}" if missing else f"indexes of {', '.join(present)}"
        raise TargetError(
            f"The role {role!r} may not create the {objects} in schema public; "
            f'have the database\'s owner run: GRANT CREATE ON SCHEMA public TO "{role}".'
        )
    database = connection.scalar(sa.text("SELECT current_database()"))
    if not _is_true(connection, _MAY_CREATE_TEMPORARY):
        raise TargetError(
            f"The role {role!r} may not create temporary tables; have the database's owner run: "
            f'GRANT TEMPORARY ON DATABASE "{database}" TO "{role}".'
        )
    _require_state_schema(connection, role, database)


def _require_tables(connection: sa.Connection, role: str, tables: Collection[str]) -> None:
    for table, is_owned, is_restricted in connection.execute(_TABLES, {"names": list(tables)}):
        if not is_owned:
            raise TargetError(
                f"The role {role!r} does not own the table {table} of the target, which is "
                "required to build indexes; run the migration as the role that the backend uses."
            )
        if is_restricted:
            raise TargetError(
                f"Row-level security of the target's table {table} also applies to the role "
                f"{role!r}, so the migration can neither load nor check it; have the database's "
                f"owner run: ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY."
            )


def _require_state_schema(connection: sa.Connection, role: str, database: str) -> None:
    """Require that the role may create the schema of the state tables, or use the existing one."""
    schema = STATE_METADATA.schema
    owner = connection.scalar(_SCHEMA_OWNER, {"name": schema})
    if owner is None and not _is_true(connection, _MAY_CREATE_SCHEMAS):
        raise TargetError(
            f"The role {role!r} may not create the schema {schema}; have the database's owner run: "
            f'GRANT CREATE ON DATABASE "{database}" TO "{role}".'
        )
    if owner is not None and not _is_true(connection, _MAY_ACT_AS, owner=owner):
        raise TargetError(
            f"The schema {schema} of the target belongs to the role {owner!r}, not to {role!r}; "
            "run the migration as the role that ran it before."
        )


_IS_STANDBY = sa.text("SELECT pg_is_in_recovery()")
_IS_READ_ONLY = sa.text("SELECT current_setting('transaction_read_only') = 'on'")
_HAS_NO_SCHEMA = sa.text("SELECT to_regnamespace('public') IS NULL")
_TABLES = sa.text("""
    SELECT relname, pg_has_role(current_user, relowner, 'USAGE'), row_security_active(oid)
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY (CAST(:names AS text[]))
    ORDER BY array_position(CAST(:names AS text[]), CAST(relname AS text))
""")
_MAY_USE_SCHEMA = sa.text("SELECT has_schema_privilege(current_user, 'public', 'USAGE')")
_MAY_CREATE_TABLES = sa.text("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")
_MAY_CREATE_TEMPORARY = sa.text(
    "SELECT has_database_privilege(current_user, current_database(), 'TEMPORARY')"
)
_MAY_CREATE_SCHEMAS = sa.text(
    "SELECT has_database_privilege(current_user, current_database(), 'CREATE')"
)
_SCHEMA_OWNER = sa.text("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = :name")
_MAY_ACT_AS = sa.text("SELECT pg_has_role(current_user, CAST(:owner AS regrole), 'USAGE')")


def _role(connection: sa.Connection) -> str:
    """Return the role that messages name."""
    return connection.engine.url.username or str(connection.scalar(sa.text("SELECT current_user")))


def _is_true(connection: sa.Connection, query: sa.TextClause, **values: object) -> bool:
    return bool(connection.scalar(query, values))
