"""The resources of a fleet, which find a run's file in the manifest by the partition of the run."""

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
from pydantic import PrivateAttr

from bizy_assets.core.common import CheckResult, TriggerPolicy
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.fleet import ManifestEntry, read_entry
from bizy_assets.core.postgres import advisory_locks, connect, translate_errors
from bizy_assets.core.settings import (
    CheckSettings,
    OwnerSettings,
    SourceSettings,
    TargetSettings,
    bizy_home,
    environment,
)
from bizy_assets.core.state import check_results, sources
from bizy_assets.fleet.wording import reword_result
from bizy_assets.metadata import PARTITION
from bizy_assets.resources import SourceResource, TargetResource, configured_by

PARTITIONS = "bizy_files"
"""Name of the set of partitions."""


@configured_by(
    SourceSettings, without={"path", "timezone", "tasks_local_since", "on_bad_row", "id_policy"}
)
class FleetSource(SourceResource):
    """How the Bizy files of the manifest `BIZY_FLEET` are read, and where their snapshots go.

    Each file has a folder of its own in `backup_dir`, which all workers share. If unset, it is
    `BIZY_HOME/fleet/snapshots`.
    """

    _run: dg.DagsterRun | None = PrivateAttr(default=None)
    _has_partition: bool = PrivateAttr(default=True)
    _settings: SourceSettings | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Record the run; its file is looked up when first needed."""
        self._run, self._settings = context.run, None
        key = partition_of(context.run) if context.run else None
        if key and context.instance:
            self._has_partition = context.instance.has_dynamic_partition(PARTITIONS, key)

    def settings(self) -> SourceSettings:
        """Return how the file of this run's partition is read, as it was when first needed.

        Raises:
            ConfigurationError: The manifest has mistakes, or no such file, or a value is invalid,
                or Dagster has no such partition.
        """
        if self._settings is None:
            self._settings = self._read_settings()
        return self._settings

    def _read_settings(self) -> SourceSettings:
        entry = _entry(self._run)
        if not self._has_partition:
            raise ConfigurationError(
                f"Dagster has no partition {entry.key} yet; run fleet_prepare, which adds one for "
                "each file of the manifest. If it did, DAGSTER_HOME names another instance here."
            )
        configured = dict(self)
        folder = configured.get("backup_dir") or environment("BIZY_BACKUP_DIR")
        snapshots = Path(folder) if folder else bizy_home() / "fleet" / "snapshots"
        return entry.source_settings(**configured | {"backup_dir": snapshots / entry.key})


@configured_by(TargetSettings, CheckSettings, without={"adopt", "skip_ids"})
class FleetTarget(TargetResource):
    """The target PostgreSQL of a fleet: `DATABASE_URL`, else the embedded server.

    Runs of different files write at the same time.
    """

    _unrecorded: dict[str, check_results.LoadResults] = PrivateAttr(default_factory=dict)

    def owner(self) -> OwnerSettings:
        """Return the account that will own the rows of this run's file.

        Raises:
            ConfigurationError: The manifest has mistakes, or no such file.
        """
        return _entry(self._run).owner_settings()

    def settings(self) -> TargetSettings:
        """Return how to load.

        Raises:
            ConfigurationError: The manifest has mistakes, or no such file, or a value is invalid.
        """
        skip_ids = _entry(self._run).skip_ids
        return self.common_settings().model_copy(update={"skip_ids": skip_ids})

    def common_settings(self) -> TargetSettings:
        """Return how all files are loaded.

        Raises:
            ConfigurationError: A value is invalid.
        """
        settings = super().common_settings()
        if settings.triggers is TriggerPolicy.DISABLE:
            raise ConfigurationError(
                "BIZY_TRIGGERS is 'disable', which would lock a table for each file of the fleet; "
                "set it to refuse or fire, or disable the triggers before the fleet is migrated."
            )
        return settings

    def acquire_locks(self, connection: sa.Connection, *, wait_seconds: float) -> None:
        """Acquire a shared lock of the target, and the lock of this run's file.

        Raises:
            TargetError: Another run still holds a lock after that time.
        """
        _acquire_file_locks(connection, _entry(self._run).key, wait_seconds)

    @contextmanager
    def writing_file(self, key: str) -> Iterator[sa.Connection]:
        """Provide a connection for a block as that of a run for a file, in the manifest or not.

        Raises:
            TargetError: PostgreSQL cannot be reached or refuses, or another run holds a lock.
        """
        wait = self.common_settings().lock_wait_seconds
        with self._connected() as connection:
            _acquire_file_locks(connection, key, wait)
            yield connection

    @contextmanager
    def writing_alone(self) -> Iterator[sa.Connection]:
        """Provide a connection that holds the target's lock alone, for a block.

        Raises:
            TargetError: PostgreSQL cannot be reached or refuses, or other runs write.
        """
        wait = self.common_settings().lock_wait_seconds
        with self._connected() as connection:
            advisory_locks.acquire_lock(connection, connection.engine.url, wait_seconds=wait)
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        url = self.url()
        with connect(url, purpose=self.purpose) as connection, translate_errors(url):
            yield connection

    def record_results(
        self, table: str, results: Sequence[CheckResult], *, run: int | None
    ) -> None:
        """Keep results of checks for ``write_results``."""
        reworded = [reword_result(result) for result in results]
        self._unrecorded[table] = check_results.LoadResults(results=reworded, run=run)

    def write_results(self) -> None:
        """Record the results of checks in the target, for the report of the fleet.

        Those of a snapshot are kept until the first load of the file, before which the target does
        not know it. Those of a load are left out if another run has loaded the file since.

        Raises:
            TargetError: PostgreSQL cannot be reached or refuses.
        """
        if self._run is None or not any(each.results for each in self._unrecorded.values()):
            return
        with self.writing() as connection, connection.begin():
            source = sources.find_source(connection, _entry(self._run).key)
            if source is None:
                return
            run_id = self._run.run_id
            check_results.record_results(connection, source.id, self._unrecorded, run_id)
        self._unrecorded.clear()


def _acquire_file_locks(connection: sa.Connection, key: str, wait_seconds: float) -> None:
    url = connection.engine.url
    advisory_locks.acquire_lock(connection, url, wait_seconds=wait_seconds, shared=True)
    advisory_locks.acquire_source_lock(connection, key, wait_seconds=wait_seconds)


def partition_of(run: dg.DagsterRun) -> str | None:
    """Return the key of the file of a run, or None if the run has no partition."""
    return run.tags.get(PARTITION)


def _entry(run: dg.DagsterRun | None) -> ManifestEntry:
    """Return the entry of a run's file in the manifest, which is read once for a run."""
    key = partition_of(run) if run else None
    if run is None or key is None:
        raise ConfigurationError(
            "This run has no partition; start it for a partition, whose name is the key of a Bizy "
            "file in the manifest."
        )
    return _entry_for(run.run_id, key)


@functools.lru_cache(maxsize=8)
def _entry_for(run_id: str, key: str) -> ManifestEntry:  # noqa: ARG001 - a later run reads it again
    return read_entry(key)
