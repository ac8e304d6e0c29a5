"""The switch of ``tasks.created_at`` from UTC to local time, decided by the order of ids."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from bizy_assets.core.contracts.model import Rule
from bizy_assets.core.transform.timestamps import parse_times, to_instants
from bizy_assets.core.transform.timezone import HOUR, TimezoneConverter
from bizy_assets.core.transform.utc_cutover import UtcCutover, decide_by_hours, decide_cutover
from bizy_assets.core.transform.waking_hours import waking_hours
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.times import microseconds

SINCE = microseconds(datetime(2025, 10, 11, 16, 21, 51))
WEST = TimezoneConverter(ZoneInfo("America/Los_Angeles"))
EAST = TimezoneConverter(ZoneInfo("Asia/Kolkata"))


def decide(clock: TimezoneConverter, *texts: str) -> tuple[list[str], list[int]]:
    """Returns how each row is read, and which are listed as open; ids count from 1."""
    ids = np.arange(1, len(texts) + 1)
    written = parse_times(pa.array(texts))
    found = decide_cutover(ids, written, clock, SINCE)
    local = found.local(ids, written, clock)
    instants = to_instants(written, Rule.UTC_UNTIL_CUTOVER, clock, local)
    kinds = ["utc" if a == b else "local" for a, b in zip(instants.utc, written.value, strict=True)]
    return kinds, found.undecided_ids.tolist()


def test_far_from_the_switch_only_one_reading_is_possible() -> None:
    texts = "2025-10-10 12:00:00", "2025-10-12 12:00:00"
    assert decide(WEST, *texts) == (["utc", "local"], [])
    assert decide(EAST, *texts) == (["utc", "local"], [])


def test_the_step_back_of_the_clock_shows_the_switch() -> None:
    # 16:00 UTC is written as 16:00, an hour and a half later 10:30 local.
    texts = (
        "2025-10-11 15:00:00",
        "2025-10-11 16:00:00",
        "2025-10-11 10:30:00",
        "2025-10-11 12:00:00",
    )
    assert decide(WEST, *texts) == (["utc", "utc", "local", "local"], [])


def test_a_row_before_a_sure_utc_row_is_utc() -> None:
    texts = "2025-10-11 12:00:00", "2025-10-11 08:00:00", "2025-10-11 17:00:00"
    assert decide(WEST, *texts) == (["utc", "utc", "local"], [])


def test_a_step_back_after_a_sure_row_counts() -> None:
    # 16:10 stood before 09:30 in id order, so 09:30 is local already.
    texts = "2025-10-11 16:10:00", "2025-10-11 09:30:00", "2025-10-11 17:00:00"
    assert decide(WEST, *texts) == (["utc", "local", "local"], [])


def test_without_a_sign_it_is_utc_and_listed() -> None:
    texts = "2025-10-11 08:00:00", "2025-10-11 12:00:00", "2025-10-11 17:00:00"
    assert decide(WEST, *texts) == (["utc", "utc", "local"], [2])


def test_contradicting_signs_are_utc_and_listed() -> None:
    texts = (
        "2025-10-11 16:00:00",
        "2025-10-11 12:00:00",
        "2025-10-11 14:00:00",
        "2025-10-11 11:00:00",
    )
    kinds, listed = decide(WEST, *texts)
    assert kinds == ["utc"] * 4
    assert listed == [1, 2, 3, 4]


def test_an_offset_that_is_written_shows_the_switch_too() -> None:
    texts = "2025-10-11 12:00:00", "2025-10-11T16:00:00Z", "2025-10-11 13:00:00"
    assert decide(WEST, *texts)[0][0] == "utc"
    assert 1 not in decide(WEST, *texts)[1]


def test_east_of_greenwich_what_fits_neither_is_utc_and_listed() -> None:
    texts = "2025-10-11 16:00:00", "2025-10-11 18:00:00", "2025-10-11 22:00:00"
    assert decide(EAST, *texts) == (["utc", "utc", "local"], [2])


def test_open_rows_are_listed_in_the_target(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=[{"created_at": "2025-10-11 12:00:00.000000"}])
    migration.prove("goals", "tasks")
    assert migration.rows("tasks", "created_at") == [(datetime(2025, 10, 11, 12),)]
    assert migration.query("SELECT row_id, column_name, rule, raw FROM bizy_migration.repairs") == [
        (1, "created_at", "switch_undecided", "2025-10-11 12:00:00.000000")
    ]


def done_at(hour: int, days: int = 30) -> list[dict[str, str]]:
    """Tasks that were completed at one hour of the laptop's day, on different days."""
    return [{"completed_at": f"2025-04-{day:02} {hour:02}:30:00"} for day in range(1, days + 1)]


