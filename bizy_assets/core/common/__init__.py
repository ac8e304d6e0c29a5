"""Building blocks that depend on neither database.

Sets of ids, row counts, check results, progress lines, a prefetching iterator, private files that
appear only when complete, folders of the installation, names of time zones, and text for messages.
"""

from bizy_assets.core.common import cures, files, places, row_counts
from bizy_assets.core.common.check_result import AuditError, CheckOutcome, CheckResult
from bizy_assets.core.common.idset import IDS_SHOWN, IdSet, format_ids, label_ids
from bizy_assets.core.common.policies import IdPolicy, OnBadRow, TriggerPolicy
from bizy_assets.core.common.prefetch import Prefetcher
from bizy_assets.core.common.progress import PROGRESS_LOGGER, Progress, log_elapsed, log_note
from bizy_assets.core.common.row_counts import RowCounts
from bizy_assets.core.common.text import (
    FORMULA,
    NUMBER,
    and_more,
    decode,
    is_utf8,
    quantity,
    shorten,
)
from bizy_assets.core.common.user_command import (
    HIDE_WARNING,
    is_demo,
    own_file_command,
    user_command,
)
from bizy_assets.core.common.zones import (
    CHOOSE_ZONE,
    CHOSEN_ZONE,
    FITS_BETTER,
    ZoneChoice,
    is_about_zone,
    is_assumed,
    is_utc,
    parse_zone,
    zone_names,
    zone_notice,
)

__all__ = [
    "CHOOSE_ZONE",
    "CHOSEN_ZONE",
    "FITS_BETTER",
    "FORMULA",
    "HIDE_WARNING",
    "IDS_SHOWN",
    "NUMBER",
    "PROGRESS_LOGGER",
    "AuditError",
    "CheckOutcome",
    "CheckResult",
    "IdPolicy",
    "IdSet",
    "OnBadRow",
    "Prefetcher",
    "Progress",
    "RowCounts",
    "TriggerPolicy",
    "ZoneChoice",
    "and_more",
    "cures",
    "decode",
    "files",
    "format_ids",
    "is_about_zone",
    "is_assumed",
    "is_demo",
    "is_utc",
    "is_utf8",
    "label_ids",
    "log_elapsed",
    "log_note",
    "own_file_command",
    "parse_zone",
    "places",
    "quantity",
    "row_counts",
    "shorten",
    "user_command",
    "zone_names",
    "zone_notice",
]
