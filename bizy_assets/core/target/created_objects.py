"""What the migration made in the target, written down as it is made.

A rollback takes out these objects and no others.
"""

from collections.abc import Iterable
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.target.state_tables import CREATIONS_TABLE


class ObjectKind(StrEnum):
    """Kinds of objects that a migration creates."""

    SCHEMA = "schema"
    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    CONSTRAINT = "constraint"
    USER = "user"


def record_created(connection: sa.Connection, kind: str, table: str, names: Iterable[str]) -> None:
    """Writes down what was made, in the transaction that made it.

    Args:
        connection: Where the migration's own tables are.
        kind: One of this module's.
        table: What it belongs to.
        names: Its names; of a user the id.
    """
    made = [{"kind": kind, "table_name": table, "name": name} for name in names]
    if made:
        new = postgresql.insert(CREATIONS_TABLE).on_conflict_do_nothing()
        connection.execute(new, made)


def created_objects(connection: sa.Connection, kind: str) -> list[tuple[str, str]]:
    """Returns what was made of a kind: tables and names, in order."""
    c = CREATIONS_TABLE.c
    statement = sa.select(c.table_name, c.name).where(c.kind == kind)
    return [(row.table_name, row.name) for row in connection.execute(statement.order_by(*c))]
