"""Rows of the source whose id in Bizy was that of another row before.

Bizy gives the id of a deleted row to the next new one. If PostgreSQL has the old row as the
migration wrote it, the new one replaces it. If the old row was edited or deleted there, the new one
must not be taken for it, and gets another id in the target.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.load.merge_plan import MergePlan, RowAction
from bizy_assets.core.postgres import catalog, copy_ids, describe_url, ids_where, temporary_id_table
from bizy_assets.core.source import Snapshot, find_new_rows
from bizy_assets.core.state import SourceIds, TableLoad, id_ranges, ledger, runs
from bizy_assets.core.target import TARGET_TABLES, state_tables


def find_candidates(
    connection: sa.Connection, snapshot: Snapshot, loads: Iterable[TableLoad]
) -> dict[str, IdSet]:
    """Return the ids of new rows of a source, by table, that an earlier row may have had.

    The loads are the last ones of the source's tables.
    """
    changed = [load for load in loads if load.snapshot.sha256 != snapshot.sha256]
    if not changed:
        return {}
    ids = id_ranges.read_ids(connection, changed[0].run.source.id)
    new = {
        load.table: find_new_rows(
            BY_TABLE[load.table], snapshot, load.snapshot, ids.of(load.table).covered
        )
        for load in changed
    }
    return {table: rows for table, rows in new.items() if rows}


def find_reused(
    connection: sa.Connection, contract: Contract, ids: SourceIds, candidates: IdSet
) -> IdSet:
    """Return the candidates whose earlier row was edited or deleted in PostgreSQL."""
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    mapping = ids.of(contract.table)
    if not catalog.has_table(connection, table):
        return IdSet()
    scope = temporary_id_table(connection, f"bizy_candidates_{contract.table}")
    copy_ids(connection, scope, mapping.targets(candidates))
    is_changed = table.c.id.is_(None) | (entry.c.hash != ledger.row_hash(contract, table))
    changed = ids_where(
        connection,
        entry,
        {"ids": ids.has_entry(entry, contract.table) & is_changed},
        joined=entry.join(scope, scope.c.id == entry.c.id),
        outer_joined=table,
        within=mapping.intervals(),
    )["ids"]
    return mapping.sources(changed)


def require_none_preserved(plan: MergePlan) -> None:
    """Check that no row is new whose edit or deletion in PostgreSQL would be preserved.

    The earlier row may have been edited after the new one got its id.

    Raises:
        ConflictError: Some rows are.
    """
    preserved = plan.ids(RowAction.KEEP_EDITED, RowAction.KEEP_DELETED)
    if not preserved:
        return
    contract, connection = plan.contract, plan.connection
    loads = runs.latest_loads(connection, [contract.table], plan.run.source.id)
    candidates = find_candidates(connection, plan.run.snapshot, loads).get(contract.table, IdSet())
    if new := plan.context.table_ids.targets(candidates) & preserved:
        where = describe_url(connection.engine.url)
        raise ConflictError(
            f"Rows of {contract.table} in {where} were edited or deleted just before new rows of "
            f"Bizy, which have the ids of deleted ones, replaced them: "
            f"{plan.context.table_ids.label(new)}. {contract.table} is unchanged, run again."
        )
