"""The target's schema: the backend's tables, the migration's state tables, the owner account.

Create what is missing, refuse what is incompatible, and record every created object, so that a
rollback can drop it. The state tables are in the schema ``bizy_migration``.
"""

from bizy_assets.core.target import ddl, sequences, state_tables, triggers
from bizy_assets.core.target.created_objects import ObjectKind, created_objects, forget_created
from bizy_assets.core.target.owner import (
    OWNER_FULL_NAME,
    Owner,
    ensure_owner,
    find_owner,
    find_owner_id,
)
from bizy_assets.core.target.password_reset import reset_owner_password
from bizy_assets.core.target.passwords import password_file, prepare_password
from bizy_assets.core.target.preparation import prepare_schema
from bizy_assets.core.target.shadow_tables import use_shadow_tables
from bizy_assets.core.target.state_schema import (
    ensure_state_schema,
    has_current_state,
    has_state,
    require_current_state,
    upgrade_state,
)
from bizy_assets.core.target.tables import PUBLIC_METADATA, TARGET_TABLES, USERS_TABLE, column_type

__all__ = [
    "OWNER_FULL_NAME",
    "PUBLIC_METADATA",
    "TARGET_TABLES",
    "USERS_TABLE",
    "ObjectKind",
    "Owner",
    "column_type",
    "created_objects",
    "ddl",
    "ensure_owner",
    "ensure_state_schema",
    "find_owner",
    "find_owner_id",
    "forget_created",
    "has_current_state",
    "has_state",
    "password_file",
    "prepare_password",
    "prepare_schema",
    "require_current_state",
    "reset_owner_password",
    "sequences",
    "state_tables",
    "triggers",
    "upgrade_state",
    "use_shadow_tables",
]
