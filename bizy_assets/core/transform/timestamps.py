"""Reads Bizy's datetime texts, and finds the instant that each stands for by its column's rule.

All functions take and return whole columns. Wall times and instants are ``int64`` microseconds
since 1970-01-01T00:00:00; entries whose mask says there is no value hold zero.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bizy_assets.core.contracts import Rule
from bizy_assets.core.transform.timezone import DAY, SECOND, Mask, Microseconds, TimezoneConverter

AMBIGUOUS_TIME = "wall_time_repeated"
NONEXISTENT_TIME = "wall_time_skipped"
UNDECIDED_CUTOVER = "switch_undecided"

_YEAR = r"(?:000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{3})"
_LEAP_YEAR = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DATE = (
    rf"(?:{_YEAR}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    rf"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|{_LEAP_YEAR}-02-29)"
)
_TIME = (
    r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.(?:\d{1,6}|\d{6}0{1,3}))?)?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?"
)
_ACCEPTED = rf"^{_DATE}(?:[ T]{_TIME})?$"
_OFFSET = r"(Z|[+-]\d\d:\d\d)$"
_ZEROS_BEYOND_MICROSECONDS = r"(\.\d{6})0{1,3}"
_PLAIN_LENGTH = len("2025-12-31 23:59:59.999999")
_ARROW = pa.timestamp("us")
_ARROW_UTC = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class ParsedTimes:
    """A column of datetimes as written.

    Attributes:
        value: The wall time, or the instant where an offset was written.
        present: Where there is a value.
        absolute: Where the text says its offset, so that the value is an instant.
    """

    value: Microseconds
    present: Mask
    absolute: Mask

    @property
    def naive(self) -> Mask:
        """Where the text leaves open which zone it means."""
        return np.logical_and(self.present, ~self.absolute)


@dataclass(frozen=True)
class Instants:
    """A column of instants, and what had to be decided to find them.

    Attributes:
        utc: The instants.
        present: Where there is one.
        notes: For each rule that was needed, where it was.
    """

    utc: Microseconds
    present: Mask
    notes: dict[str, Mask]


def is_datetime(texts: pa.Array) -> pa.Array:
    """Tells which texts are datetimes: a day that exists, alone or with a time of day.

    One expression says it all, calendar included: Arrow's own parser also takes an hour alone
    and offsets without a colon, and stops at the first text that it cannot read.
    """
    return pc.match_substring_regex(texts, _ACCEPTED)


def parse_times(texts: pa.Array) -> ParsedTimes:
    """Reads datetime texts.

    Accepted are ``YYYY-MM-DD``, then with a space or ``T`` also hours and minutes, seconds, a
    fraction (to the microsecond, with up to three zeros beyond), and ``Z`` or ``±hh:mm``.

    Args:
        texts: Such as ``accepted`` takes, or NULL.

    Raises:
        pyarrow.ArrowInvalid: A text cannot be read at all.
    """
    if (pc.max(pc.binary_length(texts)).as_py() or 0) > _PLAIN_LENGTH:
        texts = pc.replace_substring_regex(texts, _ZEROS_BEYOND_MICROSECONDS, r"\1")
    present = to_mask(pc.is_valid(texts))
    absolute = pc.fill_null(pc.match_substring_regex(texts, _OFFSET), False)
    if not pc.any(absolute).as_py():
        value = _microseconds(texts.cast(_ARROW))
    else:
        naive = pc.if_else(absolute, None, texts).cast(_ARROW)
        instants = pc.if_else(absolute, texts, None).cast(_ARROW_UTC)
        value = np.where(to_mask(absolute), _microseconds(instants), _microseconds(naive))
    return ParsedTimes(value=value, present=present, absolute=to_mask(absolute))


def to_instants(
    times: ParsedTimes, rule: Rule, clock: TimezoneConverter, local: Mask | None = None
) -> Instants:
    """Finds what the texts of one column stand for.

    Args:
        times: The column.
        rule: The contract's rule for it.
        clock: The wall clock of the laptop.
        local: For a rule that holds for some rows only: which are local time.
    """
    match rule:
        case Rule.UTC | Rule.DAY:
            local = np.zeros(len(times.value), dtype=bool)
        case Rule.LOCAL:
            local = np.ones(len(times.value), dtype=bool)
        case Rule.LOCAL_OR_DAY:
            local = times.value % DAY != 0
    if local is None:
        raise ValueError(f"{rule} needs to be told which rows are local time")
    local = local & times.naive
    utc = times.value.copy()
    notes = {name: np.zeros(len(utc), dtype=bool) for name in (AMBIGUOUS_TIME, NONEXISTENT_TIME)}
    if local.any():
        read = clock.read(times.value[local])
        utc[local] = read.utc
        notes[AMBIGUOUS_TIME][local] = read.repeated
        notes[NONEXISTENT_TIME][local] = read.skipped
    return Instants(utc=utc, present=times.present, notes=notes)


def updated_after_creation(updated: ParsedTimes, created: Instants) -> Mask:
    """Tells which rows were updated after they were made, from when on Bizy writes local time.

    Bizy writes both columns in one moment when it makes a row: within a second of each other.
    """
    same_moment = np.abs(updated.value - created.utc) <= SECOND
    result: Mask = ~(same_moment & created.present)
    return result


def to_mask(values: pa.Array) -> Mask:
    """Turns Arrow's booleans, none of them NULL, into a mask."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _microseconds(values: pa.Array) -> Microseconds:
    return np.asarray(pc.fill_null(values.cast(pa.int64()), 0).to_numpy(), dtype=np.int64)
