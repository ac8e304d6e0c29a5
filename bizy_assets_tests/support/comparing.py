"""Compare a loaded table with its snapshot, as the check ``content`` does."""

import sqlalchemy as sa

from bizy_assets.core.reconcile.cell_diff import CellDiff, comparison
from bizy_assets.core.state.ledger import ledger_states
from bizy_assets.core.state.load_context import build_load_context
from bizy_assets.core.state.runs import TableLoad, require_load
from bizy_assets.core.state.sources import newest_source


def last_load(connection: sa.Connection, table: str) -> TableLoad:
    """Return the last load of a table from the source that was loaded last."""
    source = newest_source(connection)
    assert source is not None
    return require_load(connection, table, source.id)


def compared(connection: sa.Connection, load: TableLoad) -> CellDiff:
    """Return the differences of a table, read in the connection's transaction."""
    context = build_load_context(connection, load)
    states = ledger_states(connection, context.contract, context.ids)
    with comparison(connection, context, states) as result:
        return result()
