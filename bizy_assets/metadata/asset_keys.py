"""Keys of the assets."""

import dagster as dg

BIZY_FILE = dg.AssetKey("bizy_file")
SQLITE_BACKUP = dg.AssetKey("sqlite_backup")
ADMIN_USER = dg.AssetKey("admin_user")


def table_key(table: str) -> dg.AssetKey:
    """Return the key of a target table's asset."""
    return dg.AssetKey(f"pg_{table}")
