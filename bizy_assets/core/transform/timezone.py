"""Conversion between a time zone's wall-clock times and UTC, a whole column at a time.

``zoneinfo`` knows every zone's past and future, but converts one value at a time. The transitions
of the years that occur in the data are therefore read once and applied by binary search.

All times here are ``int64`` microseconds since 1970-01-01T00:00:00, wall clock or UTC.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Microseconds = NDArray[np.int64]
Mask = NDArray[np.bool_]

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1, 9999


@dataclass(frozen=True)
class Transition:
    """A change of a zone's offset: its instant, and the offset before and after it."""

    at: int
    before: int
    after: int


@dataclass(frozen=True)
class ConvertedTimes:
    """Wall times converted to UTC, with masks of the times that are not unique.

    An ambiguous time occurred twice; the first occurrence is taken. A nonexistent time was skipped
    by the clock; it is moved forward by the gap.
    """

    utc: Microseconds
    ambiguous: Mask
    nonexistent: Mask


class TimezoneConverter:
    """Converter between a zone's wall time and UTC, for the years 1 to 9999."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._years: dict[int, list[Transition]] = {}
        self._table: _TransitionTable | None = None

    def to_utc(self, wall: Microseconds) -> ConvertedTimes:
        """Convert wall times of this zone."""
        if not len(wall):
            empty = np.zeros(0, dtype=bool)
            return ConvertedTimes(wall, empty, empty)
        return self._table_for(wall).to_utc(wall)

    def to_local(self, utc: Microseconds) -> Microseconds:
        """Convert instants to wall times of this zone."""
        return self._table_for(utc).to_local(utc) if len(utc) else utc

    def _table_for(self, times: Microseconds) -> "_TransitionTable":
        """Return a table of the years of these times and the years next to them."""
        years = np.unique(times.view("datetime64[us]").astype("datetime64[Y]").astype(np.int64))
        needed = {int(year) + 1970 + step for year in years for step in (-1, 0, 1)}
        missing = {y for y in needed if _FIRST_YEAR <= y <= _LAST_YEAR} - self._years.keys()
        if missing or self._table is None:
            self._years |= {year: _transitions(self.zone, year) for year in missing}
            self._table = _TransitionTable(
                [t for year in sorted(self._years) for t in self._years[year]]
            )
        return self._table


@functools.lru_cache(maxsize=256)
def _transitions(zone: ZoneInfo, year: int) -> list[Transition]:
    """Return a year's transitions, preceded by one at its start that carries the offset."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    days = (datetime(year, 12, 31, tzinfo=UTC) - start).days
    offset = _offset(zone, start)
    found = [Transition(_microseconds(start), offset, offset)]
    low = start
    for day in range(1, days + 1):
        high = start + timedelta(days=day)
        found += _between(zone, low, high)
        low = high
    return [*found, *_between(zone, low, low + timedelta(days=1, microseconds=-1))]


def _between(zone: ZoneInfo, low: datetime, high: datetime) -> Iterator[Transition]:
    """Find the transition within a day by bisection, to the second."""
    before, after = _offset(zone, low), _offset(zone, high)
    if before == after:
        return
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle <= low:
            break
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    yield Transition(_microseconds(high.replace(microsecond=0)), before, after)


def _offset(zone: ZoneInfo, instant: datetime) -> int:
    """Return the offset from UTC; at the calendar's ends, that of two days further inside."""
    try:
        offset = instant.astimezone(zone).utcoffset()
    except OverflowError:
        inward = timedelta(days=2 if instant.year == _FIRST_YEAR else -2)
        offset = (instant + inward).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


class _TransitionTable:
    """Transitions prepared for binary search over wall times.

    The later offset applies from the transition plus the larger of both offsets. An ambiguous
    time is thus converted as its first occurrence, a nonexistent one moves forward by the gap.
    """

    def __init__(self, transitions: list[Transition]) -> None:
        at = np.array([t.at for t in transitions], dtype=np.int64)
        before = np.array([t.before for t in transitions], dtype=np.int64)
        after = np.array([t.after for t in transitions], dtype=np.int64)
        self._at = at
        self._starts = at + np.maximum(before, after)
        self._offsets = np.concatenate([before[:1], after])
        forward, back = after > before, after < before
        self._gaps = ((at + before)[forward], (at + after)[forward])
        self._overlaps = ((at + after)[back], (at + before)[back])

    def to_utc(self, wall: Microseconds) -> ConvertedTimes:
        offsets = self._offsets[np.searchsorted(self._starts, wall, side="right")]
        return ConvertedTimes(
            utc=wall - offsets,
            ambiguous=_in_intervals(wall, *self._overlaps),
            nonexistent=_in_intervals(wall, *self._gaps),
        )

    def to_local(self, utc: Microseconds) -> Microseconds:
        result: Microseconds = utc + self._offsets[np.searchsorted(self._at, utc, side="right")]
        return result


def _in_intervals(wall: Microseconds, starts: Microseconds, ends: Microseconds) -> Mask:
    """Return the mask of times in any of the half-open intervals, which must be ascending."""
    if not len(starts):
        return np.zeros(len(wall), dtype=bool)
    nearest = np.searchsorted(starts, wall, side="right") - 1
    return (nearest >= 0) & (wall < ends[np.maximum(nearest, 0)])


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
