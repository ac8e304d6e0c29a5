"""A goal with a project may have been updated in UTC; what shows it, and what stays open."""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bizy_assets.core.contracts.tables import GOALS, TASKS
from bizy_assets.core.source import snapshot as snapshots
from bizy_assets.core.source.reader import SnapshotTable
from bizy_assets.core.transform.timezone import TimezoneConverter
from bizy_assets.core.transform.utc_updates import SIGHTINGS_SCHEMA, find_utc_updates
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.corpus import as_snapshot
from bizy_assets_tests.support.migrations import Migration

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(minutes=2)
CREATED = "2025-03-01 10:00:00"


def goal(updated_at: object, project: str | None = "shop", **others: object) -> dict[str, object]:
    return {
        "created_at": CREATED,
        "updated_at": str(updated_at),
        "project_name": project,
        **others,
    }


def times(migration: Migration) -> list[datetime]:
    return [value for (value,) in migration.rows("goals", "updated_at")]


def listed(migration: Migration) -> dict[int, str]:
    return dict(
        migration.query(
            "SELECT row_id, rule FROM bizy_migration.repairs WHERE column_name = 'updated_at'"
        )
    )


def migrated(migration: Migration, zone: str, **rows: list[dict[str, object]]) -> str:
    """Migrates a file with these rows, and returns what the check of the goals' times says."""
    migration.source.unlink()
    bizy_files.make(migration.source, **rows)
    migration.setenv(BIZY_SOURCE_TIMEZONE=zone)
    event = migration.migrate("goals", "tasks").checks()["pg_goals", "timestamps"]
    return "" if event.passed else str(event.description)


def test_each_goal_west_of_greenwich_is_read_as_it_was_written(migration: Migration) -> None:
    noon = "2025-05-01 12:00:00"
    cases = [
        (goal(CREATED), datetime(2025, 3, 1, 10)),
        (goal(noon, project=None), datetime(2025, 5, 1, 19)),
        # As UTC it would be earlier than the goal.
        (goal("2025-03-01 04:00:00"), datetime(2025, 3, 1, 12)),
        # As local time they would be later than the snapshot.
        (goal(NOW), NOW),
        (goal(NOW, project=None, repository_path="/srv/shop"), NOW),
        (goal(noon), datetime(2025, 5, 1, 19)),
        # A task was completed, and one was added, in that moment.
        (goal("2025-05-03 12:00:00"), datetime(2025, 5, 3, 19)),
        (goal("2025-05-02 05:00:00.5"), datetime(2025, 5, 2, 12, 0, 0, 500_000)),
        (goal("2025-05-01 12:00:00+00:00"), datetime(2025, 5, 1, 12)),
        (goal("2025-12-01 04:00:00.5"), datetime(2025, 12, 1, 12, 0, 0, 500_000)),
    ]
    tasks = [
        {"parent_goal_id": 7, "completed_at": "2025-05-03 12:00:01.5"},
        {"parent_goal_id": 8, "created_at": "2025-05-02 12:00:00"},
        # Another goal's, or not in the same moment.
        {"parent_goal_id": 7, "completed_at": noon},
        {"parent_goal_id": 6, "completed_at": "2025-05-01 12:00:03"},
        {"parent_goal_id": 10, "created_at": "2025-12-01 04:00:00"},
    ]
    words = migrated(migration, "America/Los_Angeles", goals=[row for row, _ in cases], tasks=tasks)
    assert times(migration) == [instant for _, instant in cases]
    assert listed(migration) == {4: "update_in_utc", 5: "update_in_utc", 6: "update_undecided"}
    assert words == (
        "1 row has an updated_at that may be local time or UTC, taken as local time (id 6); "
        "bizy_migration.repairs has the original; if one is wrong, correct it in PostgreSQL, where "
        "edits are preserved."
    )


def test_each_goal_east_of_greenwich_is_read_as_it_was_written(migration: Migration) -> None:
    local_now = NOW + timedelta(hours=5, minutes=30)
    cases = [
        # As local time it would be earlier than the goal.
        (goal("2025-03-01 12:00:00"), datetime(2025, 3, 1, 12)),
        # As UTC it would be later than the snapshot.
        (goal(local_now), NOW),
        (goal("2025-05-01 12:00:00"), datetime(2025, 5, 1, 6, 30)),
    ]
    words = migrated(migration, "Asia/Kolkata", goals=[row for row, _ in cases])
    assert times(migration) == [instant for _, instant in cases]
    assert listed(migration) == {1: "update_in_utc", 3: "update_undecided"}
    assert "BIZY_SOURCE_TIMEZONE" not in words


def test_where_local_time_is_utc_nothing_is_open(migration: Migration) -> None:
    assert migrated(migration, "UTC", goals=[goal("2025-05-01 12:00:00"), goal(NOW)]) == ""
    assert listed(migration) == {}


def test_a_time_that_fits_neither_way_still_blames_the_zone(migration: Migration) -> None:
    words = migrated(migration, "America/Los_Angeles", goals=[goal("2199-01-01 12:00:00")])
    assert times(migration) == [datetime(2199, 1, 1, 20)]
    assert words == (
        "1 row has an updated_at after the snapshot was taken (id 1); check BIZY_SOURCE_TIMEZONE "
        "(now America/Los_Angeles)."
    )


class Tomorrow:
    """A clock that is a day ahead."""

    @staticmethod
    def now(zone: tzinfo) -> datetime:
        return datetime.now(zone) + timedelta(days=1)


def test_what_a_snapshot_proved_holds_for_later_ones(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated(migration, "America/Los_Angeles", goals=[goal(NOW), goal(NOW)])
    # The goals are the same a day later, when both readings of their times are possible.
    bizy_files.change(migration.source, "INSERT INTO tasks (id, title) VALUES (9, 'other')")
    bizy_files.change(
        migration.source, "UPDATE goals SET updated_at = ? WHERE id = 2", f"{NOW}.000001"
    )
    monkeypatch.setattr(snapshots, "datetime", Tomorrow)
    for updated in (1, 0):
        outcome = migration.migrate("goals", "tasks")
        assert outcome.metadata("pg_goals")["updated"] == updated
        assert times(migration) == [NOW, NOW + timedelta(hours=8, microseconds=1)]
        assert listed(migration) == {1: "update_in_utc", 2: "update_undecided"}


def test_a_later_snapshot_of_the_same_bytes_is_loaded_as_it_reads_now(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Later than the snapshot either way, until tomorrow.
    soon = NOW + timedelta(hours=20)
    migrated(migration, "America/Los_Angeles", goals=[goal(soon)])
    assert times(migration) == [soon + timedelta(hours=8)]
    monkeypatch.setattr(snapshots, "datetime", Tomorrow)
    migration.prove("goals", "tasks")
    assert times(migration) == [soon]


def test_files_without_projects_or_tasks_have_nothing_to_decide(tmp_path: Path) -> None:
    path = bizy_files.make(tmp_path / "old.db", release="1.0.2", goals=[{"updated_at": CREATED}])
    bizy_files.change(path, "DROP TABLE tasks")
    snapshot = as_snapshot(path)
    tables = [SnapshotTable(snapshot, contract) for contract in (GOALS, TASKS)]
    converter = TimezoneConverter(ZoneInfo("America/Los_Angeles"))
    found = find_utc_updates(
        *tables,
        converter,
        tasks_local_since=datetime(2025, 10, 11, tzinfo=UTC),
        taken_at=datetime.now(UTC),
        sightings=SIGHTINGS_SCHEMA.empty_table(),
    )
    assert found is not None
    assert [len(ids) for ids in found.notes.values()] == [0, 0]
