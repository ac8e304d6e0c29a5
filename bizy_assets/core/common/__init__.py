"""Building blocks that depend on neither database.

Sets of ids, row counts, check results, progress lines, a prefetching iterator, files that appear
only when complete, and text for messages.
"""

from bizy_assets.core.common.check_result import AuditError, CheckOutcome, CheckResult
from bizy_assets.core.common.files import partial_file, publish_file, sync_folder, write_private
from bizy_assets.core.common.idset import IDS_SHOWN, IdSet, format_ids, label_ids
from bizy_assets.core.common.prefetch import Prefetcher
from bizy_assets.core.common.progress import PROGRESS_LOGGER, Progress, log_elapsed
from bizy_assets.core.common.row_counts import ACCOUNTED, COUNT_MEANINGS, COUNTS, TITLES, RowCounts
from bizy_assets.core.common.text import and_more, decode, printable, quantity, shorten

__all__ = [
    "ACCOUNTED",
    "COUNTS",
    "COUNT_MEANINGS",
    "IDS_SHOWN",
    "PROGRESS_LOGGER",
    "TITLES",
    "AuditError",
    "CheckOutcome",
    "CheckResult",
    "IdSet",
    "Prefetcher",
    "Progress",
    "RowCounts",
    "and_more",
    "decode",
    "format_ids",
    "label_ids",
    "log_elapsed",
    "partial_file",
    "printable",
    "publish_file",
    "quantity",
    "shorten",
    "sync_folder",
    "write_private",
]
