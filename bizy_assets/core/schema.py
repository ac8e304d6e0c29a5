"""Makes the target's tables what they must be, and refuses where they are something else.

A missing table is made without its secondary indexes and foreign keys, which are built after
the data. Tables that the backend made stay theirs: only the documented additions are added.
All statements run in the caller's transaction.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateIndex, CreateTable, DropIndex

from bizy_assets.core import catalog, models, rights, target
from bizy_assets.core.catalog import FoundIndex, FoundKey
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import SchemaError

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_DROP = sql.SQL("DROP CONSTRAINT {}")
_VALIDATE = sql.SQL("VALIDATE CONSTRAINT {}")


@dataclass(frozen=True, kw_only=True)
class FoundColumn:
    """A column as PostgreSQL describes it."""

    type: str
    not_null: bool
    has_default: bool


def preflight(connection: sa.Connection, role: str | None) -> None:
    """Makes sure, before anything is written, that every table can be made or written to.

    Raises:
        SchemaError: A table is not what the backend's schema says.
        TargetError: The role lacks a right.
    """
    missing, present = [], []
    for table in models.public.sorted_tables:
        if columns(connection, table.name):
            require_fit(connection, table)
            present.append(table.name)
        else:
            missing.append(table.name)
    rights.require(connection, role, missing=missing, present=present)


def require_fit(connection: sa.Connection, table: sa.Table) -> None:
    """Makes sure that an existing table can hold what the model says.

    Raises:
        SchemaError: It lacks a column, or has one of another type, or demands an unknown one, or
            is no table at all.
    """
    if not _is_table(connection, table.name):
        raise SchemaError(
            f"public.{table.name} of the target is no table (but a view or the like); rename it "
            "or use an empty database, then run again."
        )
    found = columns(connection, table.name)
    for column in table.columns:
        expected = column.type.compile(_DIALECT).lower().replace("varchar", "character varying")
        have = found.get(column.name)
        if have is None and not _is_addition(table, column.name):
            raise SchemaError(
                f"Table {table.name} of the target has no column {column.name} ({expected}), "
                "which the backend's schema has; bring the backend's own migrations up to date, "
                "then run again."
            )
        if have is not None and have.type != expected:
            raise SchemaError(
                f"Column {column.name} of the target's table {table.name} has type {have.type}, "
                f"expected {expected}; change the column or use an empty database."
            )
    for name, have in found.items():
        if name not in table.columns and have.not_null and not have.has_default:
            raise SchemaError(
                f"Column {name} of the target's table {table.name} must not be NULL and has no "
                "default, but Bizy has no value for it; give it a default, then run again."
            )
    if not _has_primary_key(connection, table.name):
        raise SchemaError(
            f"Table {table.name} of the target has no primary key on id alone; add it, then run "
            "again."
        )


def ensure_own(connection: sa.Connection) -> None:
    """Makes the migration's own schema and tables where they are missing."""
    # IF NOT EXISTS would demand the right to create schemas even where there is nothing to make.
    if not sa.inspect(connection).has_schema(str(models.own.schema)):
        connection.execute(sa.schema.CreateSchema(str(models.own.schema)))
    models.own.create_all(connection, checkfirst=True)


def ensure_table(connection: sa.Connection, table: sa.Table) -> None:
    """Makes a table where it is missing, and adds our columns where they are.

    Raises:
        SchemaError: The table exists and is something else.
    """
    found = columns(connection, table.name)
    if not found:
        connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        return
    require_fit(connection, table)
    for column in table.columns:
        if column.name not in found:
            _alter(
                connection,
                table,
                sql.SQL(f"ADD COLUMN {CreateColumn(column).compile(dialect=_DIALECT)}"),
            )


