"""Load a table from a snapshot, or preview the load of all tables.

``load_table`` is one transaction: copy or merge, build indexes, audit, commit. ``merge_plan``
decides the action for each row that PostgreSQL already has.
"""

from bizy_assets.core.load.dry_run import DryRunResult, dry_run_migration
from bizy_assets.core.load.preconditions import require_same_owner
from bizy_assets.core.load.request import LoadRequest
from bizy_assets.core.load.table_load import LoadResult, load_table

__all__ = [
    "DryRunResult",
    "LoadRequest",
    "LoadResult",
    "dry_run_migration",
    "load_table",
    "require_same_owner",
]
