"""Keys, group and owners of the assets."""

import dagster as dg

BIZY_FILE = dg.AssetKey("bizy_file")
SQLITE_BACKUP = dg.AssetKey("sqlite_backup")
ADMIN_USER = dg.AssetKey("admin_user")

OWNERS = ["team:bizy"]
GROUP = "bizy"
"""The only group; with several, the UI shows their assets only after a click on each."""


def table_key(table: str) -> dg.AssetKey:
    """Return the key of a target table's asset."""
    return dg.AssetKey(f"pg_{table}")
