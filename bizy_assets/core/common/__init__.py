"""Building blocks that depend on neither database.

Sets of ids, row counts, check results, progress lines, a prefetching iterator, private files that
appear only when complete, the limits of a process, and text for messages.
"""

from bizy_assets.core.common import files, row_counts
from bizy_assets.core.common.check_result import AuditError, CheckOutcome, CheckResult
from bizy_assets.core.common.idset import IDS_SHOWN, IdSet, format_ids, label_ids
from bizy_assets.core.common.prefetch import Prefetcher
from bizy_assets.core.common.process import OUT_OF_MEMORY, prepare_process
from bizy_assets.core.common.progress import PROGRESS_LOGGER, Progress, log_elapsed
from bizy_assets.core.common.row_counts import RowCounts
from bizy_assets.core.common.text import and_more, decode, printable, quantity, shorten

__all__ = [
    "IDS_SHOWN",
    "OUT_OF_MEMORY",
    "PROGRESS_LOGGER",
    "AuditError",
    "CheckOutcome",
    "CheckResult",
    "IdSet",
    "Prefetcher",
    "Progress",
    "RowCounts",
    "and_more",
    "decode",
    "files",
    "format_ids",
    "label_ids",
    "log_elapsed",
    "prepare_process",
    "printable",
    "quantity",
    "row_counts",
    "shorten",
]
