"""The asset ``migration_report``: the report of a migration.

The target records the loads. Dagster's event log adds the outcome of each check and the duration
of each load; events of other loads and other targets are ignored.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from bizy_assets.checks import TABLE_CHECKS, fail_on_warnings, snapshot_checks
from bizy_assets.core import pipeline
from bizy_assets.core.common import CheckOutcome, files
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.report import Evaluation, History, Report, collect, render, summary_lines
from bizy_assets.core.settings import bizy_home
from bizy_assets.core.state import TableLoad
from bizy_assets.metadata import SINGLE_FILE, asset_options, glossary
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import check_outcome, log_lines, user_errors

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

    Lists the source and the snapshot, the row counts of each table, the outcome of every check,
    adjusted values and rejected rows with their ids, and the next steps. Materialized on its own,
    it reports the last load of each table and the last evaluation of each check. The file is in
    `BIZY_HOME/reports`, readable only by you.
    """
    with user_errors(context):
        with target.checking() as connection:
            report = collect(
                connection,
                pipeline.loaded_source(connection, source.settings().key),
                lambda loads: _history(
                    context.instance, loads, describe_url(connection.engine.url)
                ),
                bizy_home(),
                context.run.run_id,
                embedded=target.is_embedded,
            )
        with files.write_private(report.file) as stream:
            stream.write(render(report, "html").encode())
    # One event, not one for each line.
    log_lines(context, *summary_lines(report))
    yield dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(render(report, "md")),
            "file": dg.MetadataValue.path(str(report.file)),
            "target": report.target,
            **_numbers(report),
        }
    )
    warned = report.with_outcome(CheckOutcome.WARNED)
    fail_on_warnings(context, target, [f"{each.check} of {each.asset}" for each in warned])


def _numbers(report: Report) -> dict[str, int | float]:
    """Return the figures that Dagster plots across runs."""
    speed = {}
    if report.seconds:
        speed = {
            "seconds": round(report.seconds, 3),
            "rows per second": round(report.rows / report.seconds),
        }
    return {
        "rows": report.rows,
        **speed,
        "repairs": report.adjusted_values,
        "bad rows": report.rejected_rows,
        "drift": report.drift,
        "checks": len(report.history.evaluations),
        "checks warned": len(report.with_outcome(CheckOutcome.WARNED)),
        "checks failed": len(report.with_outcome(CheckOutcome.FAILED)),
        "checks not run": len(report.with_outcome(CheckOutcome.NOT_RUN)),
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
        zones={
            table: str(metadata["zone"].value)
            for table, metadata in metadata_of.items()
            if "zone" in metadata
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
            check=spec.name,
            outcome=check_outcome(evaluation),
            findings=evaluation.description or "",
            at=datetime.fromtimestamp(entry.timestamp, UTC),
        )


def _is_about(
    metadata: Mapping[str, dg.MetadataValue[Any]], snapshots: set[str], target_name: str
) -> bool:
    """Return True if a check read a loaded snapshot and, if it read any target, this one."""
    texts = {name: str(value.value) for name, value in metadata.items()}
    return texts.get("snapshot") in snapshots and texts.get("target", target_name) == target_name
