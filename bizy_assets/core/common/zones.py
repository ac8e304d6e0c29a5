"""Names of IANA time zones, suggestions for names that are not, and assumed zones."""

import difflib
import functools
import zoneinfo
from datetime import datetime
from typing import Protocol

zone_names = functools.cache(zoneinfo.available_timezones)
"""Scans the hundreds of files of the zone database once per process."""


CHOSEN_ZONE = "configured"
"""Origin of a configured zone, stored in PostgreSQL; earlier releases stored none."""

CHOOSE_ZONE = (
    "set BIZY_SOURCE_TIMEZONE, the option --timezone, or in the UI's launchpad the field "
    "resources: source: config: timezone"
)
"""Where a zone is chosen."""

_NO_ZONE_CHOSEN = "No time zone was chosen"
FITS_BETTER = "would fit better than"
"""Words of the two warnings about a zone, by which a terminal knows them."""

_UTC_NAMES = {
    "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "UCT", "UTC", "Universal", "Zulu",
}  # fmt: skip


class ZoneChoice(Protocol):
    """How the times of a source are read, in settings or in the record of a run."""

    @property
    def zone(self) -> object:
        """The zone, whose text is its name."""

    @property
    def zone_origin(self) -> str | None:
        """How it was chosen, if that is known."""

    @property
    def tasks_local_since(self) -> datetime:
        """The instant from which Bizy wrote ``tasks.created_at`` in local time."""


def is_utc(name: str) -> bool:
    """Return whether a name stands for UTC itself, not for a place that happens to have it."""
    return name.removeprefix("Etc/") in _UTC_NAMES


def is_assumed(choice: ZoneChoice) -> bool:
    """Return whether a zone is known not to be configured."""
    return choice.zone_origin not in (None, CHOSEN_ZONE)


def is_about_zone(sentence: str) -> bool:
    """Return whether a sentence of a check warns of the zone."""
    return sentence.startswith(_NO_ZONE_CHOSEN) or FITS_BETTER in sentence


def zone_notice(choice: ZoneChoice) -> str | None:
    """Return the warning that a zone is assumed, or None if it is not, or not known to be."""
    if not is_assumed(choice):
        return None
    if is_utc(str(choice.zone)):
        return (
            f"No time zone was chosen for local times, and this machine's zone is {choice.zone}, "
            "as on servers and in containers; the laptop that wrote the file probably has another "
            f"one: {CHOOSE_ZONE} to its IANA zone, like Europe/Berlin, or to UTC if it is UTC."
        )
    return (
        f"No time zone was chosen for local times, so they are interpreted in {choice.zone}, the "
        f"zone of this machine: {CHOOSE_ZONE}, to confirm it or to name the zone of the laptop "
        "that wrote the file."
    )


def parse_zone(name: str) -> zoneinfo.ZoneInfo:
    """Return a zone by its name; raises ``ValueError`` with similar names if there is none."""
    if name in zone_names():
        return zoneinfo.ZoneInfo(name)
    near = " or ".join(_near_zones(name))
    hint = f"did you mean {near}?" if near else "use a name like Europe/Berlin."
    raise ValueError(f"is {name!r}, which is not an IANA time zone; {hint}")


@functools.cache
def _near_zones(name: str) -> list[str]:
    """Return up to three zones whose whole name or city resembles the given one."""
    wanted = name.strip().replace(" ", "_").lower()
    by_text: dict[str, str] = {}
    for zone in sorted(zone_names()):
        for text in (zone, zone.rsplit("/", 1)[-1]):
            by_text.setdefault(text.lower(), zone)
    near: list[str] = []
    for text in (wanted, wanted.rsplit("/", 1)[-1]):
        near += difflib.get_close_matches(text, by_text, n=3, cutoff=0.7)
    return list(dict.fromkeys(by_text[text] for text in near))[:3]
