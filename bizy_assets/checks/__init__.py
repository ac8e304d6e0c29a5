"""TODO bizy_assets.checks."""

from bizy_assets.checks.snapshot import snapshot_checks
from bizy_assets.checks.tables import TABLE_CHECKS

__all__ = [
    "TABLE_CHECKS",
    "snapshot_checks",
]
