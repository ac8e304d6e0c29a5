"""The fleet: many Bizy files with an owner each, as listed in a manifest."""

from bizy_assets.core.fleet.manifest import Manifest, ManifestEntry, read_entry, read_manifest
from bizy_assets.core.fleet.settings import FleetSettings

__all__ = ["FleetSettings", "Manifest", "ManifestEntry", "read_entry", "read_manifest"]
