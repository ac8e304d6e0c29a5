"""The sequences that number new rows of the target.

``ALTER SEQUENCE … RESTART`` is undone by a rollback, ``setval`` is not.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg2 import sql
from sqlalchemy.dialects import postgresql

from bizy_assets.core.postgres import execute
from bizy_assets.core.target.state_tables import SEQUENCE_MOVES_TABLE
from bizy_assets.core.target.tables import PUBLIC_METADATA

_RESTART = sql.SQL("ALTER SEQUENCE {} RESTART WITH {}")


MAX_ID = 2**31 - 1
"""What PostgreSQL's ``integer`` ends with."""


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """The sequence behind a table's ``id``.

    Attributes:
        oid: PostgreSQL's number of it.
        name: Its name, quoted where it must be.
        value: The number it gave last, or gives next where it was not called yet.
        called: Whether it was.
        next: The number it gives next.
    """

    oid: int
    name: str
    value: int
    called: bool
    next: int


def find_sequence(connection: sa.Connection, table: str) -> Sequence | None:
    """Returns the sequence that a table's ``id`` takes its default from, if there is one."""
    row = connection.execute(
        sa.text(
            """
            SELECT seqrelid::bigint, seqrelid::regclass::text, seqincrement
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
        {"name": table},
    ).first()
    if row is None:
        return None
    oid, name, increment = row
    columns: list[sa.ColumnElement[Any]] = [sa.column("last_value"), sa.column("is_called")]
    state = connection.execute(sa.select(*columns).select_from(sa.text(name))).one()
    return Sequence(
        oid=oid,
        name=name,
        value=state.last_value,
        called=state.is_called,
        next=state.last_value + increment if state.is_called else state.last_value,
    )


def next_free_id(connection: sa.Connection, table: str) -> int:
    """Returns an id above every existing one that the sequence has not given out yet."""
    sequence = find_sequence(connection, table)
    return max(_highest(connection, table) + 1, sequence.next if sequence else 1)


def advance_sequence(connection: sa.Connection, table: str) -> None:
    """Moves a table's sequence past the highest id, where it is not there already."""
    sequence = find_sequence(connection, table)
    wanted = _highest(connection, table) + 1
    if sequence is None or sequence.next >= wanted:
        return
    if wanted > MAX_ID:
        wanted = _highest_gap(connection, table)
    _restart(connection, sequence, wanted)
    _note_move(connection, table, sequence, wanted)


def restore_sequence(connection: sa.Connection, table: str) -> None:
    """Undoes the migration's moves, unless the sequence was used since."""
    c = SEQUENCE_MOVES_TABLE.c
    move = connection.execute(
        sa.select(SEQUENCE_MOVES_TABLE).where(c.table_name == table)
    ).one_or_none()
    sequence = find_sequence(connection, table)
    if move is None or sequence is None or not _as_left(sequence, move.value_after):
        return
    set_sequence(connection, sequence, value=move.value_before, called=move.called_before)


def set_sequence(
    connection: sa.Connection, sequence: Sequence, *, value: int, called: bool
) -> None:
    """Puts a sequence where it was told to be, until a rollback."""
    _restart(connection, sequence, value)
    if called:
        # Undone by a rollback too, since RESTART gave the sequence a new file.
        name = sa.cast(sa.cast(sequence.name, sa.Text), postgresql.REGCLASS)
        connection.execute(sa.select(sa.func.setval(name, value, True)))


def _restart(connection: sa.Connection, sequence: Sequence, value: int) -> None:
    # The name comes quoted from PostgreSQL itself.
    execute(connection, _RESTART.format(sql.SQL(sequence.name), sql.Literal(value)))


def _note_move(connection: sa.Connection, table: str, before: Sequence, after: int) -> None:
    """Writes down where the sequence was; moves in a row count as one."""
    c = SEQUENCE_MOVES_TABLE.c
    last = connection.scalar(sa.select(c.value_after).where(c.table_name == table))
    values = {"value_after": after}
    if last is None or not _as_left(before, last):
        values |= {"value_before": before.value, "called_before": before.called}
    if last is None:
        connection.execute(sa.insert(SEQUENCE_MOVES_TABLE).values(table_name=table, **values))
    else:
        connection.execute(
            sa.update(SEQUENCE_MOVES_TABLE).where(c.table_name == table).values(**values)
        )


def _as_left(sequence: Sequence, value: int) -> bool:
    return (sequence.value, sequence.called) == (value, False)


def _highest_gap(connection: sa.Connection, table: str) -> int:
    """Returns the highest free id that follows a taken one, where the very last is taken."""
    model = PUBLIC_METADATA.tables[table]
    after = model.alias()
    taken = sa.exists(sa.select(after.c.id).where(after.c.id == model.c.id + 1))
    statement = sa.select(sa.func.max(model.c.id)).where(model.c.id < MAX_ID, ~taken)
    return (connection.scalar(statement) or 0) + 1


def _highest(connection: sa.Connection, table: str) -> int:
    model = PUBLIC_METADATA.tables[table]
    return connection.scalar(sa.select(sa.func.max(model.c.id))) or 0
