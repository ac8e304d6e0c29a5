"""The second reading of times is right by itself, and sees what a wrong clock of the load did."""

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bizy_assets.core.reconcile import remedies
from bizy_assets.core.reconcile.cell_diff import CONTENT
from bizy_assets.core.reconcile.independent_times import ZoneOffsets
from bizy_assets.core.transform.timezone import ConvertedTimes, Microseconds, TimezoneConverter
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.migrations import Migration, Outcome, only

HOUR = 3_600_000_000
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1)
USUAL_ZONES = ["Europe/Berlin", "Pacific/Apia", "Antarctica/Troll"]
MORE_ZONES = [
    "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
    "America/St_Johns", "Europe/Dublin", "Asia/Manila", "Africa/Monrovia", "UTC",
]  # fmt: skip


def microseconds(moments: list[datetime]) -> Microseconds:
    return np.array([(moment - EPOCH) // MICROSECOND for moment in moments], dtype=np.int64)


@functools.cache
def walls_of(first: datetime, step: timedelta, count: int) -> tuple[list[datetime], Microseconds]:
    walls = [first + step * number for number in range(count)]
    return walls, microseconds(walls)


@pytest.mark.parametrize("zone", [*USUAL_ZONES, *exhaustive(*MORE_ZONES)])
@pytest.mark.parametrize(
    ("first", "step", "count"),
    [
        (datetime(2024, 12, 31, 0, 0, 0, 1), timedelta(minutes=17), 33_000),
        (datetime(2040, 1, 1, 0, 59, 59, 999_999), timedelta(minutes=31), 17_000),
        (datetime(2011, 12, 28), timedelta(seconds=61), 8_000),
        (datetime(1840, 1, 1), timedelta(hours=13, seconds=7), 90_000),
        (datetime(1, 1, 3), timedelta(days=97, hours=5), 37_000),
    ],
)
def test_wall_times_become_the_instants_of_pythons_own_arithmetic(
    zone: str, first: datetime, step: timedelta, count: int
) -> None:
    (walls, numbers), clock = walls_of(first, step, count), ZoneInfo(zone)
    # The instant by Python's own arithmetic, the first of two, moved out of gaps.
    offsets = [wall.replace(tzinfo=clock).utcoffset() // MICROSECOND for wall in walls]
    found = ZoneOffsets(clock).instants(numbers)
    expected = numbers - np.array(offsets)
    assert np.flatnonzero(found != expected).tolist() == []


def test_the_calendars_ends_have_instants() -> None:
    walls = [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)]
    found = ZoneOffsets(ZoneInfo("America/Los_Angeles")).instants(microseconds(walls))
    lmt, winter = timedelta(hours=7, minutes=52, seconds=58), timedelta(hours=8)
    offsets = [offset // timedelta(microseconds=1) for offset in (lmt, winter)]
    assert (found - microseconds(walls)).tolist() == offsets


def an_hour_more(reading: ConvertedTimes) -> ConvertedTimes:
    return replace(reading, utc=reading.utc + HOUR)


def noted_nowhere_and_late(reading: ConvertedTimes) -> ConvertedTimes:
    """Reads repeated times as the second pass, and skipped ones backwards, without a note."""
    odd = reading.ambiguous | reading.nonexistent
    nowhere = np.zeros(len(odd), dtype=bool)
    return ConvertedTimes(reading.utc + odd * HOUR, ambiguous=nowhere, nonexistent=nowhere)


def skipped_to_the_moment_of_the_change(reading: ConvertedTimes) -> ConvertedTimes:
    return replace(
        reading, utc=np.where(reading.nonexistent, reading.utc // HOUR * HOUR, reading.utc)
    )


def content_of(outcome: Outcome, table: str) -> str:
    event = outcome.checks()[f"pg_{table}", CONTENT]
    return "" if event.passed else str(event.description)


TASKS = [
    {"completed_at": "2025-03-30 02:30:00.000000"},
    {"completed_at": "2025-10-26 02:30:00.000000"},
    {"completed_at": "2025-07-01 12:00:00.000000"},
    {"completed_at": "2040-07-01 12:00:00.000000"},
    {"created_at": "2025-12-24 18:00:00.000000"},
    {"due_date": "2025-12-24 18:00:00.000000"},
    {"due_date": "2025-12-24 00:00:00.000000"},
    {"completed_at": "2025-07-01T12:00:00+05:30"},
]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            an_hour_more,
            "1 row has a different due_date (id 6). 1 row has a different created_at (id 5). "
            "4 rows have a different completed_at (ids 1, 2, 3, 4).",
        ),
        (noted_nowhere_and_late, "2 rows have a different completed_at (ids 1, 2)."),
        (skipped_to_the_moment_of_the_change, "1 row has a different completed_at (id 1)."),
    ],
)
def test_a_wrong_clock_of_the_load_does_not_pass(
    migration: Migration,
    monkeypatch: pytest.MonkeyPatch,
    wrong: Callable[[ConvertedTimes], ConvertedTimes],
    words: str,
) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=TASKS)
    migration.setenv(BIZY_SOURCE_TIMEZONE="Europe/Berlin")
    right = TimezoneConverter.to_utc
    # It stays wrong while the content is compared, which must not help it.
    monkeypatch.setattr(TimezoneConverter, "to_utc", lambda self, wall: wrong(right(self, wall)))
    outcome = migration.run(asset_selection=only("goals", "tasks"))
    assert not outcome.success
    assert content_of(outcome, "tasks") == f"{words} {remedies.for_changed_values()}"


def test_the_same_file_read_by_the_right_clock_passes(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=TASKS)
    migration.setenv(BIZY_SOURCE_TIMEZONE="Europe/Berlin")
    assert content_of(migration.migrate("goals", "tasks"), "tasks") == ""
