"""The migration's memory in the target: what was loaded, written, adjusted and rejected.

``runs`` and ``ledger`` record loads and the rows as written, ``row_log`` records single values.
``load_context`` assembles the inputs of a load, and ``fingerprint`` decides which work of an
earlier load need not be repeated.
"""

from bizy_assets.core.state import row_log
from bizy_assets.core.state.fingerprint import is_reusable, load_fingerprint, verified_digests
from bizy_assets.core.state.ledger import (
    DELETED,
    EDITED,
    MATCHED,
    LedgerStates,
    build_ledger,
    is_ledger_empty,
    ledger_states,
    rehash_without_parent,
    row_hash,
    sync_deletions,
    written_for_source,
)
from bizy_assets.core.state.load_context import (
    LoadContext,
    build_load_context,
    parents_in_snapshot,
    validation_of,
)
from bizy_assets.core.state.runs import (
    COMPLETED,
    FAILED,
    Run,
    TableLoad,
    end_run,
    ever_migrated,
    latest_load,
    latest_loads,
    newest_load,
    record_load,
    require_load,
    start_run,
    utc_naive,
)

__all__ = [
    "COMPLETED",
    "DELETED",
    "EDITED",
    "FAILED",
    "MATCHED",
    "LedgerStates",
    "LoadContext",
    "Run",
    "TableLoad",
    "build_ledger",
    "build_load_context",
    "end_run",
    "ever_migrated",
    "is_ledger_empty",
    "is_reusable",
    "latest_load",
    "latest_loads",
    "ledger_states",
    "load_fingerprint",
    "newest_load",
    "parents_in_snapshot",
    "record_load",
    "rehash_without_parent",
    "require_load",
    "row_hash",
    "row_log",
    "start_run",
    "sync_deletions",
    "utc_naive",
    "validation_of",
    "verified_digests",
    "written_for_source",
]
