"""Takes a migration out of the target again: what it wrote and nobody has edited since.

Rows go first, children before their parents; rows that were taken over are put back as they were;
then, where nothing of the migration is left, the user and every object that it created. All of it
is one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import IdSet, log_elapsed
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import (
    ids_where,
    lock_for_writing,
    lock_timeout,
    table_columns,
    temporary_id_table,
    transaction,
)
from bizy_assets.core.rollback.drop_objects import DroppedObjects, drop_created
from bizy_assets.core.rollback.restore import restore_adopted
from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS
from bizy_assets.core.state import ever_migrated, row_hash
from bizy_assets.core.target import (
    ADOPTED_TABLE,
    LEDGER_TABLES,
    LOADS_TABLE,
    PUBLIC_METADATA,
    TARGET_TABLES,
    add_missing_columns,
    ensure_state_schema,
    password_file,
)


@dataclass(frozen=True, kw_only=True)
class TableRollback:
    """What became of a table's rows.

    Attributes:
        table: The table.
        deleted: How many rows were taken out.
        restored: How many were put back as they were before they were taken over.
        gone: How many somebody else had deleted already.
        edited: Rows that somebody has edited since they were written; they stay.
    """

    table: str
    deleted: int
    restored: int
    gone: int
    edited: IdSet


@dataclass
class RollbackResult:
    """What a rollback did.

    Attributes:
        tables: Table by table, children first; nothing where nothing was ever migrated.
        orphaned: For columns that name a parent, the rows of others that now name none.
        unmade: What became of the user and the objects that the migration made; None while
            edited rows keep the ledger.
    """

    tables: list[TableRollback] = field(default_factory=list)
    orphaned: dict[str, IdSet] = field(default_factory=dict)
    unmade: DroppedObjects | None = None

    @property
    def edited(self) -> int:
        """How many rows stay because somebody has edited them."""
        return sum(len(table.edited) for table in self.tables)


def roll_back(
    connection: sa.Connection,
    home: Path,
    *,
    keep_edited: bool,
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS,
) -> RollbackResult:
    """Takes out what the migration wrote.

    Args:
        connection: Holds the target's lock; outside a transaction.
        home: ``BIZY_HOME``, with the password file of a user that goes.
        keep_edited: Whether rows that were edited become the backend's own, and everything else
            goes; otherwise they keep their entries in the ledger, and the ledger stays.
        lock_wait_seconds: How long to wait for sessions that lock the tables.

    Raises:
        TargetError: PostgreSQL refuses, or another session did not give its lock back.
    """
    done = RollbackResult()
    with transaction(connection), log_elapsed("the migration's rows taken out"):
        if not ever_migrated(connection):
            return done
        ensure_state_schema(connection)
        there = [c for c in CONTRACTS if table_columns(connection, c.table)]
        for table in reversed(PUBLIC_METADATA.sorted_tables):
            with lock_timeout(connection, table, seconds=lock_wait_seconds):
                _prepare(connection, table)
        work = [_TableRollback(connection, contract) for contract in reversed(there)]
        for taking in work:
            taking.orphan(work, done.orphaned)
            taking.delete()
        restored = {taking.contract.table: taking.restore() for taking in reversed(work)}
        done.tables = [taking.result(restored[taking.contract.table]) for taking in work]
        # What the next load finds is not what the last one left.
        connection.execute(sa.update(LOADS_TABLE).values(basis=""))
        if keep_edited or not done.edited:
            kept = {table.table for table in done.tables if len(table.edited)}
            done.unmade = drop_created(connection, kept, lock_wait_seconds=lock_wait_seconds)
    for email in done.unmade.users if done.unmade else ():
        password_file(home, connection.engine.url, email).unlink(missing_ok=True)
    return done


class _TableRollback:
    """One table's rows on their way out; made before any row has gone."""

    def __init__(self, connection: sa.Connection, contract: Contract) -> None:
        self.connection = connection
        self.contract = contract
        self.model = TARGET_TABLES[contract.table]
        self.entry = LEDGER_TABLES[contract.table]
        self.adopted = ADOPTED_TABLE.alias()
        self.as_written = temporary_id_table(connection, f"bizy_undo_{contract.table}")
        same = sa.select(self.entry.c.id).where(
            self.entry.c.id == self.model.c.id,
            self.entry.c.hash == row_hash(contract, self.model),
        )
        connection.execute(sa.insert(self.as_written).from_select(["id"], same))
        there = self.model.c.id.is_not(None)
        found = ids_where(
            connection, self.entry, {"there": there, "gone": ~there}, outer_joined=self.model
        )
        written = ids_where(connection, self.as_written, {"all": sa.true()})["all"]
        self.edited, self.gone = found["there"] - written, found["gone"]
        self._deleted = 0

    @property
    def _leaving(self) -> sa.Select[tuple[int]]:
        """Those of them that were not there before the migration."""
        there_before = sa.exists().where(
            self.adopted.c.table_name == self.contract.table,
            self.adopted.c.id == self.as_written.c.id,
        )
        return sa.select(self.as_written.c.id).where(~there_before)

    def orphan(self, tables: Sequence["_TableRollback"], orphaned: dict[str, IdSet]) -> None:
        """Notes which rows of others will lose a parent, once children of ours have gone."""
        leaving = self._leaving.subquery()
        for child in tables:
            rows, written = child.model, child.as_written
            losing = {"losing": leaving.c.id.is_not(None) & written.c.id.is_(None)}
            for column in child.contract.parents:
                if column.references == self.contract.table:
                    joined = rows.outerjoin(leaving, leaving.c.id == rows.c[column.name])
                    found = ids_where(
                        self.connection, rows, losing, joined=joined, outer_joined=written
                    )
                    if len(found["losing"]):
                        orphaned[f"{child.contract.table}.{column.name}"] = found["losing"]

    def delete(self) -> None:
        """Takes out what the migration brought in."""
        leaving = sa.delete(self.model).where(self.model.c.id.in_(self._leaving))
        self._deleted = self.connection.execute(leaving).rowcount

    def restore(self) -> int:
        """Puts back what was taken over, and forgets all entries but those of edited rows."""
        restored = restore_adopted(self.connection, self.contract, self.as_written)
        written = sa.exists().where(self.as_written.c.id == self.model.c.id)
        edited = sa.exists(
            sa.select(self.model.c.id).where(self.model.c.id == self.entry.c.id, ~written)
        )
        self.connection.execute(sa.delete(self.entry).where(~edited))
        return restored

    def result(self, restored: int) -> TableRollback:
        """Returns what became of the rows."""
        return TableRollback(
            table=self.contract.table,
            deleted=self._deleted,
            restored=restored,
            gone=len(self.gone),
            edited=self.edited,
        )


def _prepare(connection: sa.Connection, table: sa.Table) -> None:
    """Keeps others from writing to a table, where there is one, and makes its rows readable."""
    if table_columns(connection, table.name):
        lock_for_writing(connection, table)
        # It was never loaded, or the backend's own migrations dropped our columns.
        add_missing_columns(connection, table)
