"""The sensor of a fleet: partitions follow the manifest, and changed files are migrated."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

from bizy_assets.fleet import sensor
from bizy_assets.fleet.assets import FILES
from bizy_assets.fleet.definitions import defs
from bizy_assets_tests.support import bizy_files

AN_HOUR_AGO = time.time() - 3600


@dataclass
class Ticks:
    """The sensor as Dagster's daemon runs it: it keeps the cursor and changes partitions."""

    folder: Path
    instance: dg.DagsterInstance
    cursor: str | None = None
    requested: list[str] = field(default_factory=list)

    def write(self, *numbers: int) -> None:
        """Writes a manifest with these files, which are made if they do not exist."""
        text = 'timezone = "UTC"\n'
        for number in numbers:
            path = self.folder / f"u{number}.db"
            if not path.exists():
                bizy_files.make(path, tasks=[{}])
                self.touch(number)
            text += (
                f'\n[[file]]\nkey = "u{number}"\npath = "{path}"\n'
                f'email = "u{number}@example.org"\nusername = "u{number}"\n'
            )
        (self.folder / "fleet.toml").write_text(text)

    def touch(self, number: int, seconds: float = AN_HOUR_AGO) -> None:
        os.utime(self.folder / f"u{number}.db", (seconds, seconds))

    def tick(self) -> dg.SensorResult | dg.SkipReason:
        with partition_loading_context(dynamic_partitions_store=self.instance):
            context = dg.build_sensor_context(self.instance, self.cursor, definitions=defs)
            result = sensor.fleet_files(context)
        assert isinstance(result, dg.SensorResult | dg.SkipReason)
        self.requested = []
        if isinstance(result, dg.SensorResult):
            self.cursor = result.cursor
            self.requested = [str(r.partition_key) for r in result.run_requests or []]
            for request in result.dynamic_partitions_requests or []:
                if isinstance(request, dg.AddDynamicPartitionsRequest):
                    self.instance.add_dynamic_partitions(str(FILES.name), request.partition_keys)
                else:
                    for key in request.partition_keys:
                        self.instance.delete_dynamic_partition(str(FILES.name), key)
        return result

    @property
    def partitions(self) -> set[str]:
        return set(self.instance.get_dynamic_partitions(str(FILES.name)))


@pytest.fixture
def ticks(
    tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ticks]:
    monkeypatch.setenv("BIZY_FLEET", str(tmp_path / "fleet.toml"))
    return Ticks(tmp_path, instance)


def test_partitions_and_runs_follow_the_manifest(ticks: Ticks) -> None:
    ticks.write(1, 2)
    ticks.tick()
    assert ticks.partitions == {"u1", "u2"}
    assert ticks.requested == ["u1", "u2"]
    result = ticks.tick()
    assert isinstance(result, dg.SensorResult)
    assert (result.skip_reason or dg.SkipReason("")).skip_message == (
        "None of the 2 files has changed."
    )
    bizy_files.change(ticks.folder / "u2.db", "UPDATE tasks SET title = 'changed'")
    ticks.touch(2, AN_HOUR_AGO + 60)
    ticks.write(2, 3)
    ticks.tick()
    assert ticks.partitions == {"u2", "u3"}
    assert ticks.requested == ["u2", "u3"]
    # A file that is in the manifest again may have changed meanwhile.
    ticks.write(1, 2, 3)
    ticks.tick()
    assert ticks.requested == ["u1"]


def test_a_changed_entry_counts_as_a_changed_file(ticks: Ticks) -> None:
    ticks.write(1)
    ticks.tick()
    manifest = ticks.folder / "fleet.toml"
    manifest.write_text(manifest.read_text().replace('"UTC"', '"Europe/Berlin"'))
    ticks.tick()
    assert ticks.requested == ["u1"]


def test_a_file_that_is_being_written_waits(ticks: Ticks) -> None:
    ticks.write(1, 2)
    ticks.touch(1, time.time())
    ticks.tick()
    assert ticks.requested == ["u2"]
    assert ticks.partitions == {"u1", "u2"}
    ticks.touch(1)
    ticks.tick()
    assert ticks.requested == ["u1"]


def test_requests_are_spread_over_ticks(ticks: Ticks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensor, "MAX_REQUESTS", 2)
    ticks.write(1, 2, 3)
    ticks.tick()
    assert ticks.requested == ["u1", "u2"]
    ticks.tick()
    assert ticks.requested == ["u3"]
    assert {len(digest) for digest in json.loads(ticks.cursor or "{}").values()} == {12}


def test_a_mistake_in_the_manifest_is_the_reason_for_skipping(ticks: Ticks) -> None:
    ticks.write(1)
    ticks.tick()
    manifest = ticks.folder / "fleet.toml"
    manifest.write_text(manifest.read_text().replace("u1.db", "missing.db"))
    result = ticks.tick()
    assert isinstance(result, dg.SkipReason)
    assert "Line 5: path: There is no file" in str(result.skip_message)
    assert ticks.partitions == {"u1"}
