"""Roll a migration back: delete the rows that it wrote and that were not edited since.

Children are deleted before their parents, then adopted rows are restored. If no entry of the
ledger has to stay, the owner account and every object that the migration created follow. All of it
is one transaction.
"""

from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import IdSet, TriggerPolicy, log_elapsed
from bizy_assets.core.postgres import catalog, locks, run_giving_way, transaction
from bizy_assets.core.rollback.drop_objects import (
    DroppedObjects,
    changed_tables,
    drop_created,
    forget_source,
    lock_owner,
)
from bizy_assets.core.rollback.migrated_rows import (
    delete_rows,
    find_migrated_rows,
    find_orphaned,
    lock_rows_of,
    restore_rows,
)
from bizy_assets.core.state import Source, SourceIds, id_ranges, sources
from bizy_assets.core.target import (
    PUBLIC_METADATA,
    TARGET_TABLES,
    ddl,
    ensure_state_schema,
    has_state,
    require_current_state,
    sequences,
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
    def edited_tables(self) -> set[str]:
        """The tables with rows that stay because they were edited."""
        return {table.table for table in self.tables if len(table.edited)}

    @property
    def edited(self) -> int:
        """Number of rows that stay because they were edited."""
        return sum(len(table.edited) for table in self.tables)


def roll_back(
    connection: sa.Connection,
    home: Path,
    *,
    keep_edited: bool,
    lock_wait_seconds: float,
    trigger_policy: TriggerPolicy = TriggerPolicy.REFUSE,
) -> RollbackResult:
    """Roll the migration of all sources back, on a connection that holds the target's lock alone.

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
        _delete_rows(connection, None, result)
        triggers.enable_triggers(connection, disabled)
        # The target no longer is as the last load left it, so the next one must not be skipped.
        connection.execute(sa.update(state_tables.LOADS).values(fingerprint=""))
        if keep_edited or not result.edited:
            result.objects = drop_created(
                connection, home, result.edited_tables, lock_wait_seconds=lock_wait_seconds
            )
    _delete_password_files(result)
    return result


def roll_back_source(
    connection: sa.Connection,
    home: Path,
    key: str,
    *,
    keep_edited: bool,
    lock_wait_seconds: float,
    trigger_policy: TriggerPolicy = TriggerPolicy.REFUSE,
) -> RollbackResult:
    """Roll the migration of one source back, while other sources may be loaded.

    The connection holds the target's lock shared, and the source's lock. Objects that the migration
    created stay for the other sources; ``remove_objects`` drops them after the last one. Otherwise
    as ``roll_back``.

    Raises:
        TargetError: PostgreSQL or the policy for triggers refuses, or a lock was not released.
    """

    def roll_back() -> RollbackResult:
        result = RollbackResult()
        require_current_state(connection)
        source = sources.find_source(connection, key)
        if source is None:
            return result
        triggers.require_permitted(connection, TARGET_TABLES.values(), trigger_policy)
        ids = id_ranges.read_ids(connection, source.id)
        _lock_source(connection, source, ids, lock_wait_seconds)
        with locks.lock_timeout(connection, TARGET_TABLES["tasks"], seconds=lock_wait_seconds):
            _delete_rows(connection, ids, result)
        loads = state_tables.LOADS
        of_source = loads.c.source_id == source.id
        connection.execute(sa.update(loads).where(of_source).values(fingerprint=""))
        if keep_edited or not result.edited:
            result.objects = forget_source(
                connection,
                home,
                source,
                result.edited_tables,
                lock_wait_seconds=lock_wait_seconds,
            )
        return result

    with log_elapsed("migrated rows deleted"):
        result = run_giving_way(
            connection, roll_back, f"The rollback of {key}", seconds=lock_wait_seconds
        )
    _delete_password_files(result)
    return result


def remove_objects(
    connection: sa.Connection, home: Path, *, lock_wait_seconds: float
) -> DroppedObjects | None:
    """Drop what the migration created, or return None if a source is still in the target.

    The connection holds the target's lock alone.

    Raises:
        TargetError: A lock was not released.
    """
    with transaction(connection):
        if not has_state(connection) or connection.scalar(sa.select(sa.exists(_ANY_SOURCE))):
            return None
        ensure_state_schema(connection)
        _lock_alone(connection, lock_wait_seconds)
        return drop_created(connection, home, (), lock_wait_seconds=lock_wait_seconds)


_ANY_SOURCE = sa.select(state_tables.SOURCES.c.id)


def _delete_rows(
    connection: sa.Connection, source: SourceIds | None, result: RollbackResult
) -> None:
    """Delete the migrated rows, restore adopted ones, and add what was done to the result."""
    migrated = find_migrated_rows(connection, source)
    deleted = {}
    for rows in migrated:
        result.orphaned |= find_orphaned(connection, rows, migrated)
        deleted[rows.name] = delete_rows(connection, rows)
    restored = {rows.name: restore_rows(connection, rows) for rows in reversed(migrated)}
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


def _delete_password_files(result: RollbackResult) -> None:
    for file in result.objects.password_files if result.objects else ():
        file.unlink(missing_ok=True)


def _lock_source(
    connection: sa.Connection, source: Source, ids: SourceIds, lock_wait_seconds: float
) -> None:
    """Lock the rows of a source and its owner account against changes by other sessions."""

    def acquire() -> None:
        lock_owner(connection, source.user_id)
        lock_rows_of(connection, ids)

    names = [table.name for table in PUBLIC_METADATA.sorted_tables]
    locks.acquire_in_turns(
        connection, acquire, f"A row of {source.key}", names, seconds=lock_wait_seconds
    )


def _lock_tables(connection: sa.Connection, lock_wait_seconds: float) -> None:
    """Lock the existing tables against writes, and make their rows and the state readable."""
    ensure_state_schema(connection)
    for table in reversed(PUBLIC_METADATA.sorted_tables):
        with locks.lock_timeout(connection, table, seconds=lock_wait_seconds):
            if catalog.has_table(connection, table):
                locks.lock_for_writing(connection, table)
                # Missing if it was never loaded, or the backend's own migrations dropped them.
                ddl.add_missing_columns(connection, table)


def _lock_alone(connection: sa.Connection, lock_wait_seconds: float) -> None:
    """Lock the tables in which the migration created something, so that it is dropped at once."""
    changed = changed_tables(connection)
    tables = [
        table
        for table in reversed(PUBLIC_METADATA.sorted_tables)
        if table.name in changed and catalog.has_table(connection, table)
    ]
    locks.lock_tables_in_turns(
        connection,
        [*tables, *state_tables.STATE_METADATA.sorted_tables],
        alone=True,
        also=lambda: sequences.lock_sequences(
            connection, PUBLIC_METADATA.sorted_tables, lock_wait_seconds=None
        ),
        seconds=lock_wait_seconds,
    )


def _disable_triggers(connection: sa.Connection, policy: TriggerPolicy) -> list[triggers.Trigger]:
    triggers.require_permitted(connection, TARGET_TABLES.values(), policy)
    return triggers.disable_triggers(connection, TARGET_TABLES.values(), policy)
