"""The ledger: a hash of every row of the target as the migration wrote it.

By its entry a later run detects whether a row was edited or deleted since, and a rollback deletes
exactly the rows that are unchanged. PostgreSQL computes the hash over the contract's columns by
name, in binary form. It does not depend on the order of columns, on columns added later, or on
settings of the session.

The state of an entry is the result of the last load:

* NULL: the row is as the migration wrote it.
* ``MATCHED``: the row has the source's values, but the migration did not write all of it. Columns
  that only the migration fills (``updated_at`` of tasks) keep the values that they had.
* ``EDITED``: the row was edited in PostgreSQL, and the edit is preserved.
* ``DELETED``: the row was deleted in PostgreSQL, and the deletion is preserved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from psycopg2 import sql
from sqlalchemy.schema import AddConstraint, CreateTableAs

from bizy_assets.core.common import IdSet, log_elapsed
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.postgres import execute, id_between, ids_where
from bizy_assets.core.state.fingerprint import is_of_same_table, transaction_of
from bizy_assets.core.state.id_ranges import SourceIds
from bizy_assets.core.state.runs import TableLoad
from bizy_assets.core.target import TARGET_TABLES, state_tables

MATCHED = "matched"
EDITED = "edited"
DELETED = "deleted"

_WRITTEN_BY = "written_by"
_NOT_NULL = sql.SQL("ALTER {} SET NOT NULL")


class TransactionId(sa.types.UserDefinedType[str]):
    """PostgreSQL's type of the numbers of transactions."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in PostgreSQL."""
        return "xid"


@dataclass(frozen=True)
class LedgerStates:
    """The ids of a source's ledger entries for a table, all and by state."""

    entries: IdSet
    matched: IdSet
    edited: IdSet
    deleted: IdSet


def row_hash(
    contract: Contract,
    row: sa.FromClause,
    replaced: Mapping[str, sa.ColumnElement[Any]] | None = None,
) -> sa.ColumnElement[Any]:
    """Return the SQL expression of a row's hash, with other values for the replaced columns."""
    values: dict[str, sa.ColumnElement[Any]] = {
        column.name: row.c[column.name] for column in contract.columns
    }
    values |= replaced or {}
    return sa.cast(sa.func.md5(sa.func.record_send(sa.func.row(*values.values()))), sa.Uuid)


def build_ledger(connection: sa.Connection, contract: Contract, run: int) -> None:
    """Enter every row of a table whose ledger was empty.

    The ledger table is recreated: PostgreSQL hashes on several cores only in a statement that
    creates a table, and an index is built faster after the rows.
    """
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
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
    # In one statement, which scans the rows once.
    required = [_NOT_NULL.format(sql.Identifier(c.name)) for c in entry.columns if not c.nullable]
    changes = sql.SQL(", ").join(required)
    execute(connection, sql.SQL("ALTER TABLE {} {}").format(name, changes))
    connection.execute(AddConstraint(entry.primary_key, isolate_from_table=False))


def enter_rows(connection: sa.Connection, contract: Contract, run: int, ids: SourceIds) -> None:
    """Enter the rows of a source that had no entries, as they are now."""
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    rows = sa.select(table.c.id, row_hash(contract, table), sa.literal(run, sa.Integer)).where(
        id_between(table.c.id, ids.within(contract.table))
    )
    connection.execute(sa.insert(entry).from_select(["id", "hash", "run"], rows))


def ledger_states(
    connection: sa.Connection, contract: Contract, ids: SourceIds, *, only: sa.Table | None = None
) -> LedgerStates:
    """Read the ids of a source's entries for a table, all and by state.

    ``only`` is a table of the ids to read, if not all of the source's are.
    """
    within = ids.within(contract.table)
    if not within:
        return LedgerStates(entries=IdSet(), matched=IdSet(), edited=IdSet(), deleted=IdSet())
    entry = state_tables.LEDGERS[contract.table]
    of_source = ids.has_entry(entry, contract.table)
    states = {"matched": MATCHED, "edited": EDITED, "deleted": DELETED}
    conditions: dict[str, sa.ColumnElement[bool]] = {"entries": of_source}
    for name, state in states.items():
        conditions[name] = of_source & (entry.c.state == state)
    joined = None if only is None else entry.join(only, only.c.id == entry.c.id)
    return LedgerStates(**ids_where(connection, entry, conditions, joined=joined, within=within))


