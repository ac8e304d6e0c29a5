"""The asset ``migration_report``: the report of a migration.

The target records the loads. Dagster's event log adds the outcome of each check and the duration
of each load; events of other loads and other targets are ignored.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import sqlalchemy as sa

from bizy_assets.checks import TABLE_CHECKS, fail_on_warnings, snapshot_checks
from bizy_assets.core import pipeline
from bizy_assets.core.common import CheckOutcome
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.report import (
    Evaluation,
    History,
    Report,
    collect,
    render,
    save,
    save_rejected_values,
    terminal_summary,
)
from bizy_assets.core.settings import bizy_home
from bizy_assets.core.state import TableLoad
from bizy_assets.metadata import SINGLE_FILE, asset_options, figures_of, glossary, tables_of
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import check_outcome, log_summary, user_errors

_CHECKS = [spec for checks in (snapshot_checks, *TABLE_CHECKS) for spec in checks.check_specs]


@dg.asset(
    deps=[SINGLE_FILE.table(table) for table in BY_TABLE],
    kinds={"html"},
    **asset_options(glossary.REPORTING, glossary.REPORT),
)
def migration_report(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> Iterator[dg.MaterializeResult[None]]:
    """The report of the migration on one page, as metadata of this asset and as an HTML file.

    Begins with the verdict: whether every row is in PostgreSQL, which were left out, and what to
    do next. Below are the warnings, the values that were adjusted, with the original and the new
    value, the row counts of each table, and the outcome of every check. Materialized on its own, it
    reports the last load of each table and the last evaluation of each check. The file is in
    `BIZY_HOME/reports`, readable only by you, beside `index.html`, which lists all reports, and a
    CSV file of all rejected values, if there are any.
    """
    with user_errors(context):
        with target.checking() as connection:
            report = read_report(
                connection,
                context.instance,
                context.run.run_id,
                source.settings().key,
                embedded=target.is_embedded,
            )
            save_rejected_values(connection, report)
        save(report)
    log_summary(context, terminal_summary(report))
    yield dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(render(report, "md")),
            "verdict": report.verdict.value,
            "file": dg.MetadataValue.path(str(report.file)),
            "target": report.target,
            **_numbers(report),
        }
    )
    warned = report.with_outcome(CheckOutcome.WARNED)
    fail_on_warnings(context, target, [f"{each.check} of {each.asset}" for each in warned])


def read_report(
    connection: sa.Connection,
    instance: dg.DagsterInstance,
    run_id: str,
    source_key: str,
    *,
    embedded: bool,
) -> Report:
    """Read the report of a run from the target and from Dagster's event log."""
    return collect(
        connection,
        pipeline.loaded_source(connection, source_key),
        lambda loads: _history(instance, loads, describe_url(connection.engine.url)),
        bizy_home(),
        run_id,
        embedded=embedded,
    )


def _numbers(report: Report) -> dict[str, int | float]:
    """Return the figures that Dagster plots across runs."""
    speed = {}
    if report.seconds:
        speed = {
            "seconds": round(report.seconds, 3),
            "rows_per_second": round(report.rows / report.seconds),
        }
    return {
        **speed,
        **{name: report.sum(name) for name in glossary.PLOTTED},
        "rows_left_out": report.rows_left_out,
        "checks_warned": len(report.with_outcome(CheckOutcome.WARNED)),
        "checks_failed": len(report.with_outcome(CheckOutcome.FAILED)),
    }


def _history(instance: dg.DagsterInstance, loads: list[TableLoad], target_name: str) -> History:
    """Read what Dagster recorded of these loads into this target."""
    metadata_of = dict(_materializations(instance, loads))
    return History(
        seconds={
            table: float(str(metadata["seconds"].value))
            for table, metadata in metadata_of.items()
            if "seconds" in metadata
        },
        evaluations=list(_evaluations(instance, loads, target_name)),
    )


def _materializations(
    instance: dg.DagsterInstance, loads: list[TableLoad]
) -> Iterator[tuple[str, Mapping[str, dg.MetadataValue[Any]]]]:
    """Yield the metadata of each load's materialization, if no later one replaced it."""
    keys = {SINGLE_FILE.table(load.table): load for load in loads}
    for key, entry in instance.get_latest_materialization_events(keys).items():
        event = entry.asset_materialization if entry else None
        if entry is not None and event is not None and entry.run_id == keys[key].run.run_id:
            yield keys[key].table, event.metadata


def _evaluations(
    instance: dg.DagsterInstance, loads: list[TableLoad], target_name: str
) -> Iterator[Evaluation]:
    """Yield the last evaluation of each check if it concerns these loads, else a placeholder."""
    # One query for all checks; the public method of the instance makes one for each.
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [spec.key for spec in _CHECKS]
    )
    snapshots = {str(load.snapshot.path) for load in loads}
    tables = {SINGLE_FILE.table(load.table): load.table for load in loads}
    for spec in _CHECKS:
        asset = spec.asset_key.to_user_string()
        entry = records[spec.key].event if spec.key in records else None
        event = entry.dagster_event if entry else None
        if (
            entry is None
            or event is None
            or event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION
            or not _is_about(event.asset_check_evaluation_data.metadata, snapshots, target_name)
        ):
            yield Evaluation(asset=asset, check=spec.name, outcome=CheckOutcome.NOT_RUN)
            continue
        evaluation = event.asset_check_evaluation_data
        yield Evaluation(
            asset=asset,
            table=tables.get(spec.asset_key),
            check=spec.name,
            outcome=check_outcome(evaluation),
            findings=evaluation.description or "",
            at=datetime.fromtimestamp(entry.timestamp, UTC),
            figures=figures_of(evaluation.metadata),
            tables=tables_of(evaluation.metadata),
        )


def _is_about(
    metadata: Mapping[str, dg.MetadataValue[Any]], snapshots: set[str], target_name: str
) -> bool:
    """Return True if a check read a loaded snapshot and, if it read any target, this one."""
    texts = {name: str(value.value) for name, value in metadata.items()}
    return texts.get("snapshot") in snapshots and texts.get("target", target_name) == target_name
