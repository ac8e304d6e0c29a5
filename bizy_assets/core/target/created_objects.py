"""Record of the objects that the migration created in the target.

A rollback drops these objects and no others.
"""

from collections.abc import Iterable
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.target.state_tables import CREATIONS


class ObjectKind(StrEnum):
    """Kinds of objects that a migration creates."""

    SCHEMA = "schema"
    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    CONSTRAINT = "constraint"
    USER = "user"


def record_created(
    connection: sa.Connection, kind: ObjectKind, table: str, names: Iterable[str]
) -> None:
    """Record created objects, in the transaction that created them.

    Each belongs to a table, a schema to none (an empty name). The name of a user is its id.
    """
    rows = [{"kind": kind, "table_name": table, "name": name} for name in names]
    if rows:
        statement = postgresql.insert(CREATIONS).on_conflict_do_nothing()
        connection.execute(statement, rows)


def created_objects(connection: sa.Connection, kind: ObjectKind) -> list[tuple[str, str]]:
    """Return the created objects of a kind as pairs of table and name, sorted."""
    c = CREATIONS.c
    statement = sa.select(c.table_name, c.name).where(c.kind == kind)
    return [(row.table_name, row.name) for row in connection.execute(statement.order_by(*c))]


def forget_created(connection: sa.Connection, kind: ObjectKind, name: str) -> None:
    """Delete the record of a created object, after the object itself."""
    c = CREATIONS.c
    connection.execute(sa.delete(CREATIONS).where(c.kind == kind, c.name == name))
