"""Entries of events in Dagster's table of checks, written with one statement for each kind."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import dagster as dg
import sqlalchemy as sa

# Dagster exports its tables nowhere else.
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable

PLANNED = dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
EVALUATED = dg.DagsterEventType.ASSET_CHECK_EVALUATION
FAILED = {dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED}
"""Ends of a run that may leave checks without a result."""

Stored: TypeAlias = list[tuple[dg.EventLogEntry, int]]
"""Events with their ids."""


def record_planned(connection: sa.Connection, stored: Stored) -> None:
    """Enter the checks that are planned, once for each of their partitions."""
    planned = [each for each in stored if each[0].dagster_event_type is PLANNED]
    if rows := [row for event, event_id in planned for row in _planned(event, event_id)]:
        connection.execute(AssetCheckExecutionsTable.insert(), rows)


def record_results(connection: sa.Connection, stored: Stored) -> None:
    """Enter the last result of each check that was evaluated."""
    last = {}
    for event, event_id in stored:
        if event.dagster_event_type is EVALUATED:
            result = event.get_dagster_event().asset_check_evaluation_data
            last[result.asset_check_key, result.partition] = _evaluated(event_id, result)
    if last:
        rows = list(last.values())
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        connection.execute(_RECORD_RESULTS, columns)


def forget_unfinished(connection: sa.Connection, stored: Stored) -> None:
    """Delete the entries of partitions' checks that runs planned and, since they ended, never ran.

    Dagster would list them as planned for good.
    """
    ended = {event.run_id for event, _ in stored if event.dagster_event_type in FAILED}
    if ended:
        c = AssetCheckExecutionsTable.c
        unfinished = c.execution_status == AssetCheckExecutionRecordStatus.PLANNED.value
        connection.execute(
            sa.delete(AssetCheckExecutionsTable).where(
                c.run_id.in_(ended), unfinished, c.partition.is_not(None)
            )
        )


def _planned(event: dg.EventLogEntry, event_id: int) -> Iterator[dict[str, Any]]:
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


def _evaluated(event_id: int, result: dg.AssetCheckEvaluation) -> dict[str, Any]:
    """Return what the table of checks holds about a result, apart from its event."""
    status = (
        AssetCheckExecutionRecordStatus.SUCCEEDED
        if result.passed
        else AssetCheckExecutionRecordStatus.FAILED
    )
    checked = result.target_materialization_data
    return {
        "id": event_id,
        "asset_key": result.asset_key.to_string(),
        "check_name": result.check_name,
        "partition": result.partition,
        "execution_status": status.value,
        "materialization_event_storage_id": checked.storage_id if checked else None,
    }


def _timestamp(event: dg.EventLogEntry) -> datetime:
    """Return the time of an event as Dagster's tables hold it, in UTC without a zone."""
    return datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None)


_RECORD_RESULTS = sa.text("""
    WITH result AS MATERIALIZED (
        SELECT given.*, run_id, event, timestamp FROM unnest(
            CAST(:id AS bigint[]), CAST(:asset_key AS text[]), CAST(:check_name AS text[]),
            CAST(:partition AS text[]), CAST(:execution_status AS text[]),
            CAST(:materialization_event_storage_id AS bigint[])
        ) AS given (id, asset_key, check_name, partition, status, materialization)
        JOIN event_logs AS stored USING (id)
    ), planned AS (
        UPDATE asset_check_executions AS execution
        SET execution_status = status, evaluation_event = event,
            evaluation_event_timestamp = timestamp, evaluation_event_storage_id = result.id,
            materialization_event_storage_id = materialization
        FROM result
        WHERE execution.run_id = result.run_id AND execution.run_id <> ''
          AND (execution.asset_key, execution.check_name)
            = (result.asset_key, result.check_name)
          AND execution.partition IS NOT DISTINCT FROM result.partition
        RETURNING result.id
    )
    INSERT INTO asset_check_executions (
        asset_key, check_name, partition, run_id, execution_status, evaluation_event,
        evaluation_event_timestamp, evaluation_event_storage_id, materialization_event_storage_id)
    SELECT asset_key, check_name, partition, run_id, status, event, timestamp, id, materialization
    FROM result WHERE id NOT IN (SELECT id FROM planned) ORDER BY id
""")
"""Records results in the rows of checks that were planned, and else in new ones."""
