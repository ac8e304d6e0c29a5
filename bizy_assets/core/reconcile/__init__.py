"""Verification of a loaded table against its snapshot.

``checks`` are audits of sets of ids, which a load must pass to commit. ``cell_diff`` compares every
value of committed rows. Both read the snapshot and PostgreSQL again. ``acceptance`` warns of values
that the backend's API refuses. ``snapshot_checks`` judge a snapshot before its load.
"""

from bizy_assets.core.reconcile import checks
from bizy_assets.core.reconcile.acceptance import BACKEND_ACCEPTS, check_backend_accepts
from bizy_assets.core.reconcile.cell_diff import (
    CONTENT,
    FIRST_DIFFERENCES,
    check_content,
    comparison,
)
from bizy_assets.core.reconcile.count_check import COUNT
from bizy_assets.core.reconcile.evidence import TableEvidence, collect_evidence, renew_evidence
from bizy_assets.core.reconcile.snapshot_checks import (
    ORPHANS,
    VALIDATION,
    check_orphans,
    check_values,
)
from bizy_assets.core.reconcile.time_checks import TIMESTAMPS

__all__ = [
    "BACKEND_ACCEPTS",
    "CONTENT",
    "COUNT",
    "FIRST_DIFFERENCES",
    "ORPHANS",
    "TIMESTAMPS",
    "VALIDATION",
    "TableEvidence",
    "check_backend_accepts",
    "check_content",
    "check_orphans",
    "check_values",
    "checks",
    "collect_evidence",
    "comparison",
    "renew_evidence",
]
