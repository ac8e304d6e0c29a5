"""The sequences that number new rows of the target.

``ALTER SEQUENCE … RESTART`` is undone by a rollback, ``setval`` is not.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core import models, target

_RESTART = sql.SQL("ALTER SEQUENCE {} RESTART WITH {}")


HIGHEST_ID = 2**31 - 1
"""What PostgreSQL's ``integer`` ends with."""


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """The sequence behind a table's ``id``; ``next`` is the number it gives next."""

    name: str
    next: int


def find(connection: sa.Connection, table: str) -> Sequence | None:
    """Returns the sequence that a table's ``id`` takes its default from, if there is one."""
    row = connection.execute(
        sa.text(
            """
            SELECT seqrelid::regclass::text, seqincrement
            FROM pg_attribute
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            JOIN pg_depend ON
                -- A default depends on the sequence, whoever owns that,
                classid = 'pg_attrdef'::regclass AND objid = pg_attrdef.oid
                AND refclassid = 'pg_class'::regclass
                -- and the sequence of an identity column on the column.
                OR attidentity <> '' AND classid = 'pg_class'::regclass
                AND refclassid = 'pg_class'::regclass
                AND refobjid = attrelid AND refobjsubid = attnum AND deptype = 'i'
            JOIN pg_sequence
                ON seqrelid = CASE WHEN attidentity <> '' THEN objid ELSE refobjid END
            WHERE attrelid = to_regclass(:name) AND attname = 'id'
            """
        ),
        {"name": f"public.{table}"},
    ).first()
    if row is None:
        return None
    name, increment = row
    columns: list[sa.ColumnElement[Any]] = [sa.column("last_value"), sa.column("is_called")]
    state = connection.execute(sa.select(*columns).select_from(sa.text(name))).one()
    return Sequence(
        name=name, next=state.last_value + increment if state.is_called else state.last_value
    )


def next_free(connection: sa.Connection, table: str) -> int:
    """Returns an id above every existing one that the sequence has not given out yet."""
    sequence = find(connection, table)
    return max(_highest(connection, table) + 1, sequence.next if sequence else 1)


def move_past_highest(connection: sa.Connection, table: str) -> Sequence | None:
    """Moves a table's sequence past the highest id, where it is not there already."""
    sequence = find(connection, table)
    wanted = _highest(connection, table) + 1
    if sequence is None or sequence.next >= wanted:
        return sequence
    if wanted > HIGHEST_ID:
        wanted = _highest_gap(connection, table)
    # The name comes quoted from PostgreSQL itself.
    name = sql.SQL(sequence.name)
    target.execute(connection, _RESTART.format(name, sql.Literal(wanted)))
    return Sequence(name=sequence.name, next=wanted)


def _highest_gap(connection: sa.Connection, table: str) -> int:
    """Returns the highest free id that follows a taken one, where the very last is taken."""
    model = models.public.tables[table]
    after = model.alias()
    taken = sa.exists(sa.select(after.c.id).where(after.c.id == model.c.id + 1))
    statement = sa.select(sa.func.max(model.c.id)).where(model.c.id < HIGHEST_ID, ~taken)
    return (connection.scalar(statement) or 0) + 1


def _highest(connection: sa.Connection, table: str) -> int:
    model = models.public.tables[table]
    return connection.scalar(sa.select(sa.func.max(model.c.id))) or 0
