"""The time zone of local times: refused where nobody chose it, checked where somebody did."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bizy_assets.cli import SAMPLE, SAMPLE_ZONE
from bizy_assets.core.common import zone_notice
from bizy_assets.core.settings import SourceSettings
from bizy_assets.core.source import has_local_times
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration, Outcome
from bizy_assets_tests.support.refusals import refused

SINCE = datetime(2025, 10, 11, 16, 21, 51, tzinfo=UTC)
MOMENT = "2025-03-01 10:00:00.250000"

LOCAL: list[tuple[str, dict[str, Any]]] = [
    ("tasks", {"completed_at": "2025-03-02 11:00:00.000000"}),
    ("tasks", {"completed_at": "2025-03-02"}),
    ("tasks", {"created_at": "2025-10-10 00:00:00.000000"}),
    ("tasks", {"due_date": "2025-03-02 17:00:00.000000"}),
    ("goals", {"target_date": "2025-03-02T00:00:01"}),
    ("goals", {"created_at": MOMENT, "updated_at": "2025-03-01 10:00:02.000000"}),
    ("goals", {"created_at": "unknown", "updated_at": "2025-03-01 10:00:02.000000"}),
    ("research", {"date_found": "2025-03-02 11:00:00.000000"}),
]
"""Times that may be local."""

NOT_LOCAL: list[tuple[str, dict[str, Any]]] = [
    ("tasks", {"completed_at": "2025-03-02 11:00:00+01:00"}),
    ("tasks", {"completed_at": "2025-03-02T11:00:00Z"}),
    ("tasks", {"completed_at": 20250302}),
    ("tasks", {"created_at": "2025-10-08 00:00:00.000000"}),
    ("tasks", {"due_date": "2025-03-02 00:00:00.000000"}),
    ("goals", {"target_date": "2025-03-02"}),
    ("goals", {"created_at": MOMENT, "updated_at": "2025-03-01 10:00:01.200000"}),
    ("metrics", {"date": "2025-03-02 11:00:00.000000"}),
    ("daily_logs", {"date": "2025-03-02 00:00:00.000000"}),
    ("business_plans", {"created_at": "2025-03-02 11:00:00.000000"}),
]
"""Times that no zone changes."""


def assume(migration: Migration, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Lets a zone be that of the machine, with none chosen."""
    monkeypatch.delenv("BIZY_SOURCE_TIMEZONE")
    migration.setenv(TZ=zone)


