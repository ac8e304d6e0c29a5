"""Dagster's event log in PostgreSQL, written with fewer statements.

Dagster writes every event and each of its index entries alone, which took a quarter of the time of
a small run. Here the events of a batch are written by one statement for each table, in one
transaction. A process that executes a run also collects its events, and writes them when a step
ends, when the status of the run changes, when they are read, and otherwise after a second. The
history of a killed run is complete up to some event, which is at most that second old.

Failures with a message for the user are stored without a stack trace, which Dagster always adds and
its UI would show below the message.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import dagster as dg
import dagster_postgres
import sqlalchemy as sa

# Dagster exports its tables and these sets of events nowhere else.
from dagster._core.events import ASSET_EVENTS, PIPELINE_EVENTS
from dagster._core.storage.event_log.schema import AssetKeyTable, SqlEventLogStorageTable
from sqlalchemy.dialects import postgresql

from bizy_assets.core.errors import BizyError
from bizy_assets.runtime import check_events

COLLECT_SECONDS = 1.0
"""How long events of a run may be collected before they are written."""


class HistoryEvents(dagster_postgres.PostgresEventLogStorage):
    """The event log of Dagster, written in batches."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Dagster's
        self._lock = threading.RLock()
        self._local = threading.local()
        self._collected: list[dg.EventLogEntry] = []
        self._collects = self._is_collecting = False
        self._timer: threading.Timer | None = None
        self._partitions: set[tuple[str, str]] = set()
        self._materialized: dict[tuple[dg.AssetKey, str], dg.EventLogRecord] = {}
        self._tables: dict[str, bool] = {}
        self._columns: dict[str, bool] = {}
        super().__init__(*arguments, **options)

    def collect(self) -> None:
        """Collect the events of this run, if one is executed, and of later ones."""
        self._collects = self._is_collecting = True

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store an event."""
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store events, all or none of them, or collect them."""
        events = [_without_trace(event) for event in events]
        if not self._collects:
            self._write(events)
            return
        with self._lock:
            self._collected += events
            if not self._may_wait(events):
                self._flush()
            elif self._timer is None:
                self._timer = threading.Timer(COLLECT_SECONDS, self._flush_in_time)
                self._timer.daemon = True
                self._timer.start()

    def _may_wait(self, events: Sequence[dg.EventLogEntry]) -> bool:
        """Return True if events need not be written yet, and note whether a run is executed."""
        kinds = {each.dagster_event_type for each in events}
        if changes := kinds & PIPELINE_EVENTS:
            self._partitions.clear()
            self._materialized.clear()
            self._is_collecting = dg.DagsterEventType.RUN_START in changes
            return False
        return self._is_collecting and kinds.isdisjoint(_STEP_ENDS)

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
            with self._lock:
                if any(event.dagster_event_type is _MATERIALIZED for event in self._collected):
                    self._flush()
                for (key, partition), record in self._materialized.items():
                    if records_filter == dg.AssetRecordsFilter(key, asset_partitions=[partition]):
                        return dg.EventRecordsResult([record], cursor="", has_more=False)
        return super().fetch_materializations(records_filter, limit, cursor, ascending)

    def _flush(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            events, self._collected = self._collected, []
            try:
                self._write(events)
            except BaseException:
                self._collected = events + self._collected
                raise

    def _flush_in_time(self) -> None:
        # If it fails, the next event meets the same error in the thread of the run.
        with suppress(sa.exc.DBAPIError, BizyError), self._lock:
            if self._collected:
                self._flush()

    def _write(self, events: Sequence[dg.EventLogEntry]) -> None:
        rows = list(map(self._event_to_row, events))
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

    def _index(self, connection: sa.Connection, stored: check_events.Stored) -> None:
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
        check_events.record_planned(connection, stored)
        check_events.record_results(connection, stored)
        check_events.forget_unfinished(connection, stored)

    def _update_assets(self, connection: sa.Connection, stored: check_events.Stored) -> None:
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


def _without_trace(entry: dg.EventLogEntry) -> dg.EventLogEntry:
    """Return an event without the stack trace of an error that has a message for the user."""
    event = entry.dagster_event
    error = getattr(event.event_specific_data, "error", None) if event else None
    if event is None or error is None or error.cls_name not in _FOR_USERS:
        return entry
    data: Any = event.event_specific_data
    data = data._replace(error=error._replace(stack=[]))
    return entry._replace(dagster_event=event._replace(event_specific_data=data))


def _asset_of(event: dg.EventLogEntry) -> dg.AssetKey:
    key = event.get_dagster_event().asset_key
    assert key is not None  # noqa: S101
    return key


_FOR_USERS = {dg.Failure.__name__, "DagsterAssetCheckFailedError"}
"""Names of the errors whose message says everything; Dagster does not export the second."""

_MATERIALIZED = dg.DagsterEventType.ASSET_MATERIALIZATION
_INDEXED = {*ASSET_EVENTS, check_events.PLANNED, check_events.EVALUATED, *check_events.FAILED}
"""Events that change tables of their own."""

_STEP_ENDS = {
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.STEP_UP_FOR_RETRY,
    dg.DagsterEventType.STEP_SKIPPED,
}
