"""The migration's memory in the target: what was loaded, written, adjusted and rejected.

``sources`` records the Bizy files, ``id_ranges`` the ids of their rows. ``runs`` and ``ledger``
record loads and the rows as written, ``row_log`` records single values, and ``check_results`` the
last result of each check. ``load_context`` assembles the inputs of a load, and ``fingerprint``
decides which work of an earlier load need not be repeated.
"""

from bizy_assets.core.state import check_results, id_ranges, ledger, row_log, runs, sources
from bizy_assets.core.state.fingerprint import is_same_work, load_fingerprint
from bizy_assets.core.state.id_ranges import SourceIds
from bizy_assets.core.state.load_context import (
    LoadContext,
    build_load_context,
    parents_in_snapshot,
    validation_of,
)
from bizy_assets.core.state.runs import Run, TableLoad
from bizy_assets.core.state.sources import Source

__all__ = [
    "LoadContext",
    "Run",
    "Source",
    "SourceIds",
    "TableLoad",
    "build_load_context",
    "check_results",
    "id_ranges",
    "is_same_work",
    "ledger",
    "load_fingerprint",
    "parents_in_snapshot",
    "row_log",
    "runs",
    "sources",
    "validation_of",
]
