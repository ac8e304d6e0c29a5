"""Several Bizy files and one target."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bizy_assets_tests.support.pipelines import Pipeline
from bizy_assets_tests.support.servers import Server
from tools import fleet_files


@pytest.fixture
def target(server: Server, tmp_path: Path) -> Iterator[Pipeline]:
    with Pipeline.in_new_database(server, tmp_path / "home") as target:
        target.prepare()
        yield target


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    fleet_files.make_fleet(tmp_path / "fleet", files=4, tasks=30)
    return {path.stem: path for path in sorted((tmp_path / "fleet").glob("*.db"))}
