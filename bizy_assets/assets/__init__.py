"""The assets of the graph: each calls the core and reports the result as metadata and log lines.

The functions beside the assets serve those of a fleet too.
"""

from bizy_assets.assets.owner import admin_user, ensure_owner, owner_options
from bizy_assets.assets.plan import PLANNED_OUTCOME, migration_plan
from bizy_assets.assets.report import migration_report, read_report
from bizy_assets.assets.snapshot import snapshot_options, sqlite_backup, take_snapshot
from bizy_assets.assets.source_file import SIGNATURE, bizy_file
from bizy_assets.assets.tables import TABLE_ASSETS, load_table, table_options

ASSETS = [sqlite_backup, admin_user, *TABLE_ASSETS]
"""The assets that the job ``migrate`` materializes, except its report; it observes the file."""

__all__ = [
    "ASSETS",
    "PLANNED_OUTCOME",
    "SIGNATURE",
    "bizy_file",
    "ensure_owner",
    "load_table",
    "migration_plan",
    "migration_report",
    "owner_options",
    "read_report",
    "snapshot_options",
    "table_options",
    "take_snapshot",
]
