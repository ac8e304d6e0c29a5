"""The sequences of the target's ``id`` columns.

Sequences are moved with ``ALTER SEQUENCE … RESTART``, which ROLLBACK undoes, unlike ``setval``.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from psycopg2 import errors, sql
from sqlalchemy.dialects import postgresql

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url, execute, locks, name_text, table_name
from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS
from bizy_assets.core.target.state_tables import SEQUENCE_MOVES

MAX_ID = 2**31 - 1

_STATE = sql.SQL("SELECT last_value, is_called FROM {}")
_USE = sql.SQL("""
    SELECT last_value, is_called, (SELECT coalesce(max(id), 0) FROM {table}),
           EXISTS (SELECT FROM {table} WHERE id = last_value
                   + CASE WHEN is_called THEN {increment} ELSE 0 END)
    FROM {sequence}
""")
_RESTART = sql.SQL("ALTER SEQUENCE {} RESTART WITH {}")
_LOCK = sql.SQL("ALTER SEQUENCE {} INCREMENT BY {}")
"""A statement that changes nothing; ``LOCK TABLE`` does not lock sequences."""

_FIND = sa.text("""
    SELECT seqrelid::bigint AS oid, nspname AS schema, relname AS name, seqincrement AS increment
    FROM pg_attribute
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    JOIN pg_depend ON
        -- A default depends on the sequence, whichever column owns it,
        classid = 'pg_attrdef'::regclass AND objid = pg_attrdef.oid
        AND refclassid = 'pg_class'::regclass
        -- and the sequence of an identity column on the column.
        OR attidentity <> '' AND classid = 'pg_class'::regclass
        AND refclassid = 'pg_class'::regclass
        AND refobjid = attrelid AND refobjsubid = attnum AND deptype = 'i'
    JOIN pg_sequence
        ON seqrelid = CASE WHEN attidentity <> '' THEN objid ELSE refobjid END
    JOIN pg_class ON pg_class.oid = seqrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE attrelid = to_regclass(:name) AND attname = 'id'
""")


_LONGEST_SECONDS = 10
_PAUSE_SECONDS = 0.005
"""How long to try to read a sequence that others move at the same moment, and how often."""


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """The sequence behind a table's ``id``.

    Attributes:
        oid: Its object identifier.
        schema: Its schema.
        name: Its name in the schema.
        increment: The difference between two values.
        value: The value issued last, or the next one if none was issued yet.
        called: Whether a value was issued.
    """

    oid: int
    schema: str
    name: str
    increment: int
    value: int = 1
    called: bool = False

    @property
    def next(self) -> int:
        """The value issued next."""
        return self.value + self.increment if self.called else self.value


def find_sequence(connection: sa.Connection, table: sa.Table) -> Sequence | None:
    """Return the sequence that provides the default of a table's ``id``, if there is one."""
    sequence = _find(connection, table)
    return None if sequence is None else _with_state(connection, sequence)


def _find(connection: sa.Connection, table: sa.Table) -> Sequence | None:
    """Return the sequence with its state unread."""
    row = connection.execute(_FIND, {"name": name_text(connection, table)}).first()
    return None if row is None else Sequence(**row._mapping)


def _with_state(connection: sa.Connection, sequence: Sequence) -> Sequence:
    """Return a sequence with its state as it is now."""
    value, called = _read(connection, _STATE.format(_identifier(sequence)))
    return replace(sequence, value=value, called=called)


@dataclass(frozen=True, kw_only=True)
class SequenceUse:
    """A table's sequence, if it has one, and the ids in use: the highest, and whether its next."""

    sequence: Sequence | None
    highest_id: int
    next_is_used: bool


def sequence_use(connection: sa.Connection, table: sa.Table) -> SequenceUse:
    """Read a table's sequence and its ids in one statement.

    The ids are those that were committed before, when the sequence had issued them.
    """
    sequence = _find(connection, table)
    if sequence is None:
        return SequenceUse(sequence=None, highest_id=max_id(connection, table), next_is_used=False)
    statement = _USE.format(
        sequence=_identifier(sequence),
        table=table_name(connection, table),
        increment=sql.Literal(sequence.increment),
    )
    value, called, highest, is_used = _read(connection, statement)
    current = replace(sequence, value=value, called=called)
    return SequenceUse(sequence=current, highest_id=highest, next_is_used=is_used)


def _read(connection: sa.Connection, statement: sql.Composed) -> tuple[Any, ...]:
    """Return the row of a statement that reads a sequence, while others may move it.

    A moved sequence gets a new file, and the old one is emptied. PostgreSQL then finds no row in
    it, or calls it corrupted. A lock against that would last until the transaction ends.

    Raises:
        psycopg2.Error: PostgreSQL refuses the statement.
        TargetError: No attempt has found the row.
    """
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        with suppress(errors.DataCorrupted), connection.begin_nested():
            if rows := execute(connection, statement):
                return rows[0]
        time.sleep(_PAUSE_SECONDS)
    raise TargetError(
        f"A sequence in {describe_url(connection.engine.url)} cannot be read; check the server's "
        "files and its log."
    )


