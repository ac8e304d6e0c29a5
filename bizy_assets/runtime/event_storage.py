"""Dagster's event log in PostgreSQL, written with fewer statements.

Dagster writes every event and each of its index entries alone, which took a quarter of the time of
a small run. Here the events of a batch are written by one statement for each table, in one
transaction. The worker of a fleet also collects the events of a run, and writes them when somebody
reads, when the status of the run changes, and otherwise every second.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias

import dagster as dg
import dagster_postgres
import sqlalchemy as sa

# Dagster exports its tables and these sets of events nowhere else.
from dagster._core.events import ASSET_EVENTS, PIPELINE_EVENTS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    AssetKeyTable,
    SqlEventLogStorageTable,
)
from sqlalchemy.dialects import postgresql

COLLECT_SECONDS = 1.0
"""How long events of a run may be collected before they are written."""

Stored: TypeAlias = list[tuple[dg.EventLogEntry, int]]
"""Events with their ids."""


class HistoryEvents(dagster_postgres.PostgresEventLogStorage):
    """The event log of Dagster, written in batches."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Dagster's
        self._lock = threading.RLock()
        self._local = threading.local()
        self._collected: list[dg.EventLogEntry] = []
        self._collects = self._is_collecting = False
        self._written_at = 0.0
        self._partitions: set[tuple[str, str]] = set()
        self._materialized: dict[tuple[dg.AssetKey, str], dg.EventLogRecord] = {}
        self._tables: dict[str, bool] = {}
        self._columns: dict[str, bool] = {}
        super().__init__(*arguments, **options)

    def collect(self) -> None:
        """Collect the events of runs from now on."""
        self._collects = True

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store an event."""
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store events, all or none of them, or collect them."""
        if not self._collects:
            self._write(events)
            return
        with self._lock:
            self._collected += events
            if not self._may_wait(events):
                self._flush()

    def _may_wait(self, events: Sequence[dg.EventLogEntry]) -> bool:
        """Return True if events need not be written yet, and note whether a run is executed."""
        changes = [kind for each in events if (kind := each.dagster_event_type) in PIPELINE_EVENTS]
        if changes:
            self._partitions.clear()
            self._materialized.clear()
            self._is_collecting = changes[-1] is dg.DagsterEventType.RUN_START
            return False
        return self._is_collecting and time.monotonic() < self._written_at + COLLECT_SECONDS

    def has_table(self, table_name: str) -> bool:
        """Return True if a table exists; no process outlives a change of Dagster's tables."""
        if table_name not in self._tables:
            self._tables[table_name] = super().has_table(table_name)
        return self._tables[table_name]

    def _has_asset_key_col_on_connection(self, conn: sa.Connection, column_name: str) -> bool:
        """Return True if the table of assets has a column; neither does one outlive that."""
        if column_name not in self._columns:
            found = super()._has_asset_key_col_on_connection(conn, column_name)
            self._columns[column_name] = found
        return self._columns[column_name]

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Return True if a partition exists, which is asked for most events of a run."""
        named = (partitions_def_name, partition_key)
        if named in self._partitions:
            return True
        exists = super().has_dynamic_partition(partitions_def_name, partition_key)
        if exists and self._is_collecting:
            self._partitions.add(named)
        return exists

    def fetch_materializations(
        self,
        records_filter: dg.AssetKey | dg.AssetRecordsFilter,
        limit: int,
        cursor: str | None = None,
        ascending: bool = False,
    ) -> dg.EventRecordsResult:
        """Return materializations; the newest of a partition is known if the run wrote it.

        Dagster asks for it with each result of a check.
        """
        if self._is_collecting and (limit, cursor, ascending) == (1, None, False):
            if any(event.dagster_event_type is _MATERIALIZED for event in self._collected):
                self._flush()
            for (key, partition), record in self._materialized.items():
                if records_filter == dg.AssetRecordsFilter(key, asset_partitions=[partition]):
                    return dg.EventRecordsResult([record], cursor="", has_more=False)
        return super().fetch_materializations(records_filter, limit, cursor, ascending)

    def _flush(self) -> None:
        with self._lock:
            events, self._collected = self._collected, []
            try:
                self._write(events)
            except BaseException:
                self._collected = events + self._collected
                raise
            self._written_at = time.monotonic()

    def _write(self, events: Sequence[dg.EventLogEntry]) -> None:
        rows = [self._event_to_row(event) for event in events]
        insert = SqlEventLogStorageTable.insert()
        if all(event.dagster_event_type not in _INDEXED for event in events):
            with self._connect() as connection:
                connection.execute(insert, rows)
            return
        with self.index_transaction() as connection:
            self._local.connection = connection
            try:
                ids = connection.scalars(
                    insert.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True),
                    rows,
                )
                self._index(connection, list(zip(events, ids.all(), strict=True)))
            finally:
                self._local.connection = None

    def _index(self, connection: sa.Connection, stored: Stored) -> None:
        """Write the entries of events in the tables of assets and checks."""
        of_assets = [
            (event, event_id)
            for event, event_id in stored
            if event.dagster_event_type in ASSET_EVENTS and event.get_dagster_event().asset_key
        ]
        if of_assets:
            self._store_asset_event_tags(connection, *zip(*of_assets, strict=True))
            self._update_assets(connection, of_assets)
            for event, event_id in of_assets:
                partition = event.get_dagster_event().partition
                if partition and event.dagster_event_type is _MATERIALIZED:
                    record = dg.EventLogRecord(event_id, event)
                    self._materialized[_asset_of(event), partition] = record
        planned = [each for each in stored if each[0].dagster_event_type is _PLANNED]
        if rows := [row for event, event_id in planned for row in self._planned(event, event_id)]:
            connection.execute(AssetCheckExecutionsTable.insert(), rows)
        for event, event_id in stored:
            if event.dagster_event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                self.store_asset_check_event(event, event_id)

    def _update_assets(self, connection: sa.Connection, stored: Stored) -> None:
        """Record the last event of each asset, with one statement for each kind of event."""
        by_columns: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
        for event, event_id in stored:
            entry = self._get_asset_entry_values(event, event_id, True)
            key = _asset_of(event).to_string()
            by_columns.setdefault(tuple(entry), {})[key] = {"asset_key": key, **entry}
        for columns, rows in by_columns.items():
            # Sorted, so that runs of several processes cannot wait for each other.
            values = [rows[key] for key in sorted(rows)]
            insert = postgresql.insert(AssetKeyTable)
            changes = {column: insert.excluded[column] for column in columns}
            connection.execute(
                insert.on_conflict_do_update(index_elements=["asset_key"], set_=changes)
                if changes
                else insert.on_conflict_do_nothing(),
                values,
            )

    def _planned(self, event: dg.EventLogEntry, event_id: int) -> Iterator[dict[str, Any]]:
        """Yield the rows of a planned check, one for each of its partitions."""
        planned = event.get_dagster_event().asset_check_planned_data
        subset = planned.partitions_subset
        for partition in subset.get_partition_keys() if subset else [None]:
            yield {
                "asset_key": planned.asset_key.to_string(),
                "check_name": planned.check_name,
                "partition": partition,
                "run_id": event.run_id,
                "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
                "evaluation_event": dg.serialize_value(event),
                "evaluation_event_timestamp": _timestamp(event),
                "evaluation_event_storage_id": event_id,
            }

    def index_connection(self) -> AbstractContextManager[sa.Connection]:
        """Provide the connection of the transaction that writes events, or else a new one."""
        if getattr(self._local, "connection", None) is None:
            return super().index_connection()
        return self._writing_connection()

    @contextmanager
    def _writing_connection(self) -> Iterator[sa.Connection]:
        yield self._local.connection

    def _connect(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection, after writing what was collected, since it may be read."""
        if self._collected:
            self._flush()
        return super()._connect()


def collect_events(instance: dg.DagsterInstance) -> None:
    """Let a process that executes one run at a time write the events of its runs together."""
    if isinstance(instance.event_log_storage, HistoryEvents):
        instance.event_log_storage.collect()


def _asset_of(event: dg.EventLogEntry) -> dg.AssetKey:
    key = event.get_dagster_event().asset_key
    assert key is not None  # noqa: S101
    return key


def _timestamp(event: dg.EventLogEntry) -> datetime:
    """Return the time of an event as Dagster's tables hold it, in UTC without a zone."""
    return datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None)


_MATERIALIZED = dg.DagsterEventType.ASSET_MATERIALIZATION
_PLANNED = dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
_INDEXED = {*ASSET_EVENTS, _PLANNED, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
"""Events with entries in tables of their own."""
