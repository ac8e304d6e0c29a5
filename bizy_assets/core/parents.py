"""Which rows can be the parent of another: the one answer that load, audit and checks share.

A parent is a good row of the same snapshot that PostgreSQL has. One that somebody deleted there
since it was migrated is none, whoever still names it; nor is one that was never migrated.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from bizy_assets.core import census, journal, ledger
from bizy_assets.core.census import Census
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.idsets import IdSet
from bizy_assets.core.journal import Load

Parents = Mapping[str, IdSet]
"""For each referenced table, the ids that can be parents."""


def in_snapshot(found: Census, contract: Contract) -> dict[str, IdSet]:
    """Returns the parents that a snapshot itself has for a table's rows."""
    tables = {str(column.references) for column in contract.parents}
    return {table: found.ids(BY_TABLE[table]) for table in tables}


def existing(connection: sa.Connection, found: Census, contract: Contract) -> dict[str, IdSet]:
    """Returns the parents that a table's rows have, or will have once they are loaded.

    Args:
        connection: In a transaction.
        found: Without the rows that the user told to leave out.
        contract: The table.
    """
    return {
        table: ids - ledger.states(connection, BY_TABLE[table], found.snapshot.source).deleted
        for table, ids in in_snapshot(found, contract).items()
    }


def census_of(connection: sa.Connection, load: Load) -> Census:
    """Returns the census that a load saw: without what it and its parents' loads left out."""
    others = journal.latest_of(connection, BY_TABLE[load.table].loaded_after)
    skipped = {other.table: other.skipped for other in others}
    return census.of(load.snapshot).without({**skipped, load.table: load.skipped})
