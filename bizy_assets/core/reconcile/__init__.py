"""TODO bizy_assets.core.reconcile."""

from bizy_assets.core.reconcile.cell_diff import CONTENT, check_content, compare_cells
from bizy_assets.core.reconcile.checks import (
    AUDITS,
    COUNT,
    TIMESTAMPS,
    audit,
    audit_errors,
    check_failure,
    collect_evidence,
)
from bizy_assets.core.reconcile.key_sets import source_keys

__all__ = [
    "AUDITS",
    "CONTENT",
    "COUNT",
    "TIMESTAMPS",
    "audit",
    "audit_errors",
    "check_content",
    "check_failure",
    "collect_evidence",
    "compare_cells",
    "source_keys",
]
