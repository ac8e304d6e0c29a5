"""The asset checks: of the snapshot before it is loaded, and of each table after its load.

All are blocking: an error fails the run and stops the downstream assets. The functions beside the
checks serve those of a fleet too.
"""

from bizy_assets.checks.results import Checked, asset_check_result, fail_on_errors, merge_results
from bizy_assets.checks.snapshot import SNAPSHOT_CHECKS, check_snapshot, snapshot_checks
from bizy_assets.checks.strictness import fail_on_warnings, warned_in_run, warnings_fail_now
from bizy_assets.checks.tables import TABLE_CHECKS, check_table, checks_of

__all__ = [
    "SNAPSHOT_CHECKS",
    "TABLE_CHECKS",
    "Checked",
    "asset_check_result",
    "check_snapshot",
    "check_table",
    "checks_of",
    "fail_on_errors",
    "fail_on_warnings",
    "merge_results",
    "snapshot_checks",
    "warned_in_run",
    "warnings_fail_now",
]
