"""Dagster's event log, which is written in batches, holds what Dagster itself would write."""

import functools
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import dagster as dg
import pytest
from dagster_postgres import DagsterPostgresStorage

from bizy_assets.metadata import beta_allowed
from bizy_assets.runtime import collect_events, event_storage
from bizy_assets.runtime.run_storage import EmbeddedRunStorage
from bizy_assets_tests.support.dagster_history import open_history
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server, history_of

FILES = dg.DynamicPartitionsDefinition(name="files")
TABLES = {
    "event_logs": "dagster_event_type, step_key, asset_key, partition",
    "asset_keys": "asset_key, last_run_id = (SELECT run_id FROM runs), last_materialization "
    "LIKE '%ASSET_MATERIALIZATION%', last_materialization_timestamp IS NULL",
    "asset_event_tags": "asset_key, key, (SELECT asset_key FROM event_logs e WHERE e.id = event_id "
    "AND e.dagster_event_type = 'ASSET_MATERIALIZATION')",
    "asset_check_executions": "asset_key, check_name, partition, execution_status, "
    "(SELECT dagster_event_type FROM event_logs e WHERE e.id = evaluation_event_storage_id), "
    "(SELECT asset_key FROM event_logs e WHERE e.id = materialization_event_storage_id)",
}
MESSAGES = "SELECT id FROM event_logs WHERE event LIKE '%a message%'"
DISCONNECT = (
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

Query = Callable[[str], list[tuple[Any, ...]]]
INSIDE: list[Query] = []
"""Runs a statement in another session, in the middle of the run."""
SEEN: list[int] = []
"""Number of messages that it saw."""


@dg.asset(partitions_def=FILES)
def first() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 1})


with beta_allowed():
    VERIFIED = dg.AssetCheckSpec("verified", asset="second", partitions_def=FILES)


@dg.asset(deps=[first], partitions_def=FILES, check_specs=[VERIFIED])
def second(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    context.log.info("a message")
    [query] = INSIDE
    SEEN.append(len(query(MESSAGES)))
    # The run sees its own events, also those that were not written when the connection was lost.
    query(DISCONNECT)
    logged = context.instance.all_logs(context.run.run_id)
    assert "a message" in {entry.user_message for entry in logged}
    for passed in (False, True):
        # Like the job verify, which is no run of the checks, and a step that is retried.
        context.log_event(  # type: ignore[arg-type]
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey("first"), check_name="unplanned", passed=passed, partition="a"
            )
        )
    yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])


class Reason(dg.Config):
    reason: str


def history(storage: Any, query: Query, *, collecting: bool) -> list[list[tuple[Any, ...]]]:
    """Runs the assets, and returns what the tables of the history hold."""
    INSIDE[:], SEEN[:] = [query], []
    with open_history(storage) as instance:
        instance.add_dynamic_partitions("files", ["a"])
        if collecting:
            collect_events(instance)
        assert dg.materialize([first, second], partition_key="a", instance=instance).success
        for passed in (True, False):
            result = dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey("first"), check_name="outside", passed=passed
            )
            instance.report_runless_asset_event(result)
    return [
        query(f"SELECT {columns} FROM {table} ORDER BY id") for table, columns in TABLES.items()
    ]


def test_events_are_written_in_batches_as_dagster_writes_them(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not even on a slow machine.
    monkeypatch.setattr(event_storage, "COLLECT_SECONDS", 600)
    found = {}
    for kind in ("dagster", "batches", "collected"):
        url = history_of(server)
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
        own = kind != "dagster"
        storage = EmbeddedRunStorage.from_config_value(None, {}) if own else stock(url)
        with closing(server.connect(url.rsplit("/", 1)[1])) as connection:
            query = functools.partial(rows_of, connection)
            found[kind] = history(storage, query, collecting=kind == "collected")
        # Other sessions see collected events later.
        assert [int(kind != "collected")] == SEEN
    assert found["batches"] == found["dagster"]
    assert found["collected"] == found["dagster"]
    assert all(found["dagster"])


@dg.asset(check_specs=[dg.AssetCheckSpec("held", asset="failing", blocking=True)])
def failing(config: Reason) -> Iterator[dg.MaterializeResult[None]]:
    if config.reason == "check":
        yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=False)])
        return
    raise dg.Failure("Do this.") if config.reason == "failure" else ValueError("unexpected")


@pytest.mark.parametrize(("reason", "is_traced"), [("failure", 0), ("check", 0), ("error", 1)])
def test_only_unexpected_errors_have_a_stack_trace(
    server: Server, monkeypatch: pytest.MonkeyPatch, reason: str, is_traced: int
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", history_of(server))
    config = {"ops": {"failing": {"config": {"reason": reason}}}}
    with open_history(EmbeddedRunStorage.from_config_value(None, {})) as instance:
        run = dg.materialize([failing], instance=instance, run_config=config, raise_on_error=False)
        kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
        entries = instance.all_logs(run.run_id, of_type=kinds)
    errors = [entry.get_dagster_event().event_specific_data.error for entry in entries]
    assert len(errors) == 2
    assert [bool(error.stack) for error in errors] == [is_traced] * 2
    assert all(error.message for error in errors)


def test_collected_events_are_written_in_time_while_a_step_runs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = history_of(server)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)

    @dg.op
    def silent(context: dg.OpExecutionContext) -> None:
        context.log.info("a message")
        until(lambda: rows_of(connection, MESSAGES))

    @dg.job
    def long() -> None:
        silent()

    with (
        closing(server.connect(url.rsplit("/", 1)[1])) as connection,
        open_history(EmbeddedRunStorage.from_config_value(None, {})) as instance,
    ):
        collect_events(instance)
        assert long.execute_in_process(instance=instance).success


def rows_of(connection: Any, statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def stock(url: str) -> DagsterPostgresStorage:
    return DagsterPostgresStorage(url.replace("postgresql:", "postgresql+psycopg2:"))
