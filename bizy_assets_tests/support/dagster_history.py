"""Dagster's history in memory, cheap to use and to replace by another."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster._core.instance.types import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.event_log.in_memory import InMemoryEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageMetadata
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage
from dagster._core.storage.runs.in_memory import InMemoryRunStorage


class Runs(InMemoryRunStorage):
    """Dagster's storage of runs in memory, on one connection instead of one for each statement."""

    def __init__(self) -> None:
        super().__init__()
        self._held_conn = _shared(self)
        self._lock = threading.Lock()

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        with self._lock, self._held_conn.begin():
            yield self._held_conn


class Events(InMemoryEventLogStorage):
    """Dagster's storage of events in memory, on one connection too."""

    def __init__(self) -> None:
        super().__init__()
        self._held_conn = _shared(self)

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        with self._db_lock, self._held_conn.begin():
            yield self._held_conn

    def has_table(self, table_name: str) -> bool:
        # Dagster asks for each event; the tables are those of its newest schema.
        return table_name in SqlEventLogStorageMetadata.tables


def open_history(storage: DagsterStorage | None = None) -> dg.DagsterInstance:
    """Open an empty history in memory, as ``DagsterInstance.ephemeral`` does, or one in a storage.

    Its connections are kept, because each migration has Dagster run a thousand statements.
    """
    return dg.DagsterInstance(
        instance_type=InstanceType.EPHEMERAL,
        local_artifact_storage=TemporaryLocalArtifactStorage(),
        run_storage=storage.run_storage if storage else Runs(),
        event_storage=storage.event_log_storage if storage else Events(),
        compute_log_manager=NoOpComputeLogManager(),
        run_coordinator=DefaultRunCoordinator(),
        run_launcher=SyncInMemoryRunLauncher(),
    )


def replace_history(instance: dg.DagsterInstance, by: dg.DagsterInstance) -> None:
    """Give a history the content of another, database by database."""
    for storage, other in (
        (instance.run_storage, by.run_storage),
        (instance.event_log_storage, by.event_log_storage),
    ):
        _database(other).backup(_database(storage))


def _shared(storage: Runs | Events) -> sa.Connection:
    """Open the connection of all threads; some log while the main one waits."""
    with closing(storage._held_conn):
        options = {"check_same_thread": False}
        engine = sa.create_engine(storage._engine.url, poolclass=sa.NullPool, connect_args=options)
        return engine.connect()


def _database(storage: Any) -> sqlite3.Connection:
    database = storage._held_conn.connection.driver_connection
    assert isinstance(database, sqlite3.Connection)
    return database