def with_later_changes(
    connection: sa.Connection, load: TableLoad, ids: SourceIds, states: LedgerStates
) -> LedgerStates:
    """Return the states, with rows that others edited or deleted since the load among them."""
    contract = BY_TABLE[load.table]
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    of_source = ids.has_entry(entry, contract.table)
    exists = table.c.id.is_not(None)
    conditions = {
        "edited": of_source & exists & is_rewritten(load, entry),
        "deleted": of_source & ~exists,
    }
    within = ids.within(contract.table)
    found = ids_where(connection, entry, conditions, outer_joined=table, within=within)
    return replace(
        states, edited=states.edited | found["edited"], deleted=states.deleted | found["deleted"]
    )


def is_rewritten(load: TableLoad, entry: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a row is not as its entry says, and not as its load left it.

    A load writes a row and its entry in one transaction, whose number it records, and any later
    write of the row belongs to another one. Only rows that their load's transaction did not write
    are hashed; a restore may write both in one transaction too. The numbers mean nothing if another
    table was loaded, or one on another server; nor if only the entry was written, to change its
    state.

    ``entry`` is the ledger or ``entries_of`` a source, ``load`` the current load.
    """
    contract, loads = BY_TABLE[load.table], state_tables.LOADS.c
    table = TARGET_TABLES[contract.table]
    transaction = transaction_of(loads.fingerprint)
    of_loads = sa.select(sa.cast(transaction, TransactionId)).where(
        loads.source_id == load.run.source.id,
        loads.table_name == load.table,
        is_of_same_table(loads.fingerprint, load),
        # One NULL would slow the search for all rows.
        transaction.is_not(None),
    )
    is_left = sa.and_(
        writing_transaction(entry) == writing_transaction(table),
        entry.c.state.is_(None),
        writing_transaction(entry).in_(of_loads),
    )
    return sa.case((is_left, False), else_=entry.c.hash != row_hash(contract, table))


def entries_of(contract: Contract, ids: SourceIds) -> sa.Subquery:
    """Return the query for a source's entries."""
    entry = state_tables.LEDGERS[contract.table]
    columns = (*entry.c, writing_transaction(entry).label(_WRITTEN_BY))
    return sa.select(*columns).where(ids.has_entry(entry, contract.table)).subquery()


def writing_transaction(row: sa.FromClause) -> sa.ColumnElement[Any]:
    """Return the SQL expression of the number of the transaction that wrote a row or an entry."""
    if _WRITTEN_BY in row.c:
        return row.c[_WRITTEN_BY]
    column: sa.ColumnClause[Any] = sa.column("xmin", TransactionId())
    column.table = row
    return column


def sync_deletions(connection: sa.Connection, contract: Contract, ids: SourceIds) -> None:
    """Update the state of a source's entries whose row was deleted or restored in PostgreSQL."""
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    exists = sa.exists(sa.select(table.c.id).where(table.c.id == entry.c.id))
    with log_elapsed(f"deletions of {contract.table} found"):
        for state, changed in (
            (DELETED, entry.c.state.is_distinct_from(DELETED) & ~exists),
            (EDITED, (entry.c.state == DELETED) & exists),
        ):
            of_source = ids.has_entry(entry, contract.table)
            connection.execute(sa.update(entry).where(of_source, changed).values(state=state))


def rehash_without_parent(
    connection: sa.Connection, contract: Contract, column: str, parents: sa.Select[tuple[int]]
) -> None:
    """Rehash the entries of rows whose parent this transaction is about to delete.

    The foreign key sets the parent in ``column`` to NULL, which must not look like an edit.
    """
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    as_written = entry.c.hash == row_hash(contract, table)
    connection.execute(
        sa.update(entry)
        .where(entry.c.id == table.c.id, table.c[column].in_(parents), as_written)
        .values(hash=row_hash(contract, table, {column: sa.cast(sa.null(), sa.Integer)}))
    )
