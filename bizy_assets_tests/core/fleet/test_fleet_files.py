"""Generated fleets: files that can be migrated, and damaged ones that fail in clear sentences."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bizy_assets.core.common import OnBadRow
from bizy_assets.core.errors import BizyError
from bizy_assets.core.fleet import read_manifest
from bizy_assets.core.source.snapshot import take_snapshot
from bizy_assets.core.validation import quarantine, scan
from bizy_assets_tests.support import bizy_files
from tools.fleet_files import DAMAGES, MANIFEST, make_fleet, mend

FILES = 10

SENTENCES = {
    "truncated": r"u\d+\.db",
    "datetime": r": tasks\.due_date \(ids [\d, ]+ and \d+ more\): not a datetime such as \d+",
    "column": r"does not know and would lose \(tasks\.estimated_cost\)",
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet")
    assert make_fleet(folder, FILES) == {}
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def validated(path: Path, folder: Path) -> None:
    """Backs a file up and validates it, as a run does before it writes."""
    snapshot = take_snapshot(path, folder / "snapshots").snapshot
    quarantine.enforce(scan.validate(snapshot), OnBadRow.FAIL, folder / "home")


def ids(path: Path, table: str) -> list[int]:
    return [row_id for (row_id,) in bizy_files.rows(path, table, "id")]


def column(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return [value for (value,) in connection.execute(query)]


def test_every_file_passes_validation(fleet: Path, tmp_path: Path) -> None:
    entries = read_manifest(fleet / MANIFEST).entries
    assert len(entries) == FILES
    assert len({entry.zone for entry in entries.values()}) == 5
    for entry in entries.values():
        validated(entry.path, tmp_path)
        assert len(ids(entry.path, "tasks")) == 67


def test_references_are_within_a_file_and_ids_overlap_between_files(fleet: Path) -> None:
    tasks = []
    for path in sorted(fleet.glob("*.db")):
        tasks.append(ids(path, "tasks"))
        goals = set(ids(path, "goals"))
        query = "SELECT parent_goal_id FROM {} WHERE parent_goal_id IS NOT NULL"
        for table in ("goals", "tasks"):
            parents = column(path, query.format(table))
            assert parents
            assert set(parents) <= goals
        dependencies = column(path, "SELECT value FROM tasks, json_each(dependencies)")
        assert dependencies
        assert set(dependencies) <= set(tasks[-1])
        assert ids(path, "daily_logs")
    assert set.intersection(*map(set, tasks))
    assert any(numbers[-1] - numbers[0] >= len(numbers) for numbers in tasks)
    assert any(numbers[-1] == len(numbers) for numbers in tasks)
    days = [column(path, "SELECT date(date) FROM daily_logs") for path in fleet.glob("*.db")]
    assert set.intersection(*map(set, days))


def test_the_same_arguments_generate_the_same_files(fleet: Path, tmp_path: Path) -> None:
    make_fleet(tmp_path, FILES)
    assert contents(tmp_path) == contents(fleet)


def test_damaged_files_fail_in_clear_sentences_until_they_are_mended(
    fleet: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "fleet"
    damages = make_fleet(folder, FILES, corrupt=3, seed=1)
    assert sorted(damages.values()) == sorted(DAMAGES)
    entries = read_manifest(folder / MANIFEST).entries
    for key, damage in damages.items():
        with pytest.raises(BizyError) as caught:
            validated(entries[key].path, tmp_path)
        assert re.search(SENTENCES[damage], str(caught.value))
        assert str(entries[key].path) in str(caught.value)
    intact = contents(fleet)
    assert {name for name, raw in contents(folder).items() if raw != intact[name]} == {
        f"{key}.db" for key in damages
    }
    mend(folder, list(damages))
    assert contents(folder) == intact
