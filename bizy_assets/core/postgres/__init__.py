"""Access to a PostgreSQL database: connections, locks, COPY and catalog.

The package depends on no table of Bizy and no setting. Whatever PostgreSQL refuses becomes an
error that names the server without a secret.
"""

from bizy_assets.core.postgres import advisory_locks, catalog, locks, urls
from bizy_assets.core.postgres.connection import (
    connect,
    dry_run_transaction,
    execute,
    is_closed,
    is_dry_run,
    is_lost,
    raw_connection,
    require_utf8,
    transaction,
)
from bizy_assets.core.postgres.copy_in import copy_batches, copy_ids
from bizy_assets.core.postgres.copy_out import copy_csv, fetch_batches, open_reader
from bizy_assets.core.postgres.error_messages import translate_errors
from bizy_assets.core.postgres.id_query import (
    Intervals,
    id_between,
    ids_where,
    temporary_id_table,
    temporary_table,
)
from bizy_assets.core.postgres.names import name_text, table_name
from bizy_assets.core.postgres.session import open_session, open_sessions_of
from bizy_assets.core.postgres.urls import describe_url, parse_url
from bizy_assets.core.postgres.yielding import run_giving_way

__all__ = [
    "Intervals",
    "advisory_locks",
    "catalog",
    "connect",
    "copy_batches",
    "copy_csv",
    "copy_ids",
    "describe_url",
    "dry_run_transaction",
    "execute",
    "fetch_batches",
    "id_between",
    "ids_where",
    "is_closed",
    "is_dry_run",
    "is_lost",
    "locks",
    "name_text",
    "open_reader",
    "open_session",
    "open_sessions_of",
    "parse_url",
    "raw_connection",
    "require_utf8",
    "run_giving_way",
    "table_name",
    "temporary_id_table",
    "temporary_table",
    "transaction",
    "translate_errors",
    "urls",
]
