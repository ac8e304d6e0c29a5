"""TODO bizy_assets.core.load."""

from bizy_assets.core.load.dry_run import DryRunResult, dry_run_migration
from bizy_assets.core.load.table_load import LoadRequest, LoadResult, load_table

__all__ = [
    "DryRunResult",
    "LoadRequest",
    "LoadResult",
    "dry_run_migration",
    "load_table",
]
