"""All statements that define the target's schema, for loads that run at the same time."""

import sqlalchemy as sa

from bizy_assets.core.postgres import catalog, locks
from bizy_assets.core.target import ddl, sequences
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import PUBLIC_METADATA


def prepare_schema(connection: sa.Connection, *, lock_wait_seconds: float) -> list[str]:
    """Create the state tables and what the backend's tables lack, and return the new names.

    The connection holds the target's lock alone, and has an open transaction.

    Raises:
        SchemaError: A table of the target does not match the backend's schema.
        TargetError: The role lacks a privilege, or another session did not release its lock.
    """
    ddl.preflight(connection)
    ensure_state_schema(connection)
    created = []
    for table in PUBLIC_METADATA.sorted_tables:
        with locks.lock_timeout(connection, table, seconds=lock_wait_seconds):
            before = catalog.table_columns(connection, table)
            ddl.ensure_table(connection, table)
            created += [] if before else [table.name]
            created += [
                f"{table.name}.{c.name}" for c in table.columns if before and c.name not in before
            ]
            created += ddl.ensure_indexes_and_keys(connection, table)
            sequences.advance_sequence(connection, table)
    return created
