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
        for create in (_create_indexes, _create_keys):
            limit = locks.lock_timeout(connection, table, seconds=lock_wait_seconds)
            with transaction(connection), limit:
                created += create(connection, table, lock_wait_seconds)
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


def _create_indexes(
    connection: sa.Connection, table: sa.Table, lock_wait_seconds: float
) -> list[str]:
    if missing := ddl.missing_indexes(connection, table):
        # An invalid one is dropped first.
        alone = any(missing.values())
        locks.lock_tables_in_turns(connection, [table], alone=alone, seconds=lock_wait_seconds)
    return ddl.ensure_indexes(connection, table)


def _create_keys(connection: sa.Connection, table: sa.Table, lock_wait_seconds: float) -> list[str]:
    missing, _ = ddl.missing_keys(connection, table)
    if missing:
        tables = [table, *(key.referred_table for key in missing)]
        locks.lock_tables_in_turns(connection, tables, seconds=lock_wait_seconds)
    return ddl.ensure_keys(connection, table)
