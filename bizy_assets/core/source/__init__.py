"""TODO bizy_assets.core.source."""

from bizy_assets.core.source.change_detection import file_digest, file_signature
from bizy_assets.core.source.reader import ROWID, SnapshotTable, as_text, number_list
from bizy_assets.core.source.snapshot import (
    INTEGRITY_OK,
    Snapshot,
    SnapshotResult,
    check_integrity,
    prune_snapshots,
    require_known_columns,
    take_snapshot,
    verify_snapshot,
)
from bizy_assets.core.source.sqlite import LOWEST_BLOB, LOWEST_TEXT, is_blob, is_integer, is_number

__all__ = [
    "INTEGRITY_OK",
    "LOWEST_BLOB",
    "LOWEST_TEXT",
    "ROWID",
    "Snapshot",
    "SnapshotResult",
    "SnapshotTable",
    "as_text",
    "check_integrity",
    "file_digest",
    "file_signature",
    "is_blob",
    "is_integer",
    "is_number",
    "number_list",
    "prune_snapshots",
    "require_known_columns",
    "take_snapshot",
    "verify_snapshot",
]
