"""Names of IANA time zones, and suggestions for names that are not."""

import difflib
import functools
import zoneinfo

zone_names = functools.cache(zoneinfo.available_timezones)
"""Scans the hundreds of files of the zone database once per process."""


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
