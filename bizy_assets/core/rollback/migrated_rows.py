"""The rows that the migration wrote, of all sources or of one, as a rollback finds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import (
    Intervals,
    catalog,
    id_between,
    ids_where,
    locks,
    temporary_id_table,
)
from bizy_assets.core.rollback.restore import restore_adopted
from bizy_assets.core.state import SourceIds, ledger
from bizy_assets.core.target import TARGET_TABLES, state_tables


@dataclass(frozen=True, kw_only=True)
class MigratedRows:
    """The rows that the migration wrote to one table, as found before any is deleted.

    ``unedited`` is a temporary table of the ids of rows that are as the migration wrote them.
    ``source`` restricts the rows to those of one source.
    """

    contract: Contract
    source: SourceIds | None
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


def lock_rows_of(connection: sa.Connection, source: SourceIds) -> None:
    """Lock all rows in the ranges of a source, before they are deleted."""
    for contract in _contracts(connection):
        table = TARGET_TABLES[contract.table]
        within = source.within(contract.table)
        locks.lock_rows(connection, table, id_between(table.c.id, within), to_delete=True)


def find_migrated_rows(connection: sa.Connection, source: SourceIds | None) -> list[MigratedRows]:
    """Return the migrated rows of each existing table, children first."""
    return [_find(connection, contract, source) for contract in _contracts(connection)]


def _contracts(connection: sa.Connection) -> Iterator[Contract]:
    """Yield the contracts of the existing tables, children first."""
    for contract in reversed(CONTRACTS):
        if catalog.has_table(connection, TARGET_TABLES[contract.table]):
            yield contract


def _find(connection: sa.Connection, contract: Contract, source: SourceIds | None) -> MigratedRows:
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    within, of_source = _within(contract, source), _of_source(contract, source)
    unedited = temporary_id_table(connection, f"bizy_unedited_{contract.table}")
    as_written = sa.select(entry.c.id).where(
        entry.c.id == table.c.id, entry.c.hash == ledger.row_hash(contract, table), of_source
    )
    if within is not None:
        as_written = as_written.where(id_between(table.c.id, within))
    connection.execute(sa.insert(unedited).from_select(["id"], as_written))
    exists = table.c.id.is_not(None)
    conditions = {"present": exists & of_source, "deleted": ~exists & of_source}
    ids = ids_where(connection, entry, conditions, outer_joined=table, within=within)
    unedited_ids = ids_where(connection, unedited, {"all": sa.true()})["all"]
    return MigratedRows(
        contract=contract,
        source=source,
        unedited=unedited,
        edited=ids["present"] - unedited_ids,
        already_deleted=len(ids["deleted"]),
    )


def delete_rows(connection: sa.Connection, rows: MigratedRows) -> int:
    """Delete the unedited rows that the migration inserted, not adopted; return their number."""
    table, within = rows.table, _within(rows.contract, rows.source)
    delete = sa.delete(table).where(table.c.id.in_(_inserted(rows)))
    if within is not None:
        delete = delete.where(id_between(table.c.id, within))
    return connection.execute(delete).rowcount


def find_orphaned(
    connection: sa.Connection, parents: MigratedRows, tables: Sequence[MigratedRows]
) -> dict[str, IdSet]:
    """Return the ids of rows that stay and lose their parent, by ``table.column``."""
    orphaned = {}
    deleted = _inserted(parents).subquery()
    for children in tables:
        table, unedited = children.table, children.unedited
        for column in children.contract.parents:
            if column.references == parents.name:
                joined = table.join(deleted, deleted.c.id == table.c[column.name])
                ids = ids_where(
                    connection,
                    table,
                    {"orphaned": unedited.c.id.is_(None)},
                    joined=joined,
                    outer_joined=unedited,
                )["orphaned"]
                if len(ids):
                    orphaned[f"{table.name}.{column.name}"] = ids
    return orphaned


def restore_rows(connection: sa.Connection, rows: MigratedRows) -> int:
    """Restore the adopted rows, and delete all ledger entries but those of edited rows."""
    restored = restore_adopted(connection, rows.contract, rows.unedited, rows.source)
    table, entry, unedited = rows.table, state_tables.LEDGERS[rows.name], rows.unedited
    is_unedited = sa.exists().where(unedited.c.id == table.c.id)
    is_edited = sa.exists(sa.select(table.c.id).where(table.c.id == entry.c.id, ~is_unedited))
    of_source = _of_source(rows.contract, rows.source)
    connection.execute(sa.delete(entry).where(of_source, ~is_edited))
    return restored


def _inserted(rows: MigratedRows) -> sa.Select[tuple[int]]:
    unedited, adopted = rows.unedited, state_tables.ADOPTED
    is_adopted = sa.exists().where(adopted.c.table_name == rows.name, adopted.c.id == unedited.c.id)
    return sa.select(unedited.c.id).where(~is_adopted)


def _within(contract: Contract, source: SourceIds | None) -> Intervals | None:
    return None if source is None else source.within(contract.table)


def _of_source(contract: Contract, source: SourceIds | None) -> sa.ColumnElement[bool]:
    if source is None:
        return sa.true()
    return source.has_entry(state_tables.LEDGERS[contract.table], contract.table)
