"""Settings reach a run by resource configuration as well as by the environment."""

from pathlib import Path

import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets.core.settings import SourceFileSettings
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets_tests.support.migrations import Migration


def test_settings_without_secrets_can_be_given_as_resource_configuration(
    migration: Migration, tmp_path: Path
) -> None:
    source = {
        "path": str(SAMPLE.with_name("bizy_cli_1.0.2.db")),
        "timezone": "Europe/Berlin",
        "backup_dir": str(tmp_path / "backups"),
        "tasks_local_since": "2025-10-11T16:21:51Z",
        "keep_backups": 2,
        "on_bad_row": "quarantine",
        "ignore_columns": ["tasks.mood"],
        "id_policy": "move",
    }
    target = {
        "owner_email": "me@example.org",
        "owner_username": "me",
        "owner_id": 17,
        "lock_wait_seconds": 3.0,
        "triggers": "disable",
        "adopt": True,
        "skip_ids": {"goals": [4711]},
        "strict": False,
    }
    assert set(BizySource.model_fields) == set(source)
    assert set(BizyTarget.model_fields) == set(target)
    resources = {"source": {"config": source}, "target": {"config": target}}
    outcome = migration.run(run_config={"resources": resources})
    assert outcome.success, outcome.sentences
    assert migration.query("SELECT id, email, username FROM users") == [
        (17, "me@example.org", "me")
    ]
    assert migration.query("SELECT count(*) FROM tasks WHERE user_id = 17") == [(22,)]
    assert migration.query("SELECT id_policy FROM bizy_migration.sources") == [("move",)]
    assert outcome.metadata("pg_tasks")["zone"] == "Europe/Berlin (configured)"
    assert len(list((tmp_path / "backups").iterdir())) == 1


@pytest.mark.parametrize("zone", ["EST5EDT,M3.2.0,M11.1.0", "UTC+3", "nonsense/zone"])
def test_a_machine_without_an_iana_zone_asks_for_one(
    migration: Migration, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.delenv("BIZY_SOURCE_TIMEZONE")
    monkeypatch.setenv("TZ", zone)
    [sentence] = migration.run().sentences
    assert f"TZ is {zone!r}" in sentence
    assert "set BIZY_SOURCE_TIMEZONE" in sentence


@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", ":Asia/Kolkata", "/usr/share/zoneinfo/Asia/Kolkata"]
)
def test_without_a_setting_the_zone_is_this_machines(
    migration: Migration, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.delenv("BIZY_SOURCE_TIMEZONE")
    monkeypatch.setenv("TZ", zone)
    told = migration.migrate("goals", "tasks").metadata("pg_tasks")["zone"]
    assert told == "Asia/Kolkata (this machine's zone, as BIZY_SOURCE_TIMEZONE is not set)"


def test_the_sample_of_a_demo_is_one_source_wherever_it_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def keys() -> set[str]:
        return {SourceFileSettings.read({"path": path}).key for path in ("/a/s.db", "/b/s.db")}

    assert keys() == {"/a/s.db", "/b/s.db"}
    monkeypatch.setenv("BIZY_EMBEDDED_DATABASE", "bizy_demo")
    assert keys() == {"demo"}
