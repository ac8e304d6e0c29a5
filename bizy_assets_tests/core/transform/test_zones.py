"""Whole databases from laptops all over the world land on the true instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.laptops import Laptop
from bizy_assets_tests.support.migrations import Migration

USUAL_ZONES = ["Australia/Lord_Howe"]
MORE_ZONES = [
    "America/Los_Angeles", "Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "Pacific/Auckland",
]  # fmt: skip

WRITTEN = {(c.table, column.name) for c in CONTRACTS for column in c.timestamps} - {
    # What the user types rather than the clock.
    ("goals", "target_date"), ("tasks", "due_date"),
}  # fmt: skip


def migrated(migration: Migration, laptop: Laptop) -> dict[tuple[str, int, str], datetime]:
    """Migrates what a laptop wrote, and returns the times that arrived."""
    migration.setenv(BIZY_SOURCE_TIMEZONE=laptop.zone.key)
    migration.run()
    found = {}
    for contract in CONTRACTS:
        columns = [column.name for column in contract.timestamps]
        for number, *values in migration.rows(contract.table, "id", *columns):
            found |= {(contract.table, number, c): v for c, v in zip(columns, values, strict=True)}
    return found


def listed(migration: Migration, *rules: str) -> set[tuple[str, int, str]]:
    return {
        (table, number, column)
        for table, number, column in migration.query(
            "SELECT table_name, row_id, column_name FROM bizy_migration.repairs "
            "WHERE rule = ANY(%s)",
            list(rules),
        )
    }


@pytest.mark.parametrize("zone", [*USUAL_ZONES, *exhaustive(*MORE_ZONES)])
def test_a_year_with_both_switches_lands_on_the_true_instants(
    migration: Migration, zone: str
) -> None:
    laptop = Laptop(ZoneInfo(zone))
    migration.source.unlink()
    # Eleven and a half hours apart, so that every time of day comes by, for more than a year.
    first = datetime(2025, 1, 3, 4, 5, 6, 789, tzinfo=UTC)
    step = timedelta(hours=11, minutes=31, microseconds=1)
    laptop.write(migration.source, *(first + step * number for number in range(900)))
    found = migrated(migration, laptop)
    assert {(table, column) for table, _, column in laptop.truth} == WRITTEN
    wrong = {cell for cell, instant in laptop.truth.items() if found[cell] != instant}
    open_cells = listed(migration, "switch_undecided")
    assert wrong <= laptop.twice | open_cells
    assert len(open_cells) <= 1
    assert laptop.twice <= listed(migration, "wall_time_repeated")


@pytest.mark.parametrize("zone", [*USUAL_ZONES, *exhaustive(*MORE_ZONES)])
def test_the_hours_around_both_switches_land_on_the_true_instants(
    migration: Migration, zone: str
) -> None:
    """Every nine minutes for six days around each end of daylight saving in 2026."""
    laptop = Laptop(ZoneInfo(zone))
    migration.source.unlink()
    step = timedelta(minutes=9, microseconds=1)
    laptop.write(
        migration.source,
        *(
            datetime(2026, month, day, tzinfo=UTC) + step * number
            for month, day in ((3, 5), (3, 24), (4, 2), (9, 24), (10, 23), (10, 30))
            for number in range(960)
        ),
    )
    found = migrated(migration, laptop)
    wrong = {cell for cell, instant in laptop.truth.items() if found[cell] != instant}
    assert wrong == laptop.twice
    assert laptop.twice <= listed(migration, "wall_time_repeated")
    assert not listed(migration, "wall_time_skipped", "switch_undecided")
    assert bool(laptop.twice) == (zone != "Asia/Kolkata")


def test_a_skipped_wall_time_moves_forward_by_the_gap_and_is_listed(migration: Migration) -> None:
    migration.setenv(BIZY_SOURCE_TIMEZONE="Europe/Berlin")
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=[{"completed_at": "2025-03-30 02:30:00.000000"}])
    migration.prove("goals", "tasks")
    assert migration.rows("tasks", "completed_at") == [(datetime(2025, 3, 30, 1, 30),)]
    assert migration.query(
        "SELECT table_name, row_id, column_name, rule, raw, written FROM bizy_migration.repairs"
    ) == [
        (
            "tasks",
            1,
            "completed_at",
            "wall_time_skipped",
            "2025-03-30 02:30:00.000000",
            "2025-03-30 01:30:00.000000",
        )
    ]
