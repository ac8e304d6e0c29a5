"""Keys and partitions of the assets."""

from dataclasses import dataclass

import dagster as dg

BIZY_FILE = dg.AssetKey("bizy_file")
REPORT = dg.AssetKey("migration_report")

PARTITION = "dagster/partition"
"""Tag of a run of one partition, which is the key of a file in a fleet."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The place in the graph of assets and checks that migrate a Bizy file, or each of several.

    Attributes:
        upstream: The asset that the snapshot depends on.
        prefix: Prefix of the asset keys.
        partitions_def: Partitions of the assets and checks, one for each file; None for one file.
    """

    upstream: dg.AssetKey
    prefix: tuple[str, ...] = ()
    partitions_def: dg.PartitionsDefinition[str] | None = None

    def key(self, name: str) -> dg.AssetKey:
        """Return the key of an asset."""
        return dg.AssetKey([*self.prefix, name])

    @property
    def sqlite_backup(self) -> dg.AssetKey:
        """The key of the snapshot."""
        return self.key("sqlite_backup")

    @property
    def admin_user(self) -> dg.AssetKey:
        """The key of the owner account."""
        return self.key("admin_user")

    def table(self, table: str) -> dg.AssetKey:
        """Return the key of a target table."""
        return self.key(f"pg_{table}")


SINGLE_FILE = Scope(upstream=BIZY_FILE)
"""The assets and checks of the one file that ``migrate`` loads."""
