"""Queries of PostgreSQL's catalog: columns, keys and indexes of a table; and its statistics."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres.connection import execute, raw_connection
from bizy_assets.core.postgres.names import name_text, table_name


@dataclass(frozen=True, kw_only=True)
class ForeignKeyInfo:
    """A foreign key of one column.

    Attributes:
        name: Name of the constraint.
        column: The referencing column.
        references: The referenced column, as ``table.column``, or as ``schema.table.column`` for
            a table in another schema.
        on_delete: Referential action, such as ``SET NULL``.
        plain: Whether it is validated and all its other properties are PostgreSQL's defaults.
        validated: Whether all existing rows are known to satisfy it.
        enforced: Whether new rows must satisfy it.
    """

    name: str
    column: str
    references: str
    on_delete: str
    plain: bool
    validated: bool
    enforced: bool


@dataclass(frozen=True, kw_only=True)
class IndexInfo:
    """An index that is not part of a constraint, with its columns in order.

    A plain one is a B-tree over columns alone, with PostgreSQL's default properties. Queries cannot
    use one that is not valid, which a failed concurrent build leaves.
    """

    name: str
    columns: tuple[str, ...]
    unique: bool
    plain: bool
    valid: bool


def update_statistics(connection: sa.Connection, *tables: sa.Table) -> None:
    """Update what PostgreSQL knows of the size of newly filled tables and the order of their ids.

    Without it PostgreSQL expects few rows and, for example, sorts a whole table on disk instead of
    following an index. Autovacuum adds the other columns. A role that may not do this gets a
    warning of PostgreSQL.
    """
    names = sql.SQL(", ").join(
        sql.SQL("{} (id)").format(table_name(connection, table)) for table in tables
    )
    execute(connection, sql.SQL("ANALYZE {}").format(names))


def table_identity(connection: sa.Connection, table: sa.Table) -> str:
    """Return a name for a table that no other table has, not even a restored copy.

    In a dry run, too, it is that of the table itself. It changes when a column is dropped and added
    again. If the role may not read the server's identifier, it is different on each call.
    """
    server = _server_identity(connection)
    if server is None:
        return str(uuid.uuid4())
    columns = sa.text("""
        SELECT string_agg(concat(attrelid, '.', attnum), ' ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = to_regclass(:table)
          AND attnum > 0 AND NOT attisdropped
    """)
    name = sql.Identifier(str(table.schema), table.name).as_string(raw_connection(connection))
    return f"{connection.scalar(columns, {'table': name})} of {server}"


def _server_identity(connection: sa.Connection) -> str | None:
    """Return the server's identifier, read once in a session, or None if the role may not."""
    function = "pg_control_system()"
    if _SERVER not in connection.info:
        if not connection.scalar(sa.select(sa.func.has_function_privilege(function, "execute"))):
            return None
        server = sa.text(f"SELECT system_identifier FROM {function}")  # noqa: S608
        connection.info[_SERVER] = str(connection.scalar(server))
    return str(connection.info[_SERVER])


_SERVER = "bizy server identity"


def foreign_keys(connection: sa.Connection, table: sa.Table) -> list[ForeignKeyInfo]:
    """Return a table's foreign keys of one column."""
    statement = sa.text("""
        SELECT conname AS name, own.attname AS column,
               concat_ws('.', CASE WHEN relnamespace <> connamespace THEN nspname END,
                         relname, other.attname) AS references,
               CASE confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT'
                    WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                    ELSE 'SET DEFAULT' END AS on_delete,
               convalidated AND NOT condeferrable AND confupdtype = 'a'
               AND confmatchtype = 's'
               AND obj_description(con.oid, 'pg_constraint') IS NULL AS plain,
               convalidated AS validated,
               -- Only PostgreSQL 18 and newer have this column.
               coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true) AS enforced
        FROM pg_constraint con
        JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = conkey[1]
        JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = confkey[1]
        JOIN pg_class referred ON referred.oid = confrelid
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE conrelid = to_regclass(:table)
          AND contype = 'f' AND cardinality(conkey) = 1
        ORDER BY conname
    """)
    rows = connection.execute(statement, {"table": name_text(connection, table)})
    return [ForeignKeyInfo(**row) for row in rows.mappings()]


def writable_columns(connection: sa.Connection, table: sa.Table) -> list[str]:
    """Return the columns of a table that are not generated, in order."""
    statement = sa.text("""
        SELECT attname FROM pg_attribute
        WHERE attrelid = to_regclass(:table) AND attnum > 0
          AND NOT attisdropped AND attgenerated = ''
        ORDER BY attnum
    """)
    return list(connection.scalars(statement, {"table": name_text(connection, table)}))


def secondary_indexes(connection: sa.Connection, table: sa.Table) -> list[IndexInfo]:
    """Return the indexes of a table that are not part of a constraint."""
    statement = sa.text("""
        SELECT relname, indisunique, indisvalid,
               array(SELECT attname::text
                     FROM unnest(indkey) WITH ORDINALITY AS key (number, place)
                     JOIN pg_attribute ON attrelid = indrelid AND attnum = number
                     ORDER BY place),
               indpred IS NULL AND indexprs IS NULL AND amname = 'btree'
               AND NOT EXISTS (SELECT FROM unnest(indoption) AS o WHERE o <> 0)
               AND indnkeyatts = indnatts AND reloptions IS NULL AND reltablespace = 0
               AND obj_description(indexrelid, 'pg_class') IS NULL
        FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid
        JOIN pg_am ON pg_am.oid = relam
        WHERE indrelid = to_regclass(:table)
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid
                          AND contype IN ('p', 'u', 'x'))
        ORDER BY relname
    """)
    rows = connection.execute(statement, {"table": name_text(connection, table)})
    return [
        IndexInfo(name=name, columns=tuple(names), unique=unique, plain=plain, valid=valid)
        for name, unique, valid, names, plain in rows
    ]


@dataclass(frozen=True, kw_only=True)
class ColumnInfo:
    """A column of a table, by its type with modifiers, such as ``character varying(50)``.

    ``has_default`` includes identity columns; ``always_generated`` is ``GENERATED ALWAYS AS
    IDENTITY``, ``computed`` is ``GENERATED ALWAYS AS (expression)``.
    """

    type: str
    not_null: bool
    has_default: bool
    always_generated: bool
    computed: bool


@dataclass(frozen=True, kw_only=True)
class TableInfo:
    """An existing relation: whether it is a table, and its primary key if that is one column."""

    is_table: bool
    primary_key: str | None
    columns: dict[str, ColumnInfo]


def describe_tables(
    connection: sa.Connection, tables: Iterable[sa.Table]
) -> dict[sa.Table, TableInfo]:
    """Return those of some tables that exist, with one statement for all of them."""
    statement = sa.text("""
        SELECT place::int - 1 AS place, relkind IN ('r', 'p') AS is_table,
               (SELECT attname::text FROM pg_index JOIN pg_attribute key
                ON key.attrelid = indrelid AND key.attnum = indkey[0]
                WHERE indrelid = to_regclass(given.name) AND indisprimary AND indnatts = 1),
               attname, format_type(atttypid, atttypmod), attnotnull,
               atthasdef OR attidentity <> '', attidentity = 'a', attgenerated <> ''
        FROM unnest(CAST(:tables AS text[])) WITH ORDINALITY AS given (name, place)
        JOIN pg_class ON pg_class.oid = to_regclass(given.name)
        JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
        ORDER BY place, attnum
    """)
    wanted = list(tables)
    names = [name_text(connection, table) for table in wanted]
    found: dict[sa.Table, TableInfo] = {}
    for place, is_table, key, name, *column in connection.execute(statement, {"tables": names}):
        info = TableInfo(is_table=is_table, primary_key=key, columns={})
        found.setdefault(wanted[place], info).columns[name] = ColumnInfo(
            **dict(zip(_COLUMN_FIELDS, column, strict=True))
        )
    return found


_COLUMN_FIELDS = [field.name for field in fields(ColumnInfo)]


def has_table(connection: sa.Connection, table: sa.Table) -> bool:
    """Return whether a table exists."""
    is_known = sa.func.to_regclass(name_text(connection, table)).is_not(None)
    return bool(connection.scalar(sa.select(is_known)))


def table_columns(connection: sa.Connection, table: sa.Table) -> dict[str, ColumnInfo]:
    """Return the columns of a table by name, or none if it does not exist."""
    info = describe_tables(connection, [table]).get(table)
    return info.columns if info else {}
