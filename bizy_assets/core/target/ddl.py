"""Create the target's tables, and refuse existing ones that are incompatible.

A missing table is created without secondary indexes and foreign keys, which are built after the
load. A table that the backend created only gets the documented additional columns. All statements
run in the caller's transaction.
"""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from psycopg2 import sql
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateIndex, CreateTable, DropIndex

from bizy_assets.core.common import Progress, log_elapsed
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import SchemaError
from bizy_assets.core.postgres import catalog, execute, table_name
from bizy_assets.core.target.created_objects import ObjectKind, record_created
from bizy_assets.core.target.privileges import require_privileges, require_writable
from bizy_assets.core.target.tables import PUBLIC_METADATA

_DROP = sql.SQL("DROP CONSTRAINT {}")
_VALIDATE = sql.SQL("VALIDATE CONSTRAINT {}")


def preflight(connection: sa.Connection) -> None:
    """Require, before anything is written, that every table can be created or written to.

    Raises:
        SchemaError: A table does not match the backend's schema.
        TargetError: The role lacks a privilege.
    """
    require_writable(connection)
    missing, present = [], []
    found = catalog.describe_tables(connection, PUBLIC_METADATA.sorted_tables)
    for table in PUBLIC_METADATA.sorted_tables:
        if table in found:
            _require_compatible(connection, table, found[table])
            present.append(table.name)
        else:
            missing.append(table.name)
    require_privileges(connection, missing=missing, present=present)


def ensure_table(connection: sa.Connection, table: sa.Table) -> None:
    """Create a table if it is missing; otherwise add the columns that it lacks.

    Raises:
        SchemaError: The table exists and does not match the backend's schema.
    """
    found = catalog.describe_tables(connection, [table]).get(table)
    if found is None:
        connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        record_created(connection, ObjectKind.TABLE, table.name, [table.name])
        return
    _require_compatible(connection, table, found)
    _add_columns(connection, table, found.columns)


def has_all_columns(connection: sa.Connection, table: sa.Table) -> bool:
    """Return True if a table exists with all columns of its model."""
    return set(table.columns.keys()) <= catalog.table_columns(connection, table).keys()


def add_missing_columns(connection: sa.Connection, table: sa.Table) -> None:
    """Add the columns of the model that an existing table lacks."""
    _add_columns(connection, table, catalog.table_columns(connection, table))


def _add_columns(connection: sa.Connection, table: sa.Table, present: Collection[str]) -> None:
    missing = [column for column in table.columns if column.name not in present]
    for column in missing:
        definition = str(CreateColumn(column).compile(dialect=connection.dialect))
        _alter(connection, table, sql.SQL("ADD COLUMN {}").format(sql.SQL(definition)))
    record_created(connection, ObjectKind.COLUMN, table.name, [c.name for c in missing])


def drop_indexes_and_keys(connection: sa.Connection, table: sa.Table) -> set[str]:
    """Drop the indexes and foreign keys that ``ensure_indexes_and_keys`` restores identically.

    Returns their names.
    """
    dropped = set()
    constraints = {str(key.name): key for key in table.foreign_key_constraints}
    for key in catalog.foreign_keys(connection, table):
        if key.name in constraints and _is_same_key(constraints[key.name], key):
            _alter(connection, table, _DROP.format(sql.Identifier(key.name)))
            dropped.add(key.name)
    existing = {index.name: index for index in catalog.secondary_indexes(connection, table)}
    for index in table.indexes:
        name = str(index.name)
        if name in existing and _is_same_index(index, existing[name]):
            connection.execute(DropIndex(index))
            dropped.add(name)
    return dropped


def ensure_indexes_and_keys(
    connection: sa.Connection, table: sa.Table, *, dropped: Collection[str] = ()
) -> list[str]:
    """Create missing indexes and foreign keys, validate existing keys, and return the new names.

    An object that has the expected name but another definition is left unchanged. Objects that
    this transaction dropped before are only restored, not recorded as created.
    """
    indexes = ensure_indexes(connection, table, dropped=dropped)
    return indexes + ensure_keys(connection, table, dropped=dropped)


def ensure_indexes(
    connection: sa.Connection, table: sa.Table, *, dropped: Collection[str] = ()
) -> list[str]:
    """Create missing indexes, see ``ensure_indexes_and_keys``."""
    missing = missing_indexes(connection, table)
    progress = Progress(f"indexes of {table.name} built", len(missing), "indexes")
    for index, is_invalid in missing.items():
        if is_invalid:
            connection.execute(DropIndex(index))
        with progress.ticking():
            connection.execute(CreateIndex(index))
        progress.add(1)
    return _record(connection, ObjectKind.INDEX, table, map(_name, missing), dropped)


def missing_indexes(connection: sa.Connection, table: sa.Table) -> dict[sa.Index, bool]:
    """Return the indexes to create, and whether an invalid one with the same definition exists."""
    missing = {}
    existing = {index.name: index for index in catalog.secondary_indexes(connection, table)}
    for index in sorted(table.indexes, key=_name):
        found = existing.get(_name(index))
        is_invalid = found is not None and not found.valid and _is_same_index(index, found)
        if found is None or is_invalid:
            missing[index] = is_invalid
    return missing


