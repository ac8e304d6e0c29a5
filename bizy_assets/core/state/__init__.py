"""The migration's memory in the target: what was loaded, written, adjusted and rejected.

``runs`` and ``ledger`` record loads and the rows as written, ``row_log`` records single values.
``load_context`` assembles the inputs of a load, and ``fingerprint`` decides which work of an
earlier load need not be repeated.
"""

from bizy_assets.core.state import ledger, row_log, runs
from bizy_assets.core.state.fingerprint import load_fingerprint
from bizy_assets.core.state.load_context import (
    LoadContext,
    build_load_context,
    parents_in_snapshot,
    validation_of,
)
from bizy_assets.core.state.runs import Run, TableLoad

__all__ = [
    "LoadContext",
    "Run",
    "TableLoad",
    "build_load_context",
    "ledger",
    "load_fingerprint",
    "parents_in_snapshot",
    "row_log",
    "runs",
    "validation_of",
]