def switched(migration: Migration, texts: list[str], others: list[dict[str, str]]) -> str:
    """Migrates tasks around the switch after others, and returns what the check of times says."""
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=[*others, *({"created_at": text} for text in texts)])
    event = migration.migrate("goals", "tasks").checks()["pg_tasks", "timestamps"]
    assert event.severity.value == "WARN"
    return "" if event.passed else str(event.description)


READ_AGAIN = (
    "bizy_migration.repairs has the original; if one is wrong, correct it in PostgreSQL, where "
    "edits are preserved"
)


def created(migration: Migration, *ids: int) -> list[datetime]:
    found = dict(migration.rows("tasks", "id", "created_at"))
    return [found[number] for number in ids]


def test_open_rows_are_a_warning_that_names_them(migration: Migration) -> None:
    words = switched(
        migration, ["2025-10-11 12:00:00", "2025-10-11 13:00:00"], done_at(12, days=19)
    )
    assert created(migration, 20, 21) == [datetime(2025, 10, 11, 12), datetime(2025, 10, 11, 13)]
    assert words == (
        "2 rows have a created_at that may be UTC or local time, taken as UTC (ids 20, 21); "
        f"{READ_AGAIN}."
    )


@pytest.mark.parametrize(
    ("hours", "rule", "instant"),
    [
        # Noon of a laptop in Los Angeles is 5 in the morning if it is UTC.
        ((12,), "switch_by_waking_hours", datetime(2025, 10, 11, 19)),
        ((5,), "switch_by_waking_hours", datetime(2025, 10, 11, 12)),
        ((5, 12), "switch_undecided", datetime(2025, 10, 11, 12)),
        ((20,), "switch_undecided", datetime(2025, 10, 11, 12)),
    ],
)
def test_waking_hours_decide_where_only_one_reading_falls_into_them(
    migration: Migration, hours: tuple[int, ...], rule: str, instant: datetime
) -> None:
    others = [row for hour in hours for row in done_at(hour)]
    words = switched(migration, ["2025-10-11 12:00:00"], others)
    assert created(migration, len(others) + 1) == [instant]
    assert migration.query("SELECT row_id, rule FROM bizy_migration.repairs") == [
        (len(others) + 1, rule)
    ]
    taken = {
        "switch_undecided": "taken as UTC",
        "switch_by_waking_hours": "taken as the one that falls into the waking hours of the other "
        "rows",
    }
    assert words == (
        f"1 row has a created_at that may be UTC or local time, {taken[rule]} "
        f"(id {len(others) + 1}); {READ_AGAIN}."
    )


def test_waking_hours_that_contradict_the_order_of_ids_decide_nothing() -> None:
    # At 09:00 in the order of the ids it would be local already, at 15:30 UTC again.
    written = parse_times(pa.array(["2025-10-11 09:00:00", "2025-10-11 15:30:00"]))
    hours = np.isin(np.arange(24), [8, 9])
    for ids, local, listed in (([1, 2], [], [1, 2]), ([2, 1], [2], [])):
        numbers = np.array(ids)
        before = UtcCutover(since=SINCE, local_ids=numbers[:0], undecided_ids=np.array([1, 2]))
        found = decide_by_hours(before, numbers, written.value, WEST, hours)
        assert (found.local_ids.tolist(), found.undecided_ids.tolist()) == (local, listed)


def test_many_rows_of_one_hour_show_no_habit() -> None:
    one_night = np.arange(10_000) * 360_000
    assert waking_hours(one_night) is None
    noons = (np.arange(100) * 24 + 12) * HOUR
    found = waking_hours(np.concatenate([noons, one_night]))
    assert found is not None
    assert np.flatnonzero(found).tolist() == [11, 12, 13]


def test_the_moment_of_the_switch_can_be_set(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=[{"created_at": "2025-03-04 12:00:00.000000"}])
    migration.setenv(BIZY_TASKS_LOCAL_SINCE="2025-01-01T00:00:00Z")
    migration.prove("goals", "tasks")
    assert migration.rows("tasks", "created_at") == [(datetime(2025, 3, 4, 20),)]
