"""The wall clock: as zoneinfo has it, for whole columns and any zone and year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizy_assets.core.contracts.model import Rule
from bizy_assets.core.transform.timestamps import outside_calendar, parse_times, to_instants
from bizy_assets.core.transform.timezone import TimezoneConverter
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.times import microseconds

USUAL_ZONES = ["America/Los_Angeles", "Australia/Lord_Howe", "Pacific/Apia"]
MORE_ZONES = [
    "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Africa/Casablanca", "Europe/Dublin",
    "UTC",
]  # fmt: skip
ZONES = [*USUAL_ZONES, *MORE_ZONES]
MICROSECOND, QUARTER = timedelta(microseconds=1), timedelta(minutes=15)
CLOCKS = {zone: TimezoneConverter(ZoneInfo(zone)) for zone in ZONES}


def read(zone: str, *walls: datetime):
    return CLOCKS[zone].to_utc(np.array([microseconds(wall) for wall in walls], dtype=np.int64))


def expected(zone: str, wall: datetime) -> tuple[int, bool, bool]:
    """Reads one wall time by zoneinfo: the first pass of a repeated one, forward over a gap."""
    first = wall.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    second = wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset()
    assert first is not None
    assert second is not None
    return microseconds(wall - first), first > second, first < second


@given(
    zone=st.sampled_from(ZONES),
    walls=st.lists(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)), min_size=1, max_size=9),
)
def test_any_wall_time_reads_as_zoneinfo_reads_it(zone: str, walls: list[datetime]) -> None:
    found = read(zone, *walls)
    for place, wall in enumerate(walls):
        assert (
            int(found.utc[place]), bool(found.ambiguous[place]), bool(found.nonexistent[place]),
        ) == expected(zone, wall)  # fmt: skip


@pytest.mark.parametrize("zone", [*USUAL_ZONES, *exhaustive(*MORE_ZONES)])
@pytest.mark.parametrize("year", [1941, 1969, 2011, 2025, 2040])
def test_every_quarter_hour_of_a_year_reads_right(zone: str, year: int) -> None:
    start, clock = datetime(year, 1, 1), ZoneInfo(zone)
    walls = [start + QUARTER * step for step in range(365 * 96)]
    numbers = microseconds(start) + np.arange(len(walls)) * (QUARTER // MICROSECOND)
    found = CLOCKS[zone].to_utc(numbers)
    first, second = (
        np.array([wall.replace(tzinfo=clock, fold=n).utcoffset() // MICROSECOND for wall in walls])
        for n in (0, 1)
    )
    assert np.array_equal(found.utc, numbers - first)
    assert np.array_equal(found.ambiguous, first > second)
    assert np.array_equal(found.nonexistent, first < second)


def test_daylight_saving_after_2037_and_gaps_are_known() -> None:
    found = read("America/Los_Angeles", datetime(2040, 7, 1, 12))
    assert found.utc.tolist() == [microseconds(datetime(2040, 7, 1, 19))]
    found = read("Europe/Berlin", datetime(2025, 3, 30, 2, 30))
    assert found.utc.tolist() == [microseconds(datetime(2025, 3, 30, 1, 30))]
    assert found.nonexistent.tolist() == [True]


@pytest.mark.parametrize(
    ("text", "value", "absolute"),
    [
        ("2025-03-04", datetime(2025, 3, 4), False),
        ("2025-03-04 05:06", datetime(2025, 3, 4, 5, 6), False),
        ("2025-03-04T05:06:07", datetime(2025, 3, 4, 5, 6, 7), False),
        ("2025-03-04 05:06:07.8", datetime(2025, 3, 4, 5, 6, 7, 800000), False),
        ("2025-03-04 05:06:07.123456000", datetime(2025, 3, 4, 5, 6, 7, 123456), False),
        ("2025-03-04T05:06:07Z", datetime(2025, 3, 4, 5, 6, 7), True),
        ("2025-03-04 05:06:07.5+05:30", datetime(2025, 3, 3, 23, 36, 7, 500000), True),
        ("1969-07-20 20:17:40.000001", datetime(1969, 7, 20, 20, 17, 40, 1), False),
    ],
)
def test_accepted_texts_are_read(text: str, value: datetime, absolute: bool) -> None:
    for others in ([], [None], ["2020-01-01 00:00:00"], ["2020-01-01T00:00:00Z"]):
        parsed = parse_times(pa.array([text, *others], pa.string()))
        assert parsed.value[0] == microseconds(value)
        assert parsed.absolute[0] == absolute
        assert parsed.present.tolist() == [True, *(other is not None for other in others)]


def test_a_fraction_beyond_microseconds_is_refused_rather_than_rounded() -> None:
    with pytest.raises(pa.ArrowInvalid):
        parse_times(pa.array(["2025-03-04 05:06:07.1234567"]))


@pytest.mark.parametrize(
    "zone", [*ZONES, "Etc/GMT+12", "Etc/GMT-14", "Asia/Manila", "America/Juneau"]
)
def test_a_local_time_that_passes_stays_between_the_years_1_and_9999(zone: str) -> None:
    hours = np.arange(-48, 48).astype("timedelta64[h]")
    walls = np.concatenate(
        [np.datetime64(edge, "us") + hours for edge in ("0001-01-02", "9999-12-30")]
    )
    texts = pa.array([str(wall).replace("T", " ") for wall in walls])
    texts = texts.filter(pa.array(walls >= np.datetime64("0001-01-01")))
    for rule in (Rule.LOCAL, Rule.LOCAL_OR_DAY):
        passing = texts.filter(pa.array(~outside_calendar(texts, rule)))
        assert len(passing) > 80
        converted = to_instants(parse_times(passing), rule, TimezoneConverter(ZoneInfo(zone)))
        shown = converted.utc.view("datetime64[us]")
        assert shown.min() >= np.datetime64("0001-01-01")
        assert shown.max() < np.datetime64("10000-01-01")


@pytest.mark.parametrize("zone", ZONES)
def test_an_instant_is_shown_as_zoneinfo_shows_it(zone: str) -> None:
    instants = [datetime(2025, 1, 1, 0, 30) + timedelta(hours=7) * step for step in range(1500)]
    found = CLOCKS[zone].to_local(np.array([microseconds(at) for at in instants]))
    shown = [at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for at in instants]
    assert found.tolist() == [microseconds(wall.replace(tzinfo=None)) for wall in shown]
