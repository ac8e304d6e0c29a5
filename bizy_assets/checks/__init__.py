"""The asset checks: of the snapshot before it is loaded, and of each table after its load.

All are blocking: an error fails the run and stops the downstream assets.
"""

from bizy_assets.checks.snapshot import snapshot_checks
from bizy_assets.checks.tables import TABLE_CHECKS

__all__ = ["TABLE_CHECKS", "snapshot_checks"]
