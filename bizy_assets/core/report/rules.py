"""What the names of rules mean that adjust or reject values, in the words of users."""

from bizy_assets.core.transform import (
    MISSING_TIMESTAMP,
    NO_ID_LIST,
    ORPHAN_PARENT,
    UNKNOWN_ID,
    timestamps,
)
from bizy_assets.core.validation import ReasonCode

ADJUSTMENTS = {
    ORPHAN_PARENT: "the row refers to a goal that does not exist or was left out, so it has no "
    "parent in PostgreSQL",
    MISSING_TIMESTAMP: "the time is missing in Bizy, so it is the time of the migration",
    UNKNOWN_ID: "the list names rows that do not exist, so their ids were removed",
    NO_ID_LIST: "the value is not a list of ids, so it was copied as it is, although ids changed",
    timestamps.AMBIGUOUS_TIME: "the local time occurred twice, as clocks were set back; the first "
    "occurrence was taken",
    timestamps.NONEXISTENT_TIME: "the local time never occurred, as clocks were set forward; it "
    "was moved forward by the gap",
    timestamps.UNDECIDED_CUTOVER: "the time may be UTC or local time; it was read as UTC",
    timestamps.CUTOVER_BY_HOURS: "the time may be UTC or local time; it was read as the one that "
    "lies in waking hours",
    timestamps.UPDATE_IN_UTC: "Bizy wrote this time in UTC instead of local time",
    timestamps.UNDECIDED_UPDATE: "the time may be local time or UTC; it was read as local time",
}
"""The meaning of each rule that adjusts a value, a clause."""

REJECTIONS = {reason.value: reason.meaning for reason in ReasonCode}
"""The meaning of each reason to reject a value, a noun phrase."""
