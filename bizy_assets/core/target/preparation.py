"""All statements that define the target's schema, for loads that run at the same time."""

import sqlalchemy as sa

from bizy_assets.core.postgres import catalog, locks, transaction
from bizy_assets.core.target import ddl, sequences
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import PUBLIC_METADATA


def prepare_schema(connection: sa.Connection, *, lock_wait_seconds: float) -> list[str]:
    """Create the state tables and what the backend's tables lack, and return the new names.

    The connection holds the target's lock alone. Each change is committed before the next one, so
    no session waits for a table while this one waits for another.

    Raises:
        SchemaError: A table of the target does not match the backend's schema.
        TargetError: The role lacks a privilege, or another session did not release its lock.
    """
    with transaction(connection):
        ddl.preflight(connection)
        ensure_state_schema(connection)
    created = []
    for table in PUBLIC_METADATA.sorted_tables:
        with transaction(connection):
            created += _create_columns(connection, table, lock_wait_seconds)
        referenced = [key.referred_table for key in table.foreign_key_constraints]
        for lacks, create, locked in (
            (ddl.lacks_indexes, ddl.ensure_indexes, [table]),
            (ddl.lacks_keys, ddl.ensure_keys, [table, *referenced]),
        ):
            with transaction(connection):
                if lacks(connection, table):
                    locks.lock_tables_in_turns(connection, locked, seconds=lock_wait_seconds)
                    created += create(connection, table)
        with transaction(connection):
            sequences.advance_sequence(connection, table, lock_wait_seconds=lock_wait_seconds)
    return created


def _create_columns(
    connection: sa.Connection, table: sa.Table, lock_wait_seconds: float
) -> list[str]:
    """Create a table or the columns that it lacks, and return the new names."""
    before = catalog.table_columns(connection, table)
    missing = [f"{table.name}.{c.name}" for c in table.columns if c.name not in before]
    if before and missing:
        locks.lock_tables_in_turns(connection, [table], alone=True, seconds=lock_wait_seconds)
    ddl.ensure_table(connection, table)
    return missing if before else [table.name]
