"""Which zones the times of a file contradict, and which one is suggested instead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bizy_assets.core.source import Snapshot, take_snapshot
from bizy_assets.core.transform import zone_times
from bizy_assets.core.transform.timezone import TimezoneConverter
from bizy_assets.core.transform.zone_fit import describe_offset, find_better_zone
from bizy_assets.core.transform.zone_times import (
    TimePairs,
    ZoneTimes,
    read_zone_times,
    show_times,
)
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.times import microseconds

SINCE = datetime(2025, 10, 11, 16, 21, 51, tzinfo=UTC)
NEW_YORK, BERLIN, KOLKATA, TOKYO = map(
    ZoneInfo, ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo")
)
LAST = datetime(2025, 11, 3, 18, 30)
NONE = np.empty(0, np.int64)


def days(count: int, hour: float = 9.2) -> np.ndarray:
    """Returns times at this hour of as many days, up to the last."""
    step = timedelta(days=1)
    midnight = LAST.replace(hour=0, minute=0)
    moments = [midnight - n * step + timedelta(hours=hour, microseconds=n) for n in range(count)]
    return np.array([microseconds(moment) for moment in moments][::-1], np.int64)


def in_utc(local: np.ndarray, zone: ZoneInfo) -> np.ndarray:
    return TimezoneConverter(zone).to_utc(local).utc


def nothing(**known: object) -> ZoneTimes:
    """Returns the times of a file that shows nothing but what is given."""
    empty = ZoneTimes(
        taken_at=microseconds(LAST + timedelta(days=30)),
        local={},
        past=NONE,
        utc=NONE,
        plans=TimePairs(),
        ordered=TimePairs(),
    )
    return replace(empty, **known)


def better(times: ZoneTimes, zone: ZoneInfo) -> str | None:
    fit = find_better_zone(times, zone)[1]
    return fit.zone.key if fit else None


def test_a_file_without_evidence_contradicts_no_zone() -> None:
    for zone in (ZoneInfo("UTC"), NEW_YORK, TOKYO):
        assert better(nothing(), zone) is None


@pytest.mark.parametrize("zone", [NEW_YORK, BERLIN, KOLKATA, TOKYO], ids=str)
def test_dates_that_bizy_computed_show_the_offset_to_the_minute(zone: ZoneInfo) -> None:
    created = days(4) + 17_250_000
    plans = TimePairs(created + 40 * 86_400_000_000, in_utc(created, zone))
    times = nothing(plans=plans, past=created)
    assert better(times, zone) is None
    for other in {NEW_YORK, BERLIN, KOLKATA, TOKYO, ZoneInfo("UTC")} - {zone}:
        assert better(times, other) == zone.key
    # Dates that were typed, and a single one, show nothing.
    typed = TimePairs(plans.local // 60_000_000 * 60_000_000, plans.utc)
    assert better(nothing(plans=typed), ZoneInfo("UTC")) is None
    assert better(nothing(plans=TimePairs(plans.local[:1], plans.utc[:1])), TOKYO) is None


def test_times_before_the_creation_of_their_rows_show_a_zone_too_far_east() -> None:
    created = days(20)
    done = created + 3_600_000_000
    times = nothing(ordered=TimePairs(done, in_utc(created, NEW_YORK)), past=done)
    assert better(times, NEW_YORK) is None
    fit, found = find_better_zone(times, BERLIN)
    assert (fit.early, fit.late) == (20, 0)
    assert found is not None
    assert found.impossible == 0
    two = nothing(ordered=TimePairs(done[:2], in_utc(created[:2], NEW_YORK)))
    assert better(two, BERLIN) is None


def test_times_after_the_snapshot_show_a_zone_too_far_west() -> None:
    past = days(40, hour=18)
    minutes = np.arange(5) * 60_000_000
    past = np.concatenate([past, past[-1] + minutes])
    times = nothing(past=past, taken_at=int(in_utc(past[-1:], BERLIN)[0]) + 1_000_000)
    assert better(times, BERLIN) is None
    fit, found = find_better_zone(times, NEW_YORK)
    assert fit.late >= 5
    assert found is not None
    assert found.late == 0


def test_waking_hours_show_a_zone_in_which_people_would_write_at_night() -> None:
    past = np.concatenate([days(60, hour) for hour in range(9, 20)])
    utc = in_utc(np.concatenate([days(20, hour) for hour in (9, 12, 16, 19)]), TOKYO)
    times = nothing(past=past, utc=utc)
    assert better(times, TOKYO) is None
    assert better(times, ZoneInfo("Asia/Seoul")) is None
    fit, found = find_better_zone(times, NEW_YORK)
    assert fit.asleep > fit.hours / 4
    assert found is not None
    assert found.asleep == 0
    assert found.zone.key == TOKYO.key
    assert better(nothing(past=past, utc=utc[:20]), NEW_YORK) is None


def test_of_zones_that_fit_equally_the_preferred_one_is_named() -> None:
    created = days(4) + 17_250_000
    times = nothing(plans=TimePairs(created, in_utc(created, BERLIN)), past=created)
    assert find_better_zone(times, TOKYO, ["Europe/Madrid"])[1].zone.key == "Europe/Madrid"  # type: ignore[union-attr]
    assert find_better_zone(times, TOKYO, ["Europe/Kyiv"])[1].zone == BERLIN  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (NEW_YORK, "is 5 hours behind UTC in November"),
        (BERLIN, "is 1 hour ahead of UTC in November"),
        (KOLKATA, "is 5:30 hours ahead of UTC in November"),
        (ZoneInfo("Europe/London"), "equals UTC in November"),
    ],
)
def test_a_zone_is_described_by_its_offset(zone: ZoneInfo, text: str) -> None:
    assert describe_offset(zone, nothing(past=days(3))) == text


def snapshot_of(folder: Path, **rows: list[dict[str, object]]) -> Snapshot:
    return take_snapshot(bizy_files.make(folder / "tasks.db", **rows), folder).snapshot


def test_three_times_are_shown_whatever_else_a_file_has(tmp_path: Path) -> None:
    done = ["2025-11-03 20:08:59", "2025-07-01 09:08", "2025-03-01T00:30:00.123456", None, "soon"]
    odd = [20250101, b"2025-01-01 00:00:00", "2025-13-01 00:00", "2025-01-01 00:00Z", "x" * 99]
    snapshot = snapshot_of(tmp_path, tasks=[{"completed_at": value} for value in done + odd])
    times = read_zone_times(snapshot, SINCE)
    assert show_times(times, TimezoneConverter(ZoneInfo("America/Los_Angeles"))) == [
        "2025-03-01 00:30 → 08:30 UTC",
        "2025-07-01 09:08 → 16:08 UTC",
        "2025-11-03 20:08 → 2025-11-04 04:08 UTC",
    ]


def test_times_of_another_table_are_shown_if_no_task_has_any(tmp_path: Path) -> None:
    found = "2025-03-02 11:00:00"
    snapshot = snapshot_of(tmp_path, tasks=[{}], research=[{"date_found": found}])
    times = read_zone_times(snapshot, SINCE)
    assert show_times(times, TimezoneConverter(BERLIN)) == ["2025-03-02 11:00 → 10:00 UTC"]
    assert show_times(nothing(), TimezoneConverter(BERLIN)) == []


def test_an_update_that_assigned_a_project_is_not_taken_for_local_time(tmp_path: Path) -> None:
    updated = {"updated_at": "2025-03-02 11:00:00"}
    snapshot = snapshot_of(tmp_path, goals=[updated, {**updated, "project_name": "bizy"}])
    assert len(read_zone_times(snapshot, SINCE).ordered) == 1


def test_of_a_large_file_rows_from_everywhere_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zone_times, "_SMALL_FILE", 0)
    monkeypatch.setattr(zone_times, "_SAMPLE", 50)
    monkeypatch.setattr(zone_times, "_EDGE", 20)
    step = timedelta(minutes=1)
    done = [f"{LAST + n * step}" for n in range(1000)]
    far = {"id": 2**31, "completed_at": "2026-01-01 00:00:00"}
    snapshot = snapshot_of(tmp_path, tasks=[*({"completed_at": text} for text in done), far])
    local = read_zone_times(snapshot, SINCE).local["tasks"]
    assert 20 <= len(local) < 200
    assert len(np.unique(local)) == len(local)
    first, *_, before, last = np.sort(local).view("datetime64[us]").tolist()
    assert (first, before, last) == (LAST, LAST + 999 * step, datetime(2026, 1, 1))
    monkeypatch.setattr(zone_times, "_SAMPLE", 2**32)
    assert len(read_zone_times(snapshot, SINCE).local["tasks"]) == 1001
