"""A first migration of the sample, done once and restored for every test that begins with it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import Server

DATABASE = "migrated"
TEMPLATE = "migrated_template"

RESTORED_EVENTS = {
    dg.DagsterEventType.ASSET_MATERIALIZATION,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
}
"""Events that later runs and tests read; storing all of them takes three times as long."""


@dataclass
class MigratedSample:
    """Everything that a first migration of the sample leaves.

    All copies have the same names, since the ledger, Dagster's events and the password file name
    source, snapshot and target. So there is one copy at a time.

    Attributes:
        server: The server with the template and the copy of the target.
        folder: The folder of the copy's source, snapshot and home.
        kept: The folder that it is copied from.
        history: Dagster's history of the migration.
    """

    server: Server
    folder: Path
    kept: Path
    history: dg.DagsterInstance

    def migrate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Migrates the sample, and keeps what that leaves."""
        source = place_sample(self.folder)
        monkeypatch.setenv("BIZY_HOME", str(self.folder / "home"))
        Migration(self.server, source, self.history, monkeypatch, name=DATABASE).migrate()
        shutil.copytree(self.folder, self.kept)
        self.server.create_database(TEMPLATE, template=DATABASE)

    def restore(self, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Migration:
        """Restores files, target and history as they were after the migration."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.kept, self.folder)
        monkeypatch.setenv("BIZY_HOME", str(self.folder / "home"))
        self._restore_history(instance)
        self.server.drop_database(DATABASE)
        return Migration(
            self.server, sample_in(self.folder), instance, monkeypatch, TEMPLATE, DATABASE
        )

    def _restore_history(self, instance: dg.DagsterInstance) -> None:
        for run in self.history.get_runs():
            # The snapshots of its job and plan are not in the other history.
            bare = run._replace(job_snapshot_id=None, execution_plan_snapshot_id=None)
            instance.add_run(bare)
            for event in self.history.all_logs(run.run_id, of_type=RESTORED_EVENTS):
                instance.store_event(event)


def place_sample(folder: Path) -> Path:
    """Copies the larger sample into a folder of its own, and returns the copy."""
    path = sample_in(folder)
    path.parent.mkdir(parents=True)
    return Path(shutil.copy2(SAMPLE, path))


def sample_in(folder: Path) -> Path:
    return folder / "laptop" / "tasks.db"
