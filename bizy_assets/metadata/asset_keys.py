"""TODO."""

import dagster as dg

ADMIN_USER = dg.AssetKey("admin_user")


def table_key(table: str) -> dg.AssetKey:
    """Returns the asset of a target table."""
    return dg.AssetKey(f"pg_{table}")


OWNERS = ["team:bizy"]
GROUP = "bizy"
"""The one group: of several the UI shows none but their names until they are opened."""


BIZY_FILE = dg.AssetKey("bizy_file")
SQLITE_BACKUP = dg.AssetKey("sqlite_backup")
