"""Roll a migration back: delete the rows that it wrote and that were not edited since.

Children are deleted before their parents, then adopted rows are restored. If no entry of the
ledger has to stay, the owner account and every object that the migration created follow. All of it
is one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import IdSet, log_elapsed
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import catalog, ids_where, locks, temporary_id_table, transaction
from bizy_assets.core.rollback.drop_objects import DroppedObjects, drop_created
from bizy_assets.core.rollback.restore import restore_adopted
from bizy_assets.core.settings import TriggerPolicy
from bizy_assets.core.state import ledger
from bizy_assets.core.target import (
    PUBLIC_METADATA,
    TARGET_TABLES,
    ddl,
    ensure_state_schema,
    has_state,
    state_tables,
    triggers,
)


@dataclass(frozen=True, kw_only=True)
class TableRollback:
    """Result of a rollback for one table: numbers of rows, and the ids of edited rows, which stay.

    ``already_deleted`` migrated rows were deleted by others before; ``restored`` are adopted rows.
    """

    table: str
    deleted: int
    restored: int
    already_deleted: int
    edited: IdSet


@dataclass
class RollbackResult:
    """Result of a rollback, children first; without tables if nothing was ever migrated.

    ``orphaned`` are rows that lost their parent and are not the migration's, by ``table.column``.
    ``objects`` is None if the ledger stays because of edited rows.
    """

    tables: list[TableRollback] = field(default_factory=list)
    orphaned: dict[str, IdSet] = field(default_factory=dict)
    objects: DroppedObjects | None = None

    @property
    def edited(self) -> int:
        """Number of rows that stay because they were edited."""
        return sum(len(table.edited) for table in self.tables)


@dataclass(frozen=True, kw_only=True)
class _MigratedRows:
    """The rows that the migration wrote to one table, as found before any is deleted.

    ``unedited`` is a temporary table of the ids of rows that are as the migration wrote them.
    """

    contract: Contract
    unedited: sa.Table
    edited: IdSet
    already_deleted: int

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.contract.table

    @property
    def table(self) -> sa.Table:
        """The table itself."""
        return TARGET_TABLES[self.name]


def roll_back(
    connection: sa.Connection,
    home: Path,
    *,
    keep_edited: bool,
    lock_wait_seconds: float,
    trigger_policy: TriggerPolicy = TriggerPolicy.REFUSE,
) -> RollbackResult:
    """Roll the migration back, on a connection that holds the target's lock.

    With ``keep_edited``, edited rows are released to the backend and everything else is dropped;
    otherwise they keep their ledger entries. A deleted owner account's password file is deleted.

    Raises:
        TargetError: PostgreSQL or the policy for triggers refuses, or a lock was not released.
    """
    result = RollbackResult()
    with transaction(connection), log_elapsed("migrated rows deleted"):
        if not has_state(connection):
            return result
        _lock_tables(connection, lock_wait_seconds)
        disabled = _disable_triggers(connection, trigger_policy)
        migrated = _find_migrated_rows(connection)
        deleted = {}
        for rows in migrated:
            result.orphaned |= _find_orphaned(connection, rows, migrated)
            delete = sa.delete(rows.table).where(rows.table.c.id.in_(_inserted(rows)))
            deleted[rows.name] = connection.execute(delete).rowcount
        restored = {rows.name: _restore(connection, rows) for rows in reversed(migrated)}
        triggers.enable_triggers(connection, disabled)
        result.tables = [
            TableRollback(
                table=rows.name,
                deleted=deleted[rows.name],
                restored=restored[rows.name],
                already_deleted=rows.already_deleted,
                edited=rows.edited,
            )
            for rows in migrated
        ]
        # The target no longer is as the last load left it, so the next one must not be skipped.
        connection.execute(sa.update(state_tables.LOADS).values(fingerprint=""))
        if keep_edited or not result.edited:
            edited = {table.table for table in result.tables if len(table.edited)}
            result.objects = drop_created(
                connection, home, edited, lock_wait_seconds=lock_wait_seconds
            )
    for file in result.objects.password_files if result.objects else ():
        file.unlink(missing_ok=True)
    return result


def _lock_tables(connection: sa.Connection, lock_wait_seconds: float) -> None:
    """Lock the existing tables against writes, and make their rows and the state readable."""
    ensure_state_schema(connection)
    for table in reversed(PUBLIC_METADATA.sorted_tables):
        with locks.lock_timeout(connection, table, seconds=lock_wait_seconds):
            if catalog.table_columns(connection, table):
                locks.lock_for_writing(connection, table)
                # Missing if it was never loaded, or the backend's own migrations dropped them.
                ddl.add_missing_columns(connection, table)


def _disable_triggers(connection: sa.Connection, policy: TriggerPolicy) -> list[triggers.Trigger]:
    triggers.require_permitted(connection, TARGET_TABLES.values(), policy)
    return triggers.disable_triggers(connection, TARGET_TABLES.values(), policy)


def _find_migrated_rows(connection: sa.Connection) -> list[_MigratedRows]:
    """Return the migrated rows of each existing table, children first."""
    return [
        _migrated_rows(connection, contract)
        for contract in reversed(CONTRACTS)
        if catalog.table_columns(connection, TARGET_TABLES[contract.table])
    ]


def _migrated_rows(connection: sa.Connection, contract: Contract) -> _MigratedRows:
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    unedited = temporary_id_table(connection, f"bizy_unedited_{contract.table}")
    as_written = sa.select(entry.c.id).where(
        entry.c.id == table.c.id, entry.c.hash == ledger.row_hash(contract, table)
    )
    connection.execute(sa.insert(unedited).from_select(["id"], as_written))
    exists = table.c.id.is_not(None)
    ids = ids_where(connection, entry, {"present": exists, "deleted": ~exists}, outer_joined=table)
    unedited_ids = ids_where(connection, unedited, {"all": sa.true()})["all"]
    return _MigratedRows(
        contract=contract,
        unedited=unedited,
        edited=ids["present"] - unedited_ids,
        already_deleted=len(ids["deleted"]),
    )


def _inserted(rows: _MigratedRows) -> sa.Select[tuple[int]]:
    """Select the ids of the unedited rows that the migration inserted, not adopted."""
    unedited, adopted = rows.unedited, state_tables.ADOPTED
    is_adopted = sa.exists().where(adopted.c.table_name == rows.name, adopted.c.id == unedited.c.id)
    return sa.select(unedited.c.id).where(~is_adopted)


def _find_orphaned(
    connection: sa.Connection, parents: _MigratedRows, tables: Sequence[_MigratedRows]
) -> dict[str, IdSet]:
    """Return the ids of rows that stay and lose their parent, by ``table.column``."""
    orphaned = {}
    deleted = _inserted(parents).subquery()
    for children in tables:
        table, unedited = children.table, children.unedited
        is_orphaned = deleted.c.id.is_not(None) & unedited.c.id.is_(None)
        for column in children.contract.parents:
            if column.references == parents.name:
                joined = table.outerjoin(deleted, deleted.c.id == table.c[column.name])
                ids = ids_where(
                    connection,
                    table,
                    {"orphaned": is_orphaned},
                    joined=joined,
                    outer_joined=unedited,
                )["orphaned"]
                if len(ids):
                    orphaned[f"{table.name}.{column.name}"] = ids
    return orphaned


def _restore(connection: sa.Connection, rows: _MigratedRows) -> int:
    """Restore the adopted rows, and delete all ledger entries but those of edited rows."""
    restored = restore_adopted(connection, rows.contract, rows.unedited)
    table, entry, unedited = rows.table, state_tables.LEDGERS[rows.name], rows.unedited
    is_unedited = sa.exists().where(unedited.c.id == table.c.id)
    is_edited = sa.exists(sa.select(table.c.id).where(table.c.id == entry.c.id, ~is_unedited))
    connection.execute(sa.delete(entry).where(~is_edited))
    return restored