def drop_secondary(connection: sa.Connection, table: sa.Table) -> None:
    """Drops the indexes and foreign keys that ``ensure_secondary`` makes again just so."""
    wanted = {str(constraint.name): constraint for constraint in table.foreign_key_constraints}
    for key in catalog.foreign_keys(connection, table.name):
        if key.name in wanted and _same_key(wanted[key.name], key):
            _alter(connection, table, _DROP.format(sql.Identifier(key.name)))
    found = {index.name: index for index in catalog.indexes(connection, table.name)}
    for index in table.indexes:
        have = found.get(str(index.name))
        if have is not None and _same(index, have):
            connection.execute(DropIndex(index))


def ensure_secondary(connection: sa.Connection, table: sa.Table) -> list[str]:
    """Makes missing indexes and foreign keys, validates the latter, and names what it made.

    What has the name of ours and is something else stays as it is.
    """
    made = []
    found = {index.name: index for index in catalog.indexes(connection, table.name)}
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        have = found.get(str(index.name))
        broken = have is not None and not have.valid and _same(index, have)
        if broken:
            connection.execute(DropIndex(index))
        if have is None or broken:
            connection.execute(CreateIndex(index))
            made.append(str(index.name))
    keys = catalog.foreign_keys(connection, table.name)
    names = {key.name for key in keys}
    guards = {(key.column, key.references): key for key in keys}
    for constraint in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
        guard = guards.get((constraint.column_keys[0], _referred(constraint)))
        if guard is None and constraint.name not in names:
            connection.execute(AddConstraint(constraint, isolate_from_table=False))
            made.append(str(constraint.name))
        elif guard is not None and guard.enforced and not guard.validated:
            _alter(connection, table, _VALIDATE.format(sql.Identifier(guard.name)))
    return made


def columns(connection: sa.Connection, table: str) -> dict[str, FoundColumn]:
    """Returns the columns of a table in ``public``; none where there is no such table."""
    rows = connection.execute(
        sa.text(
            """
            SELECT attname, format_type(atttypid, atttypmod), attnotnull,
                   atthasdef OR attidentity <> ''
            FROM pg_attribute
            WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped
            ORDER BY attnum
            """
        ),
        {"name": _qualified(table)},
    )
    return {
        name: FoundColumn(type=type_, not_null=not_null, has_default=has_default)
        for name, type_, not_null, has_default in rows
    }


def _same_key(constraint: sa.ForeignKeyConstraint, found: FoundKey) -> bool:
    """Tells whether a foreign key is exactly what the model would make."""
    return (
        found.plain
        and found.column == constraint.column_keys[0]
        and found.references == _referred(constraint)
        and found.on_delete == (constraint.ondelete or "NO ACTION")
    )


def _referred(constraint: sa.ForeignKeyConstraint) -> str:
    return f"public.{constraint.referred_table.name}.{constraint.elements[0].column.name}"


def _same(index: sa.Index, found: FoundIndex) -> bool:
    """Tells whether an index is exactly what the model would make."""
    names = tuple(column.name for column in index.columns)
    return found.plain and found.columns == names and found.unique == bool(index.unique)


def _is_addition(table: sa.Table, name: str) -> bool:
    contract = BY_TABLE.get(table.name)
    column = contract.column(name) if contract else None
    return column is not None and column.addition


def _alter(connection: sa.Connection, table: sa.Table, action: sql.Composable) -> None:
    statement = sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(table.name), action)
    target.execute(connection, statement)


def _is_table(connection: sa.Connection, table: str) -> bool:
    return bool(
        _scalar(
            connection,
            "SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = to_regclass(:name)",
            name=_qualified(table),
        )
    )


def _has_primary_key(connection: sa.Connection, table: str) -> bool:
    return bool(
        _scalar(
            connection,
            """
            SELECT EXISTS (
                SELECT FROM pg_index
                JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                WHERE indrelid = to_regclass(:name) AND indisprimary AND indnatts = 1
                  AND attname = 'id')
            """,
            name=_qualified(table),
        )
    )


def _qualified(table: str) -> str:
    return f"public.{_DIALECT.identifier_preparer.quote(table)}"


def _scalar(connection: sa.Connection, statement: str, **values: object) -> object:
    return connection.scalar(sa.text(statement), values)
