"""TODO bizy_assets.core.common."""

from bizy_assets.core.common.check_result import AuditError, CheckResult
from bizy_assets.core.common.files import partial_file, publish_file, sync_folder, write_private
from bizy_assets.core.common.idset import IDS_SHOWN, IdSet, format_ids
from bizy_assets.core.common.prefetch import Prefetcher
from bizy_assets.core.common.progress import PROGRESS_LOGGER, Progress, log_elapsed
from bizy_assets.core.common.row_counts import COUNT_MEANINGS, COUNTS, RowCounts

__all__ = [
    "COUNTS",
    "COUNT_MEANINGS",
    "IDS_SHOWN",
    "PROGRESS_LOGGER",
    "AuditError",
    "CheckResult",
    "IdSet",
    "Prefetcher",
    "Progress",
    "RowCounts",
    "format_ids",
    "log_elapsed",
    "partial_file",
    "publish_file",
    "sync_folder",
    "write_private",
]
