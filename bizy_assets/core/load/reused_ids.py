"""Rows of the source whose id in Bizy was that of another row before.

Bizy gives the id of a deleted row to the next new one. If PostgreSQL has the old row as the
migration wrote it, the new one replaces it. If the old row was edited or deleted there, the new one
must not be taken for it.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.postgres import copy_ids, ids_where, temporary_id_table
from bizy_assets.core.source import find_new_rows
from bizy_assets.core.state import Run, SourceIds, id_ranges, ledger, runs
from bizy_assets.core.target import TARGET_TABLES, state_tables


def release_reused_ids(
    connection: sa.Connection, run: Run, valid: Mapping[str, IdSet]
) -> dict[str, IdSet]:
    """Forget the old rows whose ids new ones have, and that were edited or deleted in PostgreSQL.

    ``valid`` are the ids of the snapshot's valid rows by table. Returns those that need another id
    in the target, because the old row was edited and stays, from now on as a row of the backend.
    """
    stay = {table: IdSet() for table in valid}
    loads = runs.latest_loads(connection, valid, run.source.id)
    changed = [load for load in loads if load.snapshot.sha256 != run.snapshot.sha256]
    if not changed:
        return stay
    ids = id_ranges.read_ids(connection, run.source.id)
    for load in changed:
        contract = BY_TABLE[load.table]
        new = find_new_rows(contract, run.snapshot, load.snapshot) & valid[load.table]
        if new := new & ids.of(load.table).covered:
            stay[load.table] = _release(connection, contract, ids, new)
    return stay


def _release(connection: sa.Connection, contract: Contract, ids: SourceIds, new: IdSet) -> IdSet:
    """Delete the ledger entries of old rows, and return the new rows whose old one is edited."""
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    scope = temporary_id_table(connection, f"bizy_new_{contract.table}")
    copy_ids(connection, scope, ids.of(contract.table).targets(new))
    of_source, exists = ids.has_entry(entry, contract.table), table.c.id.is_not(None)
    found = ids_where(
        connection,
        entry,
        {
            "edited": of_source & exists & (entry.c.hash != ledger.row_hash(contract, table)),
            "deleted": of_source & ~exists,
        },
        joined=entry.join(scope, scope.c.id == entry.c.id),
        outer_joined=table,
        within=ids.within(contract.table),
    )
    old = sa.literal((found["edited"] | found["deleted"]).array().tolist(), sa.ARRAY(sa.Integer))
    connection.execute(sa.delete(entry).where(of_source, entry.c.id == sa.any_(old)))
    return new & ids.of(contract.table).sources(found["edited"])
