"""Parse Bizy's datetime texts and convert them to UTC by the rule of their column.

All functions take and return whole columns. Wall times and instants are ``int64`` microseconds
since 1970-01-01T00:00:00; a missing value is zero.
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
"""Rules recorded for adjusted timestamps; these names are stored in PostgreSQL."""

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
    """A column of parsed datetimes: wall times, or instants where the text has an offset.

    The masks mark values that are not NULL (``present``), and texts with an offset (``absolute``).
    """

    value: Microseconds
    present: Mask
    absolute: Mask

    @property
    def naive(self) -> Mask:
        """Mask of texts without an offset."""
        return np.logical_and(self.present, ~self.absolute)


@dataclass(frozen=True)
class Instants:
    """A column of instants, the mask of those that are not NULL, and the notes about some.

    ``notes`` has the mask of adjusted values for each rule that was applied.
    """

    utc: Microseconds
    present: Mask
    notes: dict[str, Mask]


def is_datetime(texts: pa.Array) -> pa.Array:
    """Return which texts are datetimes: a valid date, alone or with a time of day.

    The regular expression includes the calendar. Arrow's parser also accepts an hour without
    minutes and an offset without a colon, and fails at the first text that it cannot parse.
    """
    return pc.match_substring_regex(texts, _ACCEPTED)


def parse_times(texts: pa.Array) -> ParsedTimes:
    """Parse datetime texts that ``is_datetime`` accepts, or NULL.

    The format is ``YYYY-MM-DD``, optionally followed by a space or ``T``, hours and minutes,
    seconds, a fraction (microseconds, and up to three more zeros), and ``Z`` or ``±hh:mm``.

    Raises:
        pyarrow.ArrowInvalid: A text cannot be parsed.
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
    times: ParsedTimes, rule: Rule, converter: TimezoneConverter, local: Mask | None = None
) -> Instants:
    """Convert the times of one column to UTC by the contract's rule.

    A rule that depends on the row needs ``local``, the mask of local times.
    """
    match rule:
        case Rule.UTC | Rule.DAY:
            local = np.zeros(len(times.value), dtype=bool)
        case Rule.LOCAL:
            local = np.ones(len(times.value), dtype=bool)
        case Rule.LOCAL_OR_DAY:
            local = times.value % DAY != 0
    if local is None:
        raise ValueError(f"{rule} requires a mask of the local times")
    local = local & times.naive
    utc = times.value.copy()
    notes = {name: np.zeros(len(utc), dtype=bool) for name in (AMBIGUOUS_TIME, NONEXISTENT_TIME)}
    if local.any():
        converted = converter.to_utc(times.value[local])
        utc[local] = converted.utc
        notes[AMBIGUOUS_TIME][local] = converted.ambiguous
        notes[NONEXISTENT_TIME][local] = converted.nonexistent
    return Instants(utc=utc, present=times.present, notes=notes)


def updated_after_creation(updated: ParsedTimes, created: Instants) -> Mask:
    """Return the mask of rows updated after their creation, whose update time is local.

    Bizy writes both columns within a second when it creates a row, in UTC.
    """
    same_moment = np.abs(updated.value - created.utc) <= SECOND
    result: Mask = ~(same_moment & created.present)
    return result


def to_mask(values: pa.Array) -> Mask:
    """Convert Arrow booleans without NULL to a mask."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _microseconds(values: pa.Array) -> Microseconds:
    return np.asarray(pc.fill_null(values.cast(pa.int64()), 0).to_numpy(), dtype=np.int64)
