"""The fleet: many Bizy files with an owner each, as listed in a manifest."""

from bizy_assets.core.fleet.manifest import Manifest, ManifestEntry, read_entry, read_manifest

__all__ = ["Manifest", "ManifestEntry", "read_entry", "read_manifest"]
