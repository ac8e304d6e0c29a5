"""The time zone of local times: refuse an assumed UTC, and check the zone that is used."""

from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bizy_assets.core.common import (
    CHOOSE_ZONE,
    FITS_BETTER,
    CheckResult,
    ZoneChoice,
    and_more,
    is_assumed,
    is_utc,
    quantity,
    zone_notice,
)
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.settings import SourceSettings, machine_zone
from bizy_assets.core.source import Snapshot, has_local_times
from bizy_assets.core.transform import converter_of, zone_fit, zone_times

TIME_ZONE = "time_zone"
"""Name of the check."""

ZONES = "time zones"
"""Title of the check's table, if it warns: the zone that is used, and the one that fits better."""

USED, IS_CHOSEN, BETTER = "used", "chosen", "fits better"
"""The stored columns of its only row; without a better zone, the last is empty."""

_read_times = lru_cache(maxsize=4)(zone_times.read_zone_times)
"""Cached, since several steps show times of the same snapshot."""


def require_chosen_zone(settings: SourceSettings, path: Path | None = None) -> None:
    """Raise if the zone is assumed and UTC, and a file has local times.

    Args:
        settings: The settings with the zone.
        path: The file; if None, the source.

    Raises:
        ConfigurationError: The zone has to be chosen.
        SourceError: The file cannot be read, or is not a Bizy file.
    """
    notice = zone_notice(settings)
    if notice is None or not is_utc(str(settings.zone)):
        return
    if has_local_times(path or settings.path, settings.tasks_local_since):
        raise ConfigurationError(notice)


def show_local_times(snapshot: Snapshot, choice: ZoneChoice) -> list[str]:
    """Return up to three local times of a snapshot with their instants, oldest first.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    times = _read_times(snapshot, choice.tasks_local_since)
    return zone_times.show_times(times, converter_of(ZoneInfo(str(choice.zone))))


def check_time_zone(snapshot: Snapshot, choice: ZoneChoice) -> CheckResult:
    """Warn of a zone that nobody chose, and of one that the file's own times contradict.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    zone = ZoneInfo(str(choice.zone))
    times = _read_times(snapshot, choice.tasks_local_since)
    if not times.local:
        return CheckResult(check=TIME_ZONE, summary="No time depends on the zone.")
    shown = ", ".join(zone_times.show_times(times, converter_of(zone)))
    result = CheckResult(check=TIME_ZONE, summary=f"Local times are read in {zone}: {shown}.")
    fit, better = zone_fit.find_better_zone(times, zone, _likely_zones())
    if better is not None:
        result.warnings.append(_contradiction(fit, better, times))
    if (notice := zone_notice(choice)) is not None:
        result.warnings.append(notice)
    if result.warnings:
        chosen = "no" if is_assumed(choice) else "yes"
        row = {USED: zone.key, IS_CHOSEN: chosen, BETTER: better.zone.key if better else ""}
        result.tables[ZONES] = [dict[str, str | int](row)]
    return result


def _likely_zones() -> list[str]:
    """Return the zone of this machine unless it has none that a laptop would have."""
    try:
        name = machine_zone()
    except ConfigurationError:
        return []
    return [] if is_utc(name) else [name]


def _contradiction(
    fit: zone_fit.ZoneFit, better: zone_fit.ZoneFit, times: zone_times.ZoneTimes
) -> str:
    """Describe what speaks against a zone, the zone that fits better, and where to set it."""
    early, late = (
        quantity(number, "time would be", "times would be") for number in (fit.early, fit.late)
    )
    found = {
        f"{early} before the creation of the row": fit.early,
        f"{late} after the snapshot": fit.late,
        f"{fit.plans - fit.matching} of {quantity(fit.plans, 'date')} that Bizy computed would "
        "disagree with the creation of their rows": better.matching - fit.matching,
        f"{fit.asleep} of {quantity(fit.hours, 'hour')} in which rows were created would be at "
        "night": fit.asleep - better.asleep,
    }
    reasons = [text for text, number in found.items() if number > 0]
    more = "and is the zone of this machine"
    if better.zone.key not in _likely_zones():
        more = f"as would any zone that {zone_fit.describe_offset(better.zone, times)}"
    # A terminal shows the beginning.
    return (
        f"{better.zone} {FITS_BETTER} {fit.zone}, which the file's own times contradict "
        f"({and_more(reasons, 0, '')}), {more}: {CHOOSE_ZONE}, then migrate again."
    )
