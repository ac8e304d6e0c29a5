"""The ledger: which rows of the target the migration wrote, and what they were then.

Every written row has an entry with a hash of the row, so that a later run knows whether somebody
has edited or deleted it since, and a rollback takes out exactly what is still as it was written.
PostgreSQL computes the hash over the contract's columns by name, in their binary form: neither
the order of columns, nor columns added later, nor a session's settings have a part in it.

An entry's state tells what the last load found:

* NULL: the row is as the migration wrote it.
* ``FOUND``: it holds what Bizy says, but somebody else wrote it so; what only the migration
  itself makes (``updated_at`` of tasks) is as it was found.
* ``EDITED``: somebody edited it since, and it was kept.
* ``DELETED``: somebody deleted it since, and it was left so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg2 import sql
from sqlalchemy.schema import AddConstraint, CreateTableAs

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import Contract
from bizy_assets.core.postgres import execute, ids_where
from bizy_assets.core.target import LEDGER_TABLES, RUNS_TABLE, TARGET_TABLES

MATCHED = "found"
EDITED = "edited"
DELETED = "deleted"

_NOT_NULL = sql.SQL("ALTER {} SET NOT NULL")


@dataclass(frozen=True)
class LedgerStates:
    """The ids of a table's entries, as the last load left them.

    Attributes:
        entries: All of them, whatever source they are of.
        found, edited, deleted: Those of one source that have the state.
    """

    entries: IdSet
    found: IdSet
    edited: IdSet
    deleted: IdSet


def row_hash(
    contract: Contract,
    row: sa.FromClause,
    instead: Mapping[str, sa.ColumnElement[Any]] | None = None,
) -> sa.ColumnElement[Any]:
    """Returns the hash of a row of the contract's table, in SQL.

    Args:
        contract: The table.
        row: Whose values.
        instead: Other values for some columns.
    """
    values: dict[str, sa.ColumnElement[Any]] = {
        column.name: row.c[column.name] for column in contract.columns
    }
    values |= instead or {}
    return sa.cast(sa.func.md5(sa.func.record_send(sa.func.row(*values.values()))), sa.Uuid)


def is_ledger_empty(connection: sa.Connection, contract: Contract) -> bool:
    """Tells whether no row of a table was ever written."""
    entry = LEDGER_TABLES[contract.table]
    return bool(connection.scalar(sa.select(~sa.exists(sa.select(entry.c.id)))))


def build_ledger(connection: sa.Connection, contract: Contract, run: int) -> None:
    """Enters every row of a table that held none before.

    The ledger is made anew, as PostgreSQL hashes on several cores only in a statement that makes
    a table, and as an index is faster built after the rows.
    """
    table, entry = TARGET_TABLES[contract.table], LEDGER_TABLES[contract.table]
    rows = sa.select(
        table.c.id,
        row_hash(contract, table).label("hash"),
        sa.literal(run, sa.Integer).label("run"),
        sa.cast(sa.null(), sa.Text).label("state"),
    )
    entry.drop(connection)
    connection.execute(sa.text("SET LOCAL parallel_tuple_cost TO 0"))
    connection.execute(CreateTableAs(rows, entry.name, schema=entry.schema))
    connection.execute(sa.text("SET LOCAL parallel_tuple_cost TO DEFAULT"))
    name = sql.Identifier(str(entry.schema), entry.name)
    # In one statement, which looks at every row once.
    required = [_NOT_NULL.format(sql.Identifier(c.name)) for c in entry.columns if not c.nullable]
    changes = sql.SQL(", ").join(required)
    execute(connection, sql.SQL("ALTER TABLE {} {}").format(name, changes))
    connection.execute(AddConstraint(entry.primary_key, isolate_from_table=False))


def written_for_source(entry: sa.Table, source: str) -> sa.ColumnElement[bool]:
    """Says in SQL that an entry was written for a source; another's rows are another's."""
    return entry.c.run.in_(sa.select(RUNS_TABLE.c.id).where(RUNS_TABLE.c.source == source))


def ledger_states(connection: sa.Connection, contract: Contract, source: Path) -> LedgerStates:
    """Returns a table's entries, and which of a source's rows are not simply as written."""
    entry = LEDGER_TABLES[contract.table]
    theirs = written_for_source(entry, str(source))
    wanted = {state: theirs & (entry.c.state == state) for state in (MATCHED, EDITED, DELETED)}
    ids = ids_where(connection, entry, {"entries": sa.true(), **wanted})
    return LedgerStates(**ids)


def sync_deletions(connection: sa.Connection, contract: Contract) -> None:
    """Brings up to date which rows are there: others delete rows, and put them back."""
    table, entry = TARGET_TABLES[contract.table], LEDGER_TABLES[contract.table]
    there = sa.exists(sa.select(table.c.id).where(table.c.id == entry.c.id))
    for new, changed in (
        (DELETED, entry.c.state.is_distinct_from(DELETED) & ~there),
        (EDITED, (entry.c.state == DELETED) & there),
    ):
        connection.execute(sa.update(entry).where(changed).values(state=new))


def rehash_without_parent(
    connection: sa.Connection, contract: Contract, column: str, gone: sa.Select[tuple[int]]
) -> None:
    """Prepares the entries of rows that will lose their parent through our own deletion.

    Args:
        connection: In the transaction that deletes.
        contract: The children's table.
        column: The one that names the parent.
        gone: Ids of the parents that will be deleted.
    """
    table, entry = TARGET_TABLES[contract.table], LEDGER_TABLES[contract.table]
    as_written = entry.c.hash == row_hash(contract, table)
    connection.execute(
        sa.update(entry)
        .where(entry.c.id == table.c.id, table.c[column].in_(gone), as_written)
        .values(hash=row_hash(contract, table, {column: sa.cast(sa.null(), sa.Integer)}))
    )
