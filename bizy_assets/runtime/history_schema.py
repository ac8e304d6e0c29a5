"""The schema of Dagster's history, in which no other role may create objects.

Dagster's statements name no schema, so the history's schema is on the search path of its sessions.
A role that could create functions there would have them called with the history's privileges.
"""

import sqlalchemy as sa
from psycopg2 import sql
from sqlalchemy.schema import CreateSchema

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url, raw_connection

OWN_SCHEMA = "bizy_dagster"
"""The schema of a new history where other roles may create objects in ``public``."""

_PUBLIC = "public"

_LOCK_KEY = int.from_bytes(b"bizy-dag", "big", signed=True)

_EXISTS = sa.text("SELECT to_regnamespace(:schema) IS NOT NULL")
_HAS_HISTORY = sa.text("SELECT to_regclass('public.event_logs') IS NOT NULL")

_HAS_TABLES = sa.text("""
    SELECT bool_and(to_regclass(format('%I.%I', CAST(:schema AS text), name)) IS NOT NULL)
    FROM unnest(ARRAY['runs', 'instance_info', 'event_logs', 'jobs']) AS name
""")
"""Dagster's main tables, whose absence makes its storages create all of theirs."""

_OTHER_CREATORS = sa.text("""
    SELECT DISTINCT coalesce(rolname, 'public') FROM pg_namespace
    CROSS JOIN aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
    LEFT JOIN pg_roles role ON role.oid = grantee
    WHERE nspname = :schema AND privilege_type = 'CREATE' AND NOT coalesce(
        rolsuper OR rolname IN (current_user, 'pg_database_owner')
        OR role.oid = (SELECT datdba FROM pg_database WHERE datname = current_database()), false)
    ORDER BY 1
""")
"""Roles that may create objects in a schema; ``public`` stands for every role."""

_OTHERS_OBJECTS = sa.text("""
    WITH object (kind, name, owner, schema) AS (
        SELECT 'function', proname, proowner, pronamespace FROM pg_proc
        UNION SELECT 'operator', oprname, oprowner, oprnamespace FROM pg_operator
        UNION SELECT 'relation', relname, relowner, relnamespace FROM pg_class
    )
    SELECT concat(kind, ' ', name, ' of ', rolname) FROM object
    JOIN pg_roles role ON role.oid = owner
    WHERE schema = to_regnamespace(:schema) AND NOT rolsuper AND rolname <> current_user
      AND owner <> (SELECT datdba FROM pg_database WHERE datname = current_database())
    ORDER BY 1
""")
"""What such roles created while they could."""


def ensure_history_schema(connection: sa.Connection, configured: str | None = None) -> str:
    """Return the schema of Dagster's tables, and create it if necessary.

    Unless one is configured, it is ``public`` where only superusers, the database's owner and the
    history's own role may create objects, and a schema of its own otherwise.

    Raises:
        TargetError: Others may create objects where a history exists already, or the role may not
            create the schema.
    """
    own = configured or OWN_SCHEMA
    with connection.begin():
        if connection.scalar(_EXISTS, {"schema": own}):
            _require_trusted(connection, own)
            return own
        if configured is None and _is_public_usable(connection):
            return _PUBLIC
        # Webserver and daemon start at the same time.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
        connection.execute(CreateSchema(own, if_not_exists=True))
        return own


def has_history_tables(connection: sa.Connection, schema: str) -> bool:
    """Return True if Dagster's storages need not look for their tables in a schema."""
    with connection.begin():
        return bool(connection.scalar(_HAS_TABLES, {"schema": schema}))


def _is_public_usable(connection: sa.Connection) -> bool:
    """Return True if ``public`` has a history, or may get one."""
    if connection.scalar(_HAS_HISTORY):
        _require_trusted(connection, _PUBLIC)
        return True
    values = {"schema": _PUBLIC}
    return bool(connection.scalar(_EXISTS, values)) and not (
        connection.scalar(_OTHER_CREATORS, values) or connection.scalar(_OTHERS_OBJECTS, values)
    )


def _require_trusted(connection: sa.Connection, schema: str) -> None:
    """Require that no other role may create objects in a schema, or has done so."""
    where, values = describe_url(connection.engine.url), {"schema": schema}
    if roles := list(connection.scalars(_OTHER_CREATORS, values)):
        names = sql.SQL(", ").join(
            sql.SQL("PUBLIC") if role == "public" else sql.Identifier(role) for role in roles
        )
        revoke = sql.SQL("REVOKE CREATE ON SCHEMA {} FROM {}").format(sql.Identifier(schema), names)
        raise TargetError(
            f"Other roles may create objects in the schema {schema} of {where}, which holds "
            "Dagster's history, and functions of theirs would run with the rights of the history's "
            f"role; have the schema's owner run: {revoke.as_string(raw_connection(connection))}."
        )
    if objects := list(connection.scalars(_OTHERS_OBJECTS, values)):
        raise TargetError(
            f"The schema {schema} of {where}, which holds Dagster's history, has objects of other "
            f"roles ({', '.join(objects[:5])}), which could run with the rights of the history's "
            "role; drop them, or set DAGSTER_POSTGRES_URL to a database of its own."
        )