def check_of(outcome: Outcome) -> Any:
    return outcome.checks()["sqlite_backup", "time_zone"]


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Universal", "GMT", "Etc/Zulu"])
def test_utc_is_not_assumed(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.delenv("BIZY_SOURCE_TIMEZONE")
    monkeypatch.setenv("TZ", zone)
    assert f"this machine's zone is {zone}" in str(zone_notice(SourceSettings.read()))
    assert zone_notice(SourceSettings.read({"timezone": zone})) is None


@pytest.mark.parametrize("job", ["migrate", "dry_run"])
def test_a_run_on_a_machine_in_utc_is_refused_until_a_zone_is_chosen(
    migration: Migration, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    assume(migration, monkeypatch, "UTC")
    sentence = refused(migration, job)
    assert sentence.startswith("No time zone was chosen for local times")
    for place in ("BIZY_SOURCE_TIMEZONE", "--timezone", "resources: source: config: timezone"):
        assert place in sentence
    assert "or to UTC if it is UTC" in sentence


def test_no_asset_alone_writes_times_of_a_zone_that_nobody_chose(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert migration.materialize("sqlite_backup").success
    assume(migration, monkeypatch, "UTC")
    assert refused(migration, asset_selection=[dg.AssetKey("admin_user")]).startswith(
        "No time zone was chosen"
    )


def test_utc_that_was_chosen_is_used_and_a_better_zone_is_named(migration: Migration) -> None:
    migration.setenv(BIZY_SOURCE_TIMEZONE="UTC")
    outcome = migration.materialize("sqlite_backup")
    assert outcome.success, outcome.sentences
    check = check_of(outcome)
    assert not check.passed
    assert check.description.startswith(
        "America/Los_Angeles would fit better than UTC, which the file's own times contradict ("
    )
    assert "13 of 13 dates that Bizy computed would disagree" in check.description
    assert "as would any zone that is 7 hours behind UTC in April: set" in check.description
    assert "No time zone was chosen" not in check.description


def test_the_zone_of_this_machine_is_named_if_it_fits_better(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Vancouver")
    migration.setenv(BIZY_SOURCE_TIMEZONE="Europe/Berlin")
    check = check_of(migration.materialize("sqlite_backup"))
    assert check.description.startswith("America/Vancouver would fit better than Europe/Berlin, ")
    assert "), and is the zone of this machine: set" in check.description


@pytest.mark.parametrize(
    ("sample", "zone"), [("bizy_cli_mixed", SAMPLE_ZONE), ("bizy_cli_1.0.2", "Europe/Berlin")]
)
def test_the_true_zone_of_a_sample_passes_and_shows_three_times(
    migration: Migration, sample: str, zone: str
) -> None:
    config = {"path": str(SAMPLE.with_name(f"{sample}.db")), "timezone": zone}
    run_config = {"resources": {"source": {"config": config}}}
    backup = str(migration.source.parent)
    migration.setenv(BIZY_BACKUP_DIR=backup)
    outcome = migration.run(run_config=run_config, asset_selection=[dg.AssetKey("sqlite_backup")])
    check = check_of(outcome)
    assert check.passed, check.description
    shown = check.metadata["times"].value
    assert len(shown) == 3
    assert check.description == f"Local times are read in {zone}: {', '.join(shown)}."
    assert outcome.metadata("sqlite_backup")["times"] == shown
    if zone == SAMPLE_ZONE:
        assert shown[1] == "2025-11-20 10:14 → 18:14 UTC"


def test_a_zone_that_was_assumed_is_a_warning_until_the_loaded_one_is_checked(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    assume(migration, monkeypatch, SAMPLE_ZONE)
    check = check_of(migration.migrate("goals"))
    assert not check.passed
    assert check.description.startswith(
        f"No time zone was chosen for local times, so they are interpreted in {SAMPLE_ZONE}"
    )
    # The records of the load decide, not the settings of a later run.
    migration.setenv(BIZY_SOURCE_TIMEZONE="Asia/Tokyo")
    assert check_of(migration.run("verify")).description == check.description
    assert check_of(migration.materialize("sqlite_backup")).metadata["zone"].value == "Asia/Tokyo"


def test_without_local_times_no_zone_is_needed(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, goals=[{}], tasks=[{}], metrics=[{}])
    assume(migration, monkeypatch, "UTC")
    outcome = migration.migrate("goals", "tasks")
    assert check_of(outcome).passed
    assert check_of(outcome).description == "No time depends on the zone."
    bizy_files.change(migration.source, "UPDATE tasks SET completed_at = '2025-03-02 11:00:00'")
    assert not migration.run(asset_selection=[dg.AssetKey("sqlite_backup")]).success


@pytest.mark.parametrize(("table", "row"), LOCAL)
def test_a_time_that_may_be_local_is_found(tmp_path: Path, table: str, row: dict[str, Any]) -> None:
    bizy_files.make(tmp_path / "tasks.db", **{table: [{}, row]})
    assert has_local_times(tmp_path / "tasks.db", SINCE) is True


@pytest.mark.parametrize(("table", "row"), NOT_LOCAL)
def test_a_time_that_no_zone_changes_is_not_local(
    tmp_path: Path, table: str, row: dict[str, Any]
) -> None:
    bizy_files.make(tmp_path / "tasks.db", **{table: [row]})
    assert has_local_times(tmp_path / "tasks.db", SINCE) is False
