"""What a loaded table is held against: the one beginning that audits and comparisons share."""

from dataclasses import dataclass

import sqlalchemy as sa

from bizy_assets.core import ledger, parents
from bizy_assets.core.census import Census
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.journal import Load
from bizy_assets.core.ledger import States
from bizy_assets.core.parents import Parents


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A table's load, and what is known of it before any row is read.

    Attributes:
        contract: The table.
        load: Which snapshot it was loaded from, for whom, and how.
        census: What the load saw of the snapshot.
        parents: The rows that can be parents.
        states: The ledger's ids, and which of them the load found edited or deleted.
    """

    contract: Contract
    load: Load
    census: Census
    parents: Parents
    states: States


def of(connection: sa.Connection, load: Load) -> Baseline:
    """Gathers what a load is held against.

    Args:
        connection: In a transaction.
        load: The load.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    contract = BY_TABLE[load.table]
    census = parents.census_of(connection, load)
    return Baseline(
        contract=contract,
        load=load,
        census=census,
        parents=parents.existing(connection, census, contract),
        states=ledger.states(connection, contract, load.snapshot.source),
    )
