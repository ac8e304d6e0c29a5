"""Reads from PostgreSQL's catalog how a table is guarded and indexed.

Tables are found as a session's statements find them: in ``public``, or in a rehearsal among its
temporary copies.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


@dataclass(frozen=True, kw_only=True)
class ForeignKeyInfo:
    """A foreign key of one column.

    Attributes:
        name: Its name.
        column: The column that it guards.
        references: What that points to: table and column with a point between them, and the schema
            before where a statement would have to name it.
        on_delete: What becomes of the row when the other goes, in SQL's words.
        plain: Whether nothing else distinguishes it, such as being deferrable or not validated.
        validated: Whether every row is known to fulfil it.
        enforced: Whether new rows must.
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
    """A secondary index; ``plain`` ones are of columns alone, and store and say nothing else."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    plain: bool
    valid: bool


def table_identity(connection: sa.Connection, table: str) -> str:
    """Names a table of ``public`` so that no other has the name, a restored copy of it included.

    A column that was dropped and made again is another one, though no row was written. Where the
    role may not ask which server this is, the name is another one each time.
    """
    ask = "pg_control_system()"
    if not connection.scalar(sa.select(sa.func.has_function_privilege(ask, "execute"))):
        return str(uuid.uuid4())
    server = sa.text(f"SELECT system_identifier FROM {ask}")  # noqa: S608
    columns = sa.text(
        """
        SELECT string_agg(concat(attrelid, '.', attnum), ' ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped
        """
    )
    found = connection.scalar(columns, {"name": f"public.{table}"})
    return f"{found} of {connection.scalar(server)}"


def foreign_keys(connection: sa.Connection, table: str) -> list[ForeignKeyInfo]:
    """Returns the foreign keys of one column that a table has."""
    rows = connection.execute(
        sa.text(
            """
            SELECT conname AS name, own.attname AS column,
                   concat_ws('.', CASE WHEN NOT pg_table_is_visible(confrelid) THEN nspname END,
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
            WHERE conrelid = to_regclass(:name) AND contype = 'f' AND cardinality(conkey) = 1
            ORDER BY conname
            """
        ),
        {"name": table},
    )
    return [ForeignKeyInfo(**row) for row in rows.mappings()]


def writable_columns(connection: sa.Connection, table: str) -> list[str]:
    """Returns the columns of a table that take a value, in order."""
    return list(
        connection.scalars(
            sa.text(
                """
                SELECT attname FROM pg_attribute
                WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped
                  AND attgenerated = ''
                ORDER BY attnum
                """
            ),
            {"name": table},
        )
    )


def secondary_indexes(connection: sa.Connection, table: str) -> list[IndexInfo]:
    """Returns the secondary indexes of a table."""
    rows = connection.execute(
        sa.text(
            """
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
            WHERE indrelid = to_regclass(:name)
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid
                              AND contype IN ('p', 'u', 'x'))
            ORDER BY relname
            """
        ),
        {"name": table},
    )
    return [
        IndexInfo(name=name, columns=tuple(names), unique=unique, plain=plain, valid=valid)
        for name, unique, valid, names, plain in rows
    ]


DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, kw_only=True)
class ColumnInfo:
    """A column as PostgreSQL describes it."""

    type: str
    not_null: bool
    has_default: bool
    always_generated: bool = False


def table_columns(connection: sa.Connection, table: str) -> dict[str, ColumnInfo]:
    """Returns the columns of a table; none where there is no such table."""
    rows = connection.execute(
        sa.text(
            """
            SELECT attname, format_type(atttypid, atttypmod), attnotnull,
                   atthasdef OR attidentity <> '', attidentity = 'a'
            FROM pg_attribute
            WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped
            ORDER BY attnum
            """
        ),
        {"name": quote_name(table)},
    )
    return {
        name: ColumnInfo(
            type=type_, not_null=not_null, has_default=has_default, always_generated=always
        )
        for name, type_, not_null, has_default, always in rows
    }


def quote_name(table: str) -> str:
    return DIALECT.identifier_preparer.quote(table)
