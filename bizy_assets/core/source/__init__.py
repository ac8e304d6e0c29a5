"""The Bizy file: open it read-only, detect changes, back it up, and read the backup's tables.

The file itself is never changed. Everything downstream reads a ``Snapshot``, which is verified
by its digest whenever it is opened.
"""

from bizy_assets.core.source import expressions
from bizy_assets.core.source.change_detection import file_digest, file_signature
from bizy_assets.core.source.integrity import INTEGRITY_OK
from bizy_assets.core.source.local_times import has_local_times
from bizy_assets.core.source.reader import SnapshotTable, exact_integer
from bizy_assets.core.source.reused_ids import find_new_rows
from bizy_assets.core.source.snapshot import (
    Snapshot,
    SnapshotResult,
    check_integrity,
    prune_snapshots,
    require_known_columns,
    take_snapshot,
    verify_snapshot,
)
from bizy_assets.core.source.sqlite import read_header

__all__ = [
    "INTEGRITY_OK",
    "Snapshot",
    "SnapshotResult",
    "SnapshotTable",
    "check_integrity",
    "exact_integer",
    "expressions",
    "file_digest",
    "file_signature",
    "find_new_rows",
    "has_local_times",
    "prune_snapshots",
    "read_header",
    "require_known_columns",
    "take_snapshot",
    "verify_snapshot",
]
