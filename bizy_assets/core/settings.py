"""Reads the settings of a run: a given value first, then the environment, then the default.

Nothing here is read at import, so that a long-lived process sees the environment of each run.
An empty variable counts as unset.
"""

import difflib
import functools
import math
import os
import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TypeVar

import tzlocal

from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import ConfigurationError

DEFAULT_TASKS_LOCAL_SINCE = "2025-10-11T16:21:51Z"
"""Release of Bizy's command line 1.1.1, the first to write ``tasks.created_at`` in local time."""

DEFAULT_LOCK_WAIT_SECONDS = 60.0

T = TypeVar("T", int, float)

_zones = functools.cache(zoneinfo.available_timezones)
"""Looks through the zone database's hundreds of files, once in a process."""


class OnBadRow(Enum):
    """What becomes of a run when the source holds values that the target cannot."""

    FAIL = "fail"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, kw_only=True)
class SourceSettings:
    """Where the Bizy file is and how its clock is read.

    Attributes:
        path: The Bizy file, absolute.
        backup_dir: Folder for snapshots, absolute.
        zone: Zone of the laptop that wrote the file.
        zone_origin: How the zone was found, for people.
        tasks_local_since: Instant from which ``tasks.created_at`` is local time, in UTC.
        keep_backups: How many snapshots to keep, or None for all.
        on_bad_row: What becomes of values that the target cannot hold.
        ignore_columns: Unknown columns that the file may have, as ``table.column``.
    """

    path: Path
    backup_dir: Path
    zone: zoneinfo.ZoneInfo
    zone_origin: str
    tasks_local_since: datetime
    keep_backups: int | None
    on_bad_row: OnBadRow
    ignore_columns: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class OwnerSettings:
    """The user who will own every migrated row."""

    email: str
    username: str
    user_id: int | None


def environment(name: str) -> str | None:
    """Returns the variable's value, or None where it is unset or empty."""
    return os.environ.get(name, "").strip() or None


def bizy_home() -> Path:
    """Returns the folder of everything the project keeps for itself, absolute."""
    return _absolute("BIZY_HOME", environment("BIZY_HOME") or ".bizy")


def source_path(given: str | None = None) -> Path:
    """Returns the path of the Bizy file, absolute, whether or not it exists."""
    text = given or environment("SQLITE_DB_PATH") or environment("BUSINESS_AGENT_DB")
    return _absolute("SQLITE_DB_PATH", text or "~/.business-agent/tasks.db")


def source_settings(
    *,
    path: str | None = None,
    backup_dir: str | None = None,
    timezone: str | None = None,
    tasks_local_since: str | None = None,
    keep_backups: int | None = None,
    on_bad_row: str | None = None,
    ignore_columns: Iterable[str] | None = None,
) -> SourceSettings:
    """Completes the given values from the environment.

    Raises:
        ConfigurationError: A value means nothing, with what would.
    """
    source = source_path(path)
    folder = backup_dir or environment("BIZY_BACKUP_DIR")
    zone, origin = source_zone(timezone)
    keep = keep_backups if keep_backups is not None else _number("BIZY_KEEP_BACKUPS", int, least=1)
    if keep is not None and keep < 1:
        raise ConfigurationError(
            f"keep_backups is {keep}, but the snapshot that is loaded must stay; set it to a "
            "number from 1 up, or leave it unset to keep all."
        )
    return SourceSettings(
        path=source,
        backup_dir=_absolute("BIZY_BACKUP_DIR", folder) if folder else source.parent,
        zone=zone,
        zone_origin=origin,
        tasks_local_since=_instant(
            "BIZY_TASKS_LOCAL_SINCE",
            tasks_local_since or environment("BIZY_TASKS_LOCAL_SINCE") or DEFAULT_TASKS_LOCAL_SINCE,
        ),
        keep_backups=keep,
        on_bad_row=_policy(on_bad_row or environment("BIZY_ON_BAD_ROW") or OnBadRow.FAIL.value),
        ignore_columns=_unknown_columns(
            (environment("BIZY_IGNORE_COLUMNS") or "").split(",")
            if ignore_columns is None
            else ignore_columns
        ),
    )


def owner_settings(
    *, email: str | None = None, username: str | None = None, user_id: int | None = None
) -> OwnerSettings:
    """Completes the given values from the environment.

    Raises:
        ConfigurationError: A value is none that the backend's table of users holds.
    """
    number = user_id if user_id is not None else _number("DEFAULT_USER_ID", int, least=1)
    if number is not None and not 1 <= number <= 2**31 - 1:
        raise ConfigurationError(
            f"DEFAULT_USER_ID is {number}, but users.id holds 1 to 2147483647; set it to the id "
            "that the login service gives the user."
        )
    return OwnerSettings(
        email=_short("DEFAULT_USER_EMAIL", email, "admin@bizy.local", column="email", limit=255),
        username=_short("DEFAULT_USER_USERNAME", username, "admin", column="username", limit=100),
        user_id=number,
    )