def ensure_keys(
    connection: sa.Connection, table: sa.Table, *, dropped: Collection[str] = ()
) -> list[str]:
    """Create missing foreign keys and validate existing ones, see ``ensure_indexes_and_keys``."""
    with log_elapsed(f"foreign keys of {table.name} checked"):
        missing, unvalidated = missing_keys(connection, table)
        for constraint in missing:
            connection.execute(AddConstraint(constraint, isolate_from_table=False))
        for name in unvalidated:
            _alter(connection, table, _VALIDATE.format(sql.Identifier(name)))
    return _record(connection, ObjectKind.CONSTRAINT, table, map(_name, missing), dropped)


def missing_keys(
    connection: sa.Connection, table: sa.Table
) -> tuple[list[sa.ForeignKeyConstraint], list[str]]:
    """Return the foreign keys to create, and the names of those to validate."""
    missing, unvalidated = [], []
    existing = catalog.foreign_keys(connection, table)
    names = {key.name for key in existing}
    for constraint in sorted(table.foreign_key_constraints, key=_name):
        expected = (constraint.column_keys[0], _referenced_column(constraint))
        keys = [key for key in existing if (key.column, key.references) == expected]
        if not keys and constraint.name not in names:
            missing.append(constraint)
        unvalidated += [key.name for key in keys if key.enforced and not key.validated]
    return missing, unvalidated


def _record(
    connection: sa.Connection,
    kind: ObjectKind,
    table: sa.Table,
    created: Iterable[str],
    dropped: Collection[str],
) -> list[str]:
    """Record and return the names of created objects."""
    names = list(created)
    record_created(connection, kind, table.name, [n for n in names if n not in dropped])
    return names


def _name(item: sa.Index | sa.ForeignKeyConstraint) -> str:
    return str(item.name)


def _is_same_key(constraint: sa.ForeignKeyConstraint, key: catalog.ForeignKeyInfo) -> bool:
    """Return True if a foreign key is exactly what the model would create."""
    return (
        key.plain
        and key.column == constraint.column_keys[0]
        and key.references == _referenced_column(constraint)
        and key.on_delete == (constraint.ondelete or "NO ACTION")
    )


def _referenced_column(constraint: sa.ForeignKeyConstraint) -> str:
    return f"{constraint.referred_table.name}.{constraint.elements[0].column.name}"


def _is_same_index(index: sa.Index, found: catalog.IndexInfo) -> bool:
    names = tuple(column.name for column in index.columns)
    return found.plain and found.columns == names and found.unique == bool(index.unique)


def _alter(connection: sa.Connection, table: sa.Table, action: sql.Composable) -> None:
    statement = sql.SQL("ALTER TABLE {} {}").format(table_name(connection, table), action)
    execute(connection, statement)


def _require_compatible(
    connection: sa.Connection, table: sa.Table, found: catalog.TableInfo
) -> None:
    """Require that an existing table can store the model's rows.

    It must be a table with a primary key on ``id``. Each column must have the expected type; it
    must not be always generated, nor required and unknown to Bizy.
    """
    if not found.is_table:
        raise SchemaError(
            f"public.{table.name} of the target is not a table but, for example, a view; rename it "
            "or use an empty database, then run again."
        )
    for column in table.columns:
        expected = column.type.compile(connection.dialect).lower()
        expected = expected.replace("varchar", "character varying")
        _require_column(column, expected, found.columns.get(column.name))
    for name, present in found.columns.items():
        if name not in table.columns and present.not_null and not present.has_default:
            raise SchemaError(
                f"Column {name} of the target's table {table.name} is NOT NULL without a "
                "default, but Bizy has no value for it; give it a default, then run again."
            )
    if found.primary_key != "id":
        raise SchemaError(
            f"Table {table.name} of the target has no primary key on id alone; add it, then run "
            "again."
        )


def _require_column(
    column: sa.Column[object], expected: str, found: catalog.ColumnInfo | None
) -> None:
    """Require that a column of the model has the expected type, or may be added."""
    table, name = column.table.name, column.name
    if found is None:
        if _is_addition(table, name):
            return
        raise SchemaError(
            f"Table {table} of the target has no column {name} ({expected}), which the backend's "
            "schema has; apply the backend's own migrations, then run again."
        )
    if found.type != expected:
        raise SchemaError(
            f"Column {name} of the target's table {table} has type {found.type}, expected "
            f"{expected}; change the column or use an empty database."
        )
    if found.computed:
        raise SchemaError(
            f"Column {name} of the target's table {table} is generated from an expression, so it "
            "cannot store Bizy's value; have the table's owner run: "
            f"ALTER TABLE {table} ALTER {name} DROP EXPRESSION."
        )
    if found.always_generated:
        raise SchemaError(
            f"Column {name} of the target's table {table} is GENERATED ALWAYS, expected BY "
            "DEFAULT, because rows keep their ids; have the table's owner run: "
            f"ALTER TABLE {table} ALTER {name} SET GENERATED BY DEFAULT."
        )


def _is_addition(table: str, name: str) -> bool:
    contract = BY_TABLE.get(table)
    column = contract.column(name) if contract else None
    return column is not None and column.addition
