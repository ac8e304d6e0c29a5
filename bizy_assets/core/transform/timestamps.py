"""Parse Bizy's datetime texts and convert them to UTC by the rule of their column.

All functions take and return whole columns. Wall times and instants are ``int64`` microseconds
since 1970-01-01T00:00:00; a missing value is zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bizy_assets.core.contracts import Rule
from bizy_assets.core.transform.timezone import DAY, SECOND, Mask, Microseconds, TimezoneConverter

AMBIGUOUS_TIME = "wall_time_repeated"
NONEXISTENT_TIME = "wall_time_skipped"
UNDECIDED_CUTOVER = "switch_undecided"
CUTOVER_BY_HOURS = "switch_by_waking_hours"
UPDATE_IN_UTC = "update_in_utc"
UNDECIDED_UPDATE = "update_undecided"
"""Rules recorded for adjusted timestamps; these names are stored in PostgreSQL."""

UNCERTAIN = (UNDECIDED_CUTOVER, CUTOVER_BY_HOURS, UNDECIDED_UPDATE)
"""Rules of times that may have been interpreted wrongly."""

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
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"
_FIRST, _END = (
    int(np.datetime64(text, "us").astype(np.int64)) for text in (_FIRST_DAY, "10000-01-01")
)


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

    def note(self, ids: NDArray[np.int64], noted: Mapping[str, NDArray[np.int64]]) -> None:
        """Note the ids of each rule for a batch of rows with these ids.

        Such a value loses its other notes, since it is recorded under one rule.
        """
        for rule, of_rule in noted.items():
            where = np.isin(ids, of_rule)
            self.notes.update({name: mask & ~where for name, mask in self.notes.items()})
            self.notes[rule] = where


def is_datetime(texts: pa.Array) -> pa.Array:
    """Return which texts are datetimes: a valid date, alone or with a time of day.

    The regular expression includes the calendar. Arrow's parser also accepts an hour without
    minutes and an offset without a colon, and fails at the first text that it cannot parse.
    """
    return pc.match_substring_regex(texts, _ACCEPTED)


def outside_calendar(texts: pa.Array, rule: Rule) -> Mask:
    """Return the mask of datetimes that are not certainly in the years 1 to 9999 in UTC.

    The column has this rule. PostgreSQL's clients cannot read other years. The zone of local times
    is not considered, so that the result does not depend on a setting: local times on the first
    and on the last day of these years may be outside.
    """
    first, last = (pc.starts_with(texts, day) for day in (_FIRST_DAY, _LAST_DAY))
    edge = to_mask(pc.fill_null(pc.or_(first, last), False))
    if not edge.any():
        return edge
    edge &= to_mask(pc.fill_null(is_datetime(texts), False))
    times = parse_times(pc.if_else(pa.array(edge), texts, None))
    local = _local_by_rule(times, rule)
    if local is None:
        local = edge
    beyond = (times.value < _FIRST) | (times.value >= _END)
    result: Mask = (times.absolute & beyond) | (times.naive & local)
    return result


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
    if local is None:
        local = _local_by_rule(times, rule)
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


def _local_by_rule(times: ParsedTimes, rule: Rule) -> Mask | None:
    """Return the mask of local times among those without an offset; None if the row decides."""
    match rule:
        case Rule.UTC | Rule.DAY:
            return np.zeros(len(times.value), dtype=bool)
        case Rule.LOCAL:
            return np.ones(len(times.value), dtype=bool)
        case Rule.LOCAL_OR_DAY:
            return np.not_equal(times.value % DAY, 0)
    return None


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
