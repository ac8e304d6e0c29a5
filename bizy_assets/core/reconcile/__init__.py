"""Verification of a loaded table against its snapshot.

``checks`` are audits of sets of ids, which a load must pass to commit. ``cell_diff`` compares every
value of committed rows. Both read the snapshot and PostgreSQL again. ``acceptance`` warns of values
that the backend's API refuses.
"""

from bizy_assets.core.reconcile import checks
from bizy_assets.core.reconcile.acceptance import BACKEND_ACCEPTS, check_backend_accepts
from bizy_assets.core.reconcile.cell_diff import (
    CONTENT,
    FIRST_DIFFERENCES,
    check_content,
    compare_cells,
)
from bizy_assets.core.reconcile.count_check import COUNT
from bizy_assets.core.reconcile.evidence import collect_evidence
from bizy_assets.core.reconcile.key_sets import source_keys
from bizy_assets.core.reconcile.time_checks import TIMESTAMPS

__all__ = [
    "BACKEND_ACCEPTS",
    "CONTENT",
    "COUNT",
    "FIRST_DIFFERENCES",
    "TIMESTAMPS",
    "check_backend_accepts",
    "check_content",
    "checks",
    "collect_evidence",
    "compare_cells",
    "source_keys",
]
