"""Turns wall-clock times of a zone into UTC, a whole column at a time.

``zoneinfo`` knows every zone's past and future, but only one value at a time. So its offsets
are taken once for the years that occur in the data, as a table of transitions, and applied by
binary search.

All times here are ``int64`` microseconds since 1970-01-01T00:00:00, of the wall clock or of UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Microseconds = NDArray[np.int64]
Mask = NDArray[np.bool_]

SECOND = 1_000_000
DAY = 86_400 * SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1, 9999


@dataclass(frozen=True)
class Transition:
    """A change of a zone's offset: the instant, the offset before and after, in microseconds."""

    at: int
    before: int
    after: int


@dataclass(frozen=True)
class ConvertedTimes:
    """Wall times read in a zone.

    Attributes:
        utc: The instants.
        repeated: Where the clock showed the time twice; the first of the two is taken.
        skipped: Where the clock never showed it; it is moved forward by the gap.
    """

    utc: Microseconds
    repeated: Mask
    skipped: Mask


class TimezoneConverter:
    """A zone's wall clock, for years 1 to 9999."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._years: dict[int, list[Transition]] = {}
        self._table: _Table | None = None

    def read(self, wall: Microseconds) -> ConvertedTimes:
        """Reads wall times as this zone's local time."""
        if not len(wall):
            nothing = np.zeros(0, dtype=bool)
            return ConvertedTimes(wall, nothing, nothing)
        return self._table_for(wall).read(wall)

    def _table_for(self, wall: Microseconds) -> "_Table":
        """Returns a table that covers the years of these times and their neighbours."""
        found = np.unique(wall.view("datetime64[us]").astype("datetime64[Y]").astype(np.int64))
        wanted = {int(year) + 1970 + step for year in found for step in (-1, 0, 1)}
        missing = {y for y in wanted if _FIRST_YEAR <= y <= _LAST_YEAR} - self._years.keys()
        if missing or self._table is None:
            self._years |= {year: list(self._transitions(year)) for year in missing}
            self._table = _Table([t for year in sorted(self._years) for t in self._years[year]])
        return self._table

    def _transitions(self, year: int) -> Iterator[Transition]:
        """Finds a year's changes of offset; its start counts as one, to carry the offset over."""
        start = datetime(year, 1, 1, tzinfo=UTC)
        days = (datetime(year, 12, 31, tzinfo=UTC) - start).days
        offset = self._offset(start)
        yield Transition(_microseconds(start), offset, offset)
        low = start
        for day in range(1, days + 1):
            high = start + timedelta(days=day)
            yield from self._between(low, high)
            low = high
        yield from self._between(low, low + timedelta(days=1, microseconds=-1))

    def _between(self, low: datetime, high: datetime) -> Iterator[Transition]:
        """Finds the change within a day, by halving the time that it lies in."""
        before, after = self._offset(low), self._offset(high)
        if before == after:
            return
        while high - low > timedelta(seconds=1):
            middle = (low + (high - low) / 2).replace(microsecond=0)
            if middle <= low:
                break
            if self._offset(middle) == before:
                low = middle
            else:
                high = middle
        at = high if high.microsecond == 0 else high.replace(microsecond=0)
        yield Transition(_microseconds(at), before, after)

    def _offset(self, instant: datetime) -> int:
        """Returns the offset from UTC; beyond the calendar's ends, what holds next to them."""
        try:
            offset = instant.astimezone(self.zone).utcoffset()
        except OverflowError:
            inward = timedelta(days=2 if instant.year == _FIRST_YEAR else -2)
            offset = (instant + inward).astimezone(self.zone).utcoffset()
        return 0 if offset is None else offset // timedelta(microseconds=1)


class _Table:
    """Transitions laid out for binary search over wall times.

    A wall time belongs to the later offset from the transition plus the larger of both offsets
    on: a repeated time then reads as its first pass, a skipped one moves forward by the gap.
    """

    def __init__(self, transitions: list[Transition]) -> None:
        at = np.array([t.at for t in transitions], dtype=np.int64)
        before = np.array([t.before for t in transitions], dtype=np.int64)
        after = np.array([t.after for t in transitions], dtype=np.int64)
        self._starts = at + np.maximum(before, after)
        self._offsets = np.concatenate([before[:1], after])
        forward, back = after > before, after < before
        self._gaps = ((at + before)[forward], (at + after)[forward])
        self._repeats = ((at + after)[back], (at + before)[back])

    def read(self, wall: Microseconds) -> ConvertedTimes:
        offsets = self._offsets[np.searchsorted(self._starts, wall, side="right")]
        return ConvertedTimes(
            utc=wall - offsets,
            repeated=_inside(wall, *self._repeats),
            skipped=_inside(wall, *self._gaps),
        )


def _inside(wall: Microseconds, starts: Microseconds, ends: Microseconds) -> Mask:
    """Tells which times lie in one of the half-open spans, given in ascending order."""
    if not len(starts):
        return np.zeros(len(wall), dtype=bool)
    nearest = np.searchsorted(starts, wall, side="right") - 1
    return (nearest >= 0) & (wall < ends[np.maximum(nearest, 0)])


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
