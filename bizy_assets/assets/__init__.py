"""The assets of the graph: each calls the core and reports the result as metadata and log lines."""

from bizy_assets.assets.owner import admin_user
from bizy_assets.assets.plan import migration_plan
from bizy_assets.assets.report import migration_report
from bizy_assets.assets.snapshot import sqlite_backup
from bizy_assets.assets.source_file import SIGNATURE, bizy_file
from bizy_assets.assets.tables import TABLE_ASSETS

ASSETS = [sqlite_backup, admin_user, *TABLE_ASSETS]
"""The assets that the job ``migrate`` materializes, except its report."""

__all__ = ["ASSETS", "SIGNATURE", "bizy_file", "migration_plan", "migration_report"]
