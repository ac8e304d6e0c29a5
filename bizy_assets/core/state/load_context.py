"""What a loaded table is held against: the one beginning that audits and comparisons share."""

# MERGED-DOC: """Which rows can be the parent of another: the one answer that load, audit and checks share.
#
# A parent is a good row of the same snapshot that PostgreSQL has. One that somebody deleted there
# since it was migrated is none, whoever still names it; nor is one that was never migrated.
# """
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.state.ledger import LedgerStates, ledger_states
from bizy_assets.core.state.runs import TableLoad, latest_loads
from bizy_assets.core.validation import ValidationResult, validate

ParentIds = Mapping[str, IdSet]
"""For each referenced table, the ids that can be parents."""


@dataclass(frozen=True, kw_only=True)
class LoadContext:
    """A table's load, and what is known of it before any row is read.

    Attributes:
        contract: The table.
        load: Which snapshot it was loaded from, for whom, and how.
        census: What the load saw of the snapshot.
        parents: The rows that can be parents.
        states: The ledger's ids, and which of them the load found edited or deleted.
    """

    contract: Contract
    load: TableLoad
    census: ValidationResult
    parents: ParentIds
    states: LedgerStates


def build_load_context(connection: sa.Connection, load: TableLoad) -> LoadContext:
    """Gathers what a load is held against.

    Args:
        connection: In a transaction.
        load: The load.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    contract = BY_TABLE[load.table]
    census = validation_of_load(connection, load)
    return LoadContext(
        contract=contract,
        load=load,
        census=census,
        parents=existing_parents(connection, census, contract),
        states=ledger_states(connection, contract, load.snapshot.source),
    )


def parents_in_snapshot(found: ValidationResult, contract: Contract) -> dict[str, IdSet]:
    """Returns the parents that a snapshot itself has for a table's rows."""
    tables = {str(column.references) for column in contract.parents}
    return {table: found.valid_ids(BY_TABLE[table]) for table in tables}


def existing_parents(
    connection: sa.Connection, found: ValidationResult, contract: Contract
) -> dict[str, IdSet]:
    """Returns the parents that a table's rows have, or will have once they are loaded.

    Args:
        connection: In a transaction.
        found: Without the rows that the user told to leave out.
        contract: The table.
    """
    return {
        table: ids - ledger_states(connection, BY_TABLE[table], found.snapshot.source).deleted
        for table, ids in parents_in_snapshot(found, contract).items()
    }


def validation_of_load(connection: sa.Connection, load: TableLoad) -> ValidationResult:
    """Returns the census that a load saw: without what it and its parents' loads left out."""
    others = latest_loads(connection, BY_TABLE[load.table].loaded_after)
    skipped = {other.table: other.skipped for other in others}
    return validate(load.snapshot).without({**skipped, load.table: load.skipped})
