"""A time that cannot be is blamed on the setting that can have caused it, and on no other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration

ZONE = "check BIZY_SOURCE_TIMEZONE (now UTC)"
SWITCH = "check BIZY_TASKS_LOCAL_SINCE (now 2025-10-11T16:21:51Z)"


def warning_of(migration: Migration, table: str = "tasks", **rows: list[dict[str, Any]]) -> str:
    """Migrates a file with these rows, and returns what the check of their times says."""
    migration.source.unlink()
    bizy_files.make(migration.source, **rows)
    migration.setenv(BIZY_SOURCE_TIMEZONE="UTC")
    event = migration.migrate("goals", "tasks").checks()[f"pg_{table}", "timestamps"]
    assert not event.passed
    assert event.severity.value == "WARN"
    assert event.description is not None
    return event.description


def done_before(created_at: str) -> dict[str, str]:
    return {"created_at": created_at, "completed_at": "2024-05-01 10:00:00"}


def test_only_rows_created_near_the_switch_blame_it(migration: Migration) -> None:
    tasks = [
        done_before("2025-03-01 10:00:00"),
        done_before("2025-10-09 16:21:50"),
        done_before("2025-10-09 16:21:51"),
        done_before("2025-10-11 16:21:51"),
        done_before("2025-10-13 16:21:51"),
        done_before("2025-10-13 16:21:52"),
    ]
    assert warning_of(migration, tasks=tasks) == (
        f"3 rows were completed before they were created (ids 1, 2, 6); {ZONE}. "
        f"3 rows were completed before they were created (ids 3, 4, 5); {SWITCH}."
    )


@pytest.mark.parametrize(
    ("created_at", "setting"), [("2025-03-01 10:00:00", ZONE), ("2025-10-12 10:00:00", SWITCH)]
)
def test_a_setting_that_cannot_be_the_cause_is_not_named(
    migration: Migration, created_at: str, setting: str
) -> None:
    assert warning_of(migration, tasks=[done_before(created_at)]) == (
        f"1 row was completed before it was created (id 1); {setting}."
    )


def test_a_task_created_in_the_future_blames_the_switch_only_near_it(migration: Migration) -> None:
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    migration.setenv(BIZY_TASKS_LOCAL_SINCE=f"{now.isoformat()}Z")
    tasks = [{"created_at": f"{now + timedelta(days=days)}"} for days in (1, 3)]
    switch = f"check BIZY_TASKS_LOCAL_SINCE (now {now.isoformat()}Z)"
    assert warning_of(migration, tasks=tasks) == (
        f"1 row has a created_at after the snapshot was taken (id 2); {ZONE}. "
        f"1 row has a created_at after the snapshot was taken (id 1); {switch}."
    )


def test_times_that_the_switch_does_not_decide_blame_the_zone(migration: Migration) -> None:
    near = "2025-10-12 10:00:00"
    tasks = [{"created_at": near, "completed_at": "2199-01-01 10:00:00"}]
    goals = [{"created_at": "2199-01-01 10:00:00", "updated_at": near}]
    assert warning_of(migration, tasks=tasks, goals=goals) == (
        f"1 row has a completed_at after the snapshot was taken (id 1); {ZONE}."
    )
    assert warning_of(migration, "goals", goals=goals) == (
        f"1 row has a created_at after the snapshot was taken (id 1); {ZONE}."
    )
