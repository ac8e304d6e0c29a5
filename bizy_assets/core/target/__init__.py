"""The target's schema: the backend's tables, the migration's state tables, the owner account.

Create what is missing, refuse what is incompatible, and record every created object, so that a
rollback can drop it. The state tables are in the schema ``bizy_migration``.
"""

from bizy_assets.core.target.created_objects import ObjectKind, created_objects
from bizy_assets.core.target.ddl import (
    add_missing_columns,
    drop_indexes_and_keys,
    ensure_indexes_and_keys,
    ensure_table,
    has_all_columns,
    preflight,
)
from bizy_assets.core.target.owner import (
    OWNER_FULL_NAME,
    Owner,
    ensure_owner,
    find_owner_id,
    reset_owner_password,
)
from bizy_assets.core.target.passwords import password_file
from bizy_assets.core.target.sequences import (
    MAX_ID,
    Sequence,
    advance_sequence,
    find_sequence,
    restore_sequence,
)
from bizy_assets.core.target.shadow_tables import create_shadow_tables
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.state_tables import (
    ADOPTED_TABLE,
    LEDGER_TABLES,
    LOADS_TABLE,
    REJECTED_ROWS_TABLE,
    REPAIRS_TABLE,
    RUNS_TABLE,
    STATE_METADATA,
)
from bizy_assets.core.target.tables import PUBLIC_METADATA, TARGET_TABLES, USERS_TABLE, column_type

__all__ = [
    "ADOPTED_TABLE",
    "LEDGER_TABLES",
    "LOADS_TABLE",
    "MAX_ID",
    "OWNER_FULL_NAME",
    "PUBLIC_METADATA",
    "REJECTED_ROWS_TABLE",
    "REPAIRS_TABLE",
    "RUNS_TABLE",
    "STATE_METADATA",
    "TARGET_TABLES",
    "USERS_TABLE",
    "ObjectKind",
    "Owner",
    "Sequence",
    "add_missing_columns",
    "advance_sequence",
    "column_type",
    "create_shadow_tables",
    "created_objects",
    "drop_indexes_and_keys",
    "ensure_indexes_and_keys",
    "ensure_owner",
    "ensure_state_schema",
    "ensure_table",
    "find_owner_id",
    "find_sequence",
    "has_all_columns",
    "password_file",
    "preflight",
    "reset_owner_password",
    "restore_sequence",
]