def lock_wait_seconds(given: float | None = None) -> float:
    """Returns how long a run waits for another one on the same target, in seconds.

    Raises:
        ConfigurationError: The value means nothing.
    """
    if given is not None:
        if not 0 <= given < math.inf:
            raise ConfigurationError(f"lock_wait_seconds is {given}; set it to a number from 0 up.")
        return given
    number = _number("BIZY_LOCK_WAIT_SECONDS", float, least=0)
    return DEFAULT_LOCK_WAIT_SECONDS if number is None else number


def source_zone(given: str | None = None) -> tuple[zoneinfo.ZoneInfo, str]:
    """Returns the zone of the laptop that wrote the source, and how it was found.

    Raises:
        ConfigurationError: No such IANA zone; near names are suggested.
    """
    name = given or environment("BIZY_SOURCE_TIMEZONE")
    if name is None:
        local = _machine_zone()
        return zone_named(local), "this machine's zone, as BIZY_SOURCE_TIMEZONE is not set"
    return zone_named(name), "configured"


def _machine_zone() -> str:
    """Returns the name of this machine's zone.

    Raises:
        ConfigurationError: ``TZ`` gives no IANA zone, so that its offsets in other years are
            not known.
    """
    given = (environment("TZ") or "").lstrip(":").rpartition("zoneinfo/")[2]
    if given and given not in _zones():
        raise ConfigurationError(
            f"TZ is {given!r}, which is not an IANA time zone; set BIZY_SOURCE_TIMEZONE to that of "
            "the laptop that wrote the source, like Europe/Berlin."
        )
    return given or str(tzlocal.get_localzone_name())


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """Returns the IANA zone.

    Raises:
        ConfigurationError: There is none of that name; near names are suggested.
    """
    if name in _zones():
        return zoneinfo.ZoneInfo(name)
    near = _near_names(name)
    hint = f"did you mean {' or '.join(near)}?" if near else "use a name like Europe/Berlin."
    raise ConfigurationError(
        f"BIZY_SOURCE_TIMEZONE is {name!r}, which is not an IANA time zone; {hint}"
    )


def _near_names(name: str) -> list[str]:
    """Finds zones whose whole name or city resembles the given one, at most three."""
    wanted = name.strip().replace(" ", "_").lower()
    by_text: dict[str, str] = {}
    for zone in sorted(_zones()):
        by_text.setdefault(zone.lower(), zone)
        by_text.setdefault(zone.rsplit("/", 1)[-1].lower(), zone)
    city = wanted.rsplit("/", 1)[-1]
    matches = difflib.get_close_matches(wanted, by_text, n=3, cutoff=0.7)
    matches += difflib.get_close_matches(city, by_text, n=3, cutoff=0.7)
    return list(dict.fromkeys(by_text[match] for match in matches))[:3]


def _policy(text: str) -> OnBadRow:
    try:
        return OnBadRow(text.lower())
    except ValueError:
        raise ConfigurationError(
            f"BIZY_ON_BAD_ROW is {text!r}; set it to fail or to quarantine."
        ) from None


def _unknown_columns(listed: Iterable[str]) -> frozenset[str]:
    """Reads the names of columns that may be ignored, none of which is ever migrated."""
    names = frozenset(name.strip() for name in listed if name.strip())
    for name in sorted(names):
        table, _, column = name.partition(".")
        if table not in BY_TABLE or not column:
            raise ConfigurationError(
                f"BIZY_IGNORE_COLUMNS names {name!r}, which is not a column of one of Bizy's "
                f"tables ({', '.join(BY_TABLE)}); write it like tasks.mood."
            )
        if column in {known.name for known in BY_TABLE[table].source_columns}:
            raise ConfigurationError(
                f"BIZY_IGNORE_COLUMNS names {name}, which is migrated; only columns that "
                "bizy-assets does not know can be ignored, so take it off the list."
            )
    return names


def _short(name: str, given: str | None, default: str, *, column: str, limit: int) -> str:
    text = given or environment(name) or default
    if len(text) > limit:
        raise ConfigurationError(
            f"{name} is {len(text)} characters long, but users.{column} holds at most {limit} "
            "characters; choose a shorter one."
        )
    return text


def _absolute(name: str, text: str) -> Path:
    try:
        return Path(text).expanduser().resolve()
    except RuntimeError:
        raise ConfigurationError(
            f"{name} is {text!r}, but there is no such home folder; write the whole path."
        ) from None


def _instant(name: str, text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
        instant = value.astimezone(UTC) if value.tzinfo else None
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise ConfigurationError(
            f"{name} is {text!r}, which is not an instant; write it with its offset, like "
            f"{DEFAULT_TASKS_LOCAL_SINCE}."
        )
    return instant


def _number(name: str, kind: Callable[[str], T], *, least: int) -> T | None:
    text = environment(name)
    if text is None:
        return None
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not least <= value < math.inf:
        raise ConfigurationError(f"{name} is {text!r}; set it to a number from {least} up.")
    return value
