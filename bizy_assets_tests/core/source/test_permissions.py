"""Files and folders that the account may not read, enter or write."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets.core.errors import BizyError
from bizy_assets.core.source.snapshot import take_snapshot
from bizy_assets_tests.support import bizy_files, neighbours


@pytest.fixture
def laptop(folder: Path) -> Iterator[Path]:
    """A folder with a source that everybody may read, for another account than the test's."""
    path = Path(tempfile.mkdtemp(dir=folder))
    path.chmod(0o755)
    shutil.copy(SAMPLE, path / "tasks.db")
    (path / "tasks.db").chmod(0o644)
    yield path
    path.chmod(0o755)


@pytest.fixture
def backups(folder: Path) -> Iterator[Path]:
    """A folder for snapshots that everybody may write to."""
    path = Path(tempfile.mkdtemp(dir=folder))
    path.chmod(0o777)
    yield path
    path.chmod(0o777)


def refusal(source: Path, backups: Path) -> str:
    """Backs up as an ordinary account, which must fail and leave no file."""
    before = set(backups.iterdir())
    with neighbours.without_privileges(), pytest.raises(BizyError) as caught:
        take_snapshot(source, backups)
    backups.chmod(0o777)
    assert set(backups.iterdir()) == before
    return str(caught.value)


def test_a_source_that_may_not_be_read(laptop: Path, backups: Path) -> None:
    source = laptop / "tasks.db"
    source.chmod(0)
    assert refusal(source, backups) == (
        f"{source} cannot be read (Permission denied); give this account read permission, or set "
        "SQLITE_DB_PATH to the Bizy database to migrate."
    )


def test_a_source_in_a_folder_that_may_not_be_entered(laptop: Path, backups: Path) -> None:
    laptop.chmod(0)
    assert "tasks.db cannot be read (Permission denied)" in refusal(laptop / "tasks.db", backups)


def test_a_source_in_wal_mode_in_a_folder_that_may_not_be_written(
    laptop: Path, backups: Path
) -> None:
    source = laptop / "tasks.db"
    bizy_files.change(source, "PRAGMA journal_mode = WAL")
    laptop.chmod(0o555)
    sentence = refusal(source, backups)
    assert f"{source} is in WAL mode" in sentence
    assert f"write to the folder {laptop}; give this account write permission there" in sentence


def test_a_backup_folder_that_may_not_be_written(laptop: Path, backups: Path) -> None:
    backups.chmod(0o555)
    sentence = refusal(laptop / "tasks.db", backups)
    assert f"The backup folder {backups} cannot be written (Permission denied)" in sentence
    assert "set BIZY_BACKUP_DIR to a folder with room" in sentence


def test_a_source_in_a_folder_that_may_not_be_written_is_backed_up_elsewhere(
    laptop: Path, backups: Path
) -> None:
    laptop.chmod(0o555)
    with neighbours.without_privileges():
        made = take_snapshot(laptop / "tasks.db", backups).snapshot
    assert [path.name for path in backups.iterdir()] == [made.path.name]
