"""Temporary copies of the backend's tables, which statements use instead of the originals.

A copy has the rows, defaults, constraints and indexes of its table under the same names, foreign
keys to the other copies, and a sequence of its own in the same state. It has the triggers that may
change rows. Those that fire after a row is written may refer to the original, and are not copied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres import catalog, execute, name_text, table_name
from bizy_assets.core.target.privileges import require_writable
from bizy_assets.core.target.sequences import Sequence, find_sequence, set_sequence
from bizy_assets.core.target.tables import PUBLIC_METADATA, TARGET_TABLES
from bizy_assets.core.target.triggers import find_triggers


@dataclass(frozen=True)
class _Original:
    """Definition of a table of ``public`` from which its copy is created."""

    table: sa.Table
    columns: list[str]
    constraints: list[tuple[str, str]]
    foreign_keys: list[tuple[str, str]]
    indexes: list[tuple[str, str, bool]]
    sequence: Sequence | None


@contextmanager
def use_shadow_tables(connection: sa.Connection) -> Iterator[None]:
    """Copy every existing table that the migration would write to, and use the copies in a block.

    New tables are temporary, too. The transaction must be rolled back in the end.

    Raises:
        TargetError: The server accepts no writes, or the role may not use the tables' schema.
    """
    require_writable(connection)
    tables = PUBLIC_METADATA.sorted_tables
    present = [table for table in tables if catalog.has_table(connection, table)]
    names = [name_text(connection, table) for table in present]
    originals = [_describe(connection, table, names) for table in present]
    triggers = find_triggers(connection, TARGET_TABLES.values())
    connection.execution_options(schema_translate_map={PUBLIC_METADATA.schema: "pg_temp"})
    try:
        for original in originals:
            _copy(connection, original)
        for original in originals:
            _add_constraints(connection, original.table, original.foreign_keys)
        for trigger in triggers:
            if trigger.changes_rows and not trigger.is_rule:
                execute(connection, sql.SQL(trigger.definition))
        yield
    finally:
        connection.execution_options(schema_translate_map=None)


def _describe(connection: sa.Connection, table: sa.Table, present: list[str]) -> _Original:
    values = {"name": name_text(connection, table), "present": present}
    return _Original(
        table=table,
        columns=catalog.writable_columns(connection, table),
        constraints=[(row[0], row[1]) for row in connection.execute(_CONSTRAINTS, values)],
        foreign_keys=[(row[0], row[1]) for row in connection.execute(_FOREIGN_KEYS, values)],
        indexes=[(row[0], row[1], row[2]) for row in connection.execute(_INDEXES, values)],
        sequence=find_sequence(connection, table),
    )


def _copy(connection: sa.Connection, original: _Original) -> None:
    table = table_name(connection, original.table)
    of_original = sql.Identifier(str(original.table.schema), original.table.name)
    columns = sql.SQL(", ").join(map(sql.Identifier, original.columns))
    execute(connection, _CREATE.format(table=table, original=of_original))
    execute(connection, _FILL.format(table=table, original=of_original, columns=columns))
    _add_constraints(connection, original.table, original.constraints)
    for name, definition, unique in original.indexes:
        execute(
            connection,
            _INDEX.format(
                unique=sql.SQL("UNIQUE" if unique else ""),
                name=sql.Identifier(name),
                table=table,
                definition=sql.SQL(definition),
            ),
        )
    if original.sequence is not None:
        _copy_sequence(connection, original.table, original.sequence)


def _add_constraints(
    connection: sa.Connection, table: sa.Table, definitions: list[tuple[str, str]]
) -> None:
    for name, definition in definitions:
        execute(
            connection,
            _CONSTRAINT.format(
                table=table_name(connection, table),
                name=sql.Identifier(name),
                # PostgreSQL has quoted the definition.
                definition=sql.SQL(definition),
            ),
        )


def _copy_sequence(connection: sa.Connection, table: sa.Table, original: Sequence) -> None:
    """Give a copy its own sequence in the state of the original's."""
    copied = find_sequence(connection, table)
    if copied is not None and copied.oid == original.oid:
        # A copied default still uses the original's sequence; an identity column has a new one.
        name = sql.Identifier("pg_temp", f"{table.name}_id_seq")
        execute(connection, _SEQUENCE.format(name=name, table=table_name(connection, table)))
        copied = find_sequence(connection, table)
    if copied is not None:
        set_sequence(connection, copied, value=original.value, called=original.called)


_CREATE = sql.SQL(
    "CREATE TEMPORARY TABLE {table} (LIKE {original} INCLUDING ALL EXCLUDING INDEXES) "
    "ON COMMIT DROP"
)
_FILL = sql.SQL(
    "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {original}"
)
_INDEX = sql.SQL("CREATE {unique} INDEX {name} ON {table} {definition}")
_CONSTRAINT = sql.SQL("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
_SEQUENCE = sql.SQL(
    "CREATE TEMPORARY SEQUENCE {name} AS integer OWNED BY {table}.id; "
    "ALTER TABLE {table} ALTER id SET DEFAULT nextval('{name}')"
)

_CONSTRAINTS = sa.text("""
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = to_regclass(:name) AND contype IN ('p', 'u', 'x')
""")
_FOREIGN_KEYS = sa.text("""
    -- The definition names the original of the referenced table.
    SELECT conname, replace(pg_get_constraintdef(con.oid),
                            ' REFERENCES ' || confrelid::regclass || '(',
                            ' REFERENCES pg_temp.' || quote_ident(relname) || '(')
    FROM pg_constraint con JOIN pg_class ON pg_class.oid = confrelid
    WHERE conrelid = to_regclass(:name) AND contype = 'f'
      AND confrelid IN (SELECT to_regclass(other) FROM unnest(CAST(:present AS text[])) AS other)
""")
_INDEXES = sa.text("""
    SELECT relname, substring(pg_get_indexdef(indexrelid) FROM ' USING .*'), indisunique
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = to_regclass(:name)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid
                      AND contype IN ('p', 'u', 'x'))
""")