def lock_sequences(
    connection: sa.Connection, tables: Iterable[sa.Table], *, lock_wait_seconds: float | None
) -> None:
    """Lock the sequences of tables, which no other session can use until the transaction ends.

    Commit soon: every session that inserts a row waits for it. Without seconds, the session's own
    limit applies.

    Raises:
        TargetError: A transaction that used one of the sequences did not end in time.
    """
    found = [_find(connection, table) for table in tables]
    sequences = [sequence for sequence in found if sequence is not None]
    if lock_wait_seconds is None:
        _alter_all(connection, sequences)
    elif sequences:
        _lock_all(connection, sequences, lock_wait_seconds)


def _lock_all(
    connection: sa.Connection, sequences: list[Sequence], lock_wait_seconds: float
) -> None:
    names = [sequence.name for sequence in sequences]
    alter = partial(_alter_all, connection, sequences)
    locks.acquire_in_turns(connection, alter, " or ".join(names), names, seconds=lock_wait_seconds)


def _alter_all(connection: sa.Connection, sequences: Iterable[Sequence]) -> None:
    for sequence in sequences:
        statement = _LOCK.format(_identifier(sequence), sql.Literal(sequence.increment))
        execute(connection, statement)


def _lock(connection: sa.Connection, sequence: Sequence, lock_wait_seconds: float) -> Sequence:
    _lock_all(connection, [sequence], lock_wait_seconds)
    # It may have issued values until it was locked.
    return _with_state(connection, sequence)


def reserve_id(
    connection: sa.Connection,
    table: sa.Table,
    wanted: int | None = None,
    *,
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS,
) -> int:
    """Return the wanted id, or one above every existing one, that the sequence will not issue.

    Raises:
        TargetError: As ``lock_sequences``.
    """
    sequence = find_sequence(connection, table)
    if wanted is not None and (sequence is None or sequence.next > wanted):
        return wanted
    if sequence is not None:
        sequence = _lock(connection, sequence, lock_wait_seconds)
    next_id = sequence.next if sequence else 1
    reserved = wanted or max(max_id(connection, table) + 1, next_id)
    if sequence is not None and next_id <= reserved < MAX_ID:
        move_sequence(connection, table, sequence, reserved + 1)
    return reserved


def advance_sequence(
    connection: sa.Connection,
    table: sa.Table,
    *,
    past: int = 0,
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS,
) -> None:
    """Move a table's sequence past the highest id, and past another one, unless it is there.

    Raises:
        TargetError: As ``lock_sequences``.
    """
    next_id = max(max_id(connection, table), past) + 1
    sequence = find_sequence(connection, table)
    if sequence is None or sequence.next >= next_id:
        return
    sequence = _lock(connection, sequence, lock_wait_seconds)
    if sequence.next >= next_id:
        return
    if next_id > MAX_ID:
        next_id = _highest_free_id(connection, table)
    move_sequence(connection, table, sequence, next_id)


def restore_sequence(connection: sa.Connection, table: sa.Table) -> None:
    """Undo the migration's moves of a sequence, unless it was used since."""
    c = SEQUENCE_MOVES.c
    of_table = sa.select(SEQUENCE_MOVES).where(c.table_name == table.name)
    move = connection.execute(of_table).one_or_none()
    sequence = find_sequence(connection, table)
    if move is None or sequence is None or not _is_unused_since_move(sequence, move.value_after):
        return
    set_sequence(connection, sequence, value=move.value_before, called=move.called_before)


def set_sequence(
    connection: sa.Connection, sequence: Sequence, *, value: int, called: bool
) -> None:
    """Set the state of a sequence, so that ROLLBACK undoes it."""
    execute(connection, _RESTART.format(_identifier(sequence), sql.Literal(value)))
    if called:
        # ROLLBACK undoes this too, because RESTART gave the sequence a new file.
        identifier = sa.cast(sequence.oid, postgresql.REGCLASS)
        connection.execute(sa.select(sa.func.setval(identifier, value, True)))


def move_sequence(
    connection: sa.Connection, table: sa.Table, sequence: Sequence, value: int
) -> None:
    """Let a locked sequence of a table issue a value next.

    The state before is recorded; consecutive moves count as one.
    """
    set_sequence(connection, sequence, value=value, called=False)
    c = SEQUENCE_MOVES.c
    of_table = c.table_name == table.name
    last = connection.scalar(sa.select(c.value_after).where(of_table))
    values = {"value_after": value}
    if last is None or not _is_unused_since_move(sequence, last):
        values |= {"value_before": sequence.value, "called_before": sequence.called}
    if last is None:
        connection.execute(sa.insert(SEQUENCE_MOVES).values(table_name=table.name, **values))
    else:
        connection.execute(sa.update(SEQUENCE_MOVES).where(of_table).values(**values))


def _identifier(sequence: Sequence) -> sql.Identifier:
    return sql.Identifier(sequence.schema, sequence.name)


def _is_unused_since_move(sequence: Sequence, value: int) -> bool:
    return (sequence.value, sequence.called) == (value, False)


def _highest_free_id(connection: sa.Connection, table: sa.Table) -> int:
    """Return the highest free id that follows a used one, for a table that uses ``MAX_ID``."""
    other = table.alias()
    is_followed = sa.exists(sa.select(other.c.id).where(other.c.id == table.c.id + 1))
    statement = sa.select(sa.func.max(table.c.id)).where(table.c.id < MAX_ID, ~is_followed)
    return (connection.scalar(statement) or 0) + 1


def max_id(connection: sa.Connection, table: sa.Table) -> int:
    """Return the highest id of a table, or 0."""
    return connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
