"""Access to a PostgreSQL database: connections, locks, COPY and catalog.

The package depends on no table of Bizy and no setting. Whatever PostgreSQL refuses becomes an
error that names the server without a secret.
"""

from bizy_assets.core.postgres.catalog import (
    ColumnInfo,
    ForeignKeyInfo,
    IndexInfo,
    foreign_keys,
    has_primary_key,
    is_table,
    secondary_indexes,
    table_columns,
    table_identity,
    writable_columns,
)
from bizy_assets.core.postgres.connection import (
    connect,
    dry_run_transaction,
    execute,
    is_dry_run,
    raw_connection,
    require_utf8,
    transaction,
)
from bizy_assets.core.postgres.copy_in import copy_batches, copy_ids
from bizy_assets.core.postgres.copy_out import fetch_batches
from bizy_assets.core.postgres.error_messages import translate_errors
from bizy_assets.core.postgres.id_query import ids_where, temporary_id_table, temporary_table
from bizy_assets.core.postgres.locks import (
    acquire_lock,
    confirm_lock,
    lock_for_writing,
    lock_timeout,
)
from bizy_assets.core.postgres.urls import (
    DRIVER,
    describe_url,
    parse_url,
    server_address,
    url_template,
)

__all__ = [
    "DRIVER",
    "ColumnInfo",
    "ForeignKeyInfo",
    "IndexInfo",
    "acquire_lock",
    "confirm_lock",
    "connect",
    "copy_batches",
    "copy_ids",
    "describe_url",
    "dry_run_transaction",
    "execute",
    "fetch_batches",
    "foreign_keys",
    "has_primary_key",
    "ids_where",
    "is_dry_run",
    "is_table",
    "lock_for_writing",
    "lock_timeout",
    "parse_url",
    "raw_connection",
    "require_utf8",
    "secondary_indexes",
    "server_address",
    "table_columns",
    "table_identity",
    "temporary_id_table",
    "temporary_table",
    "transaction",
    "translate_errors",
    "url_template",
    "writable_columns",
]
