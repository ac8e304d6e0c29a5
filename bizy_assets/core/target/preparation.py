"""All statements that define the target's schema, for loads that run at the same time."""

from functools import partial

import sqlalchemy as sa

from bizy_assets.core.postgres import catalog, locks, transaction
from bizy_assets.core.target import ddl, sequences
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import PUBLIC_METADATA


def prepare_schema(connection: sa.Connection, *, lock_wait_seconds: float) -> list[str]:
    """Create the state tables and what the backend's tables lack, and return the new names.

    The connection holds the target's lock alone. Each table is committed before the next one, and
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
            created += locks.change_in_turns(
                connection, table, partial(_prepare, connection, table), seconds=lock_wait_seconds
            )
        with transaction(connection):
            sequences.advance_sequence(connection, table, lock_wait_seconds=lock_wait_seconds)
    return created


def _prepare(connection: sa.Connection, table: sa.Table) -> list[str]:
    before = catalog.table_columns(connection, table)
    ddl.ensure_table(connection, table)
    columns = [f"{table.name}.{c.name}" for c in table.columns if c.name not in before]
    created = columns if before else [table.name]
    return created + ddl.ensure_indexes_and_keys(connection, table)
