"""How well time zones fit the times of a snapshot, and which would fit better than the chosen one.

Nothing in a file names its zone. Where its times contradict the chosen one clearly, a zone that
they fit is suggested; of zones with the same offsets, one stands for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from bizy_assets.core.transform.timezone import DAY, HOUR, SECOND, converter_of
from bizy_assets.core.transform.waking_hours import waking_hours, within
from bizy_assets.core.transform.zone_times import ZoneTimes

ZONES = (
    "America/Los_Angeles", "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin",
    "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo",
    "America/Denver", "America/Phoenix", "America/Anchorage", "Pacific/Honolulu",
    "America/Mexico_City", "America/Bogota", "America/Halifax", "America/Puerto_Rico",
    "America/St_Johns", "America/Santiago", "Atlantic/Azores", "Atlantic/Cape_Verde",
    "Africa/Abidjan", "Africa/Lagos", "Africa/Johannesburg", "Europe/Athens", "Africa/Cairo",
    "Asia/Jerusalem", "Europe/Istanbul", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Karachi",
    "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Australia/Adelaide",
    "Australia/Darwin", "Australia/Brisbane", "Pacific/Auckland", "Pacific/Noumea",
)  # fmt: skip
"""One zone for each rule that many people live by, those of most people first."""

_SAME_MOMENT = 2 * SECOND
_DELAY = 60 * SECOND
"""A snapshot has what was written shortly after its time, which is that of its start."""

_FEWEST_PLANS, _FEWEST_IMPOSSIBLE, _FEWEST_HOURS = 2, 3, 30
_IMPOSSIBLE_SHARE, _ASLEEP_SHARE = 0.02, 0.25
"""Smallest share of times that speaks against a zone: those that are impossible, and the hours
with times in UTC that are outside of the waking hours."""
_EXPLAINED = 0.2
"""A zone is suggested if at most this part of what speaks against the chosen one remains."""


@dataclass(frozen=True)
class ZoneFit:
    """What speaks for and against a zone.

    Attributes:
        zone: The zone.
        plans: Number of computed plans.
        matching: Number of those that have the time of day at which their rows were created.
        compared: Number of local times that cannot be before or after another instant.
        early: Number of those that are before the creation of their rows.
        late: Number of those that are after the snapshot.
        hours: Number of different hours with a time in UTC, if the waking hours are known.
        asleep: Number of those outside of the waking hours.
        habit: How well they agree with the hours of the day of local times; more is better.
    """

    zone: ZoneInfo
    plans: int
    matching: int
    compared: int
    early: int
    late: int
    hours: int
    asleep: int
    habit: int

    @property
    def impossible(self) -> int:
        """Number of local times that cannot be right."""
        return self.early + self.late

    @property
    def is_impossible(self) -> bool:
        """Whether so many times cannot be right that they are no mistakes of single rows."""
        return self.impossible >= max(_FEWEST_IMPOSSIBLE, _IMPOSSIBLE_SHARE * self.compared)

    @property
    def is_asleep(self) -> bool:
        """Whether too many hours with times in UTC are outside of the waking hours."""
        return self.asleep >= max(_FEWEST_HOURS * _ASLEEP_SHARE, _ASLEEP_SHARE * self.hours)

    @property
    def is_confirmed(self) -> bool:
        """Whether most computed plans match."""
        return self.plans >= _FEWEST_PLANS and 2 * self.matching > self.plans

    @property
    def is_doubtful(self) -> bool:
        """Whether something speaks against the zone, enough to look for another one."""
        return not self.is_confirmed and (
            self.plans - self.matching >= _FEWEST_PLANS or self.is_impossible or self.is_asleep
        )

    def is_explained_by(self, other: "ZoneFit") -> bool:
        """Return whether another zone fits so much better that this one is probably wrong."""
        if other.is_confirmed:
            return other.matching >= 2 * self.matching + _FEWEST_PLANS
        if other.impossible > _EXPLAINED * self.impossible:
            return False
        if self.is_impossible:
            return True
        return self.is_asleep and other.asleep <= _EXPLAINED * self.asleep


def find_better_zone(
    times: ZoneTimes, zone: ZoneInfo, others: Iterable[str] = ()
) -> tuple[ZoneFit, ZoneFit | None]:
    """Return how a zone fits, and a zone that fits clearly better, if there is one.

    Of zones that fit equally, the ``others`` are preferred.
    """
    fitter = _Fitter(times)
    fit = fitter.fit(zone)
    if not fit.is_doubtful:
        return fit, None
    candidates = [fitter.fit(ZoneInfo(name)) for name in dict.fromkeys([*others, *ZONES])]
    best = min(candidates, key=lambda c: (-c.matching, c.impossible, c.asleep, -c.habit))
    return fit, best if fit.is_explained_by(best) else None


class _Fitter:
    """Compares zones with the times of a snapshot."""

    def __init__(self, times: ZoneTimes) -> None:
        plans = times.plans
        # A plan that was typed has no fraction of a minute.
        computed = plans.local % (60 * SECOND) != 0
        self._plan_local, self._plan_utc = plans.local[computed], plans.utc[computed]
        self._times = times
        self._waking = waking_hours(times.past)
        self._habit = np.bincount(np.unique(times.past // HOUR) % 24, minlength=24)
        self._hours = np.unique(times.utc // HOUR) * HOUR

    def fit(self, zone: ZoneInfo) -> ZoneFit:
        times, converter = self._times, converter_of(zone)
        remainder = (self._plan_local - converter.to_local(self._plan_utc)) % DAY
        matches = np.minimum(remainder, DAY - remainder) <= _SAME_MOMENT
        early = converter.to_utc(times.ordered.local).utc < times.ordered.utc - _DELAY
        late = converter.to_utc(times.past).utc > times.taken_at + _DELAY
        hours = asleep = habit = 0
        if self._waking is not None and len(self._hours) >= _FEWEST_HOURS:
            hours = len(self._hours)
            local = converter.to_local(self._hours)
            asleep = hours - int(within(self._waking, local).sum())
            habit = int(self._habit[local // HOUR % 24].sum())
        return ZoneFit(
            zone=zone,
            plans=len(matches),
            matching=int(matches.sum()),
            compared=len(early) + len(late),
            early=int(early.sum()),
            late=int(late.sum()),
            hours=hours,
            asleep=asleep,
            habit=habit,
        )


def describe_offset(zone: ZoneInfo, times: ZoneTimes) -> str:
    """Return a predicate with the offset of a zone at the newest time of a snapshot."""
    newest = int(times.past.max()) if len(times.past) else times.taken_at
    moment = datetime.fromtimestamp(min(newest, times.taken_at) / SECOND, UTC)
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    if not offset:
        return f"equals UTC in {moment:%B}"
    amount = f"{hours}:{minutes:02}" if minutes else str(hours)
    unit = "hour" if amount == "1" else "hours"
    side = "ahead of" if offset > timedelta() else "behind"
    return f"is {amount} {unit} {side} UTC in {moment:%B}"
