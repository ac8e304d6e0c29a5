"""A first migration of the sample, done once and restored for every test that begins with it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets_tests.support.dagster_history import open_history, replace_history
from bizy_assets_tests.support.environment import configure_nothing
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import Server

Prepare = Callable[[Migration], None]


@dataclass
class MigratedSample:
    """Everything that a first migration of the sample leaves.

    All copies have the same names, since the ledger, Dagster's events and the password file name
    source, snapshot and target. So there is one copy at a time.

    Attributes:
        server: The server with the template and the copy of the target.
        database: The copy.
        folder: The folder of the copy's source, snapshot and home.
        history: Dagster's history of the migration.
    """

    server: Server
    database: str
    folder: Path
    history: dg.DagsterInstance

    @property
    def kept(self) -> Path:
        """The folder that is copied."""
        return self.folder.with_name(f"{self.folder.name}-kept")

    @property
    def template(self) -> str:
        """The database that is copied."""
        return f"{self.database}_template"

    def migrate(self, monkeypatch: pytest.MonkeyPatch, prepare: Prepare) -> None:
        """Migrates the sample, and keeps what that leaves."""
        source = place_sample(self.folder)
        monkeypatch.setenv("BIZY_HOME", str(self.folder / "home"))
        migration = Migration(self.server, source, self.history, monkeypatch, name=self.database)
        prepare(migration)
        migration.migrate()
        shutil.copytree(self.folder, self.kept)
        self.server.create_database(self.template, template=self.database)

    def restore(self, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Migration:
        """Restores files, target and history as they were after the migration."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.kept, self.folder)
        monkeypatch.setenv("BIZY_HOME", str(self.folder / "home"))
        replace_history(instance, by=self.history)
        self.server.drop_database(self.database)
        source = sample_in(self.folder)
        return Migration(self.server, source, instance, monkeypatch, self.template, self.database)


def migrated_once(
    server: Server, folder: Path, database: str, prepare: Prepare
) -> Iterator[MigratedSample]:
    """Migrates the sample for as long as a fixture lasts.

    Args:
        server: The server for the target and its copies.
        folder: The folder for files.
        database: The name of the copies.
        prepare: Changes source or settings before the migration.
    """
    with open_history() as history:
        sample = MigratedSample(server, database, folder / database, history)
        with pytest.MonkeyPatch.context() as monkeypatch:
            configure_nothing(monkeypatch)
            sample.migrate(monkeypatch, prepare)
        yield sample


def place_sample(folder: Path) -> Path:
    """Copies the larger sample into a folder of its own, and returns the copy."""
    path = sample_in(folder)
    path.parent.mkdir(parents=True)
    return Path(shutil.copy2(SAMPLE, path))


def sample_in(folder: Path) -> Path:
    return folder / "laptop" / "tasks.db"
