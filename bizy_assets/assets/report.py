"""The last asset of a migration: a report of what it did and found, for people to keep.

What was loaded stands in the target itself; Dagster's history adds the verdicts of the checks and
how long each load took. Only what is about that which was loaded last is told.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from bizy_assets.assets.tables import TABLE_ASSETS
from bizy_assets.checks import TABLE_CHECKS, snapshot_checks
from bizy_assets.core import hypertext, markdown, telling
from bizy_assets.core.common import write_private
from bizy_assets.core.gathering import loads_of, read
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.report import FAILED, NOT_RUN, OK, WARNED, Evaluation, History, Report
from bizy_assets.core.settings import bizy_home
from bizy_assets.core.state import TableLoad
from bizy_assets.core.summary import lines
from bizy_assets.metadata import GROUP, OWNERS, REPORT, glossary_metadata, table_key
from bizy_assets.resources import BizyTarget
from bizy_assets.runtime import user_errors

_CHECKS = [spec for made in (snapshot_checks, *TABLE_CHECKS) for spec in made.check_specs]


@dg.asset(
    deps=TABLE_ASSETS,
    group_name=GROUP,
    kinds={"html"},
    owners=OWNERS,
    metadata=glossary_metadata(REPORT),
)
def migration_report(
    context: dg.AssetExecutionContext, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """What the migration did and found, on one page: here, and as an HTML file to keep.

    Source and snapshot, every table's rows, every check's verdict, repairs and bad rows with
    their ids, and what to do next. Materialized alone it tells of the last loads and of the last
    evaluation of each check. The file lies in `BIZY_HOME/reports` and only you can read it.
    """
    with user_errors(context):
        with target.checking() as connection:
            loads = loads_of(connection)
            history = _history(context.instance, loads, describe_url(connection.engine.url))
            made = read(
                connection,
                loads,
                history,
                bizy_home(),
                context.run.run_id,
                embedded=target.is_embedded,
            )
        page = telling.page(made)
        with write_private(made.file) as stream:
            stream.write(hypertext.page(f"Migration into {made.where}", page))
    # One event, and not one for each line; the console takes it apart.
    context.log.info("\n".join(lines(made)))
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(markdown.page(page)),
            "file": dg.MetadataValue.path(str(made.file)),
            "target": made.where,
            **_numbers(made),
        }
    )


def _numbers(made: Report) -> dict[str, int | float]:
    """Returns what is worth following from run to run."""
    speed = {}
    if made.seconds:
        speed = {
            "seconds": round(made.seconds, 3),
            "rows per second": round(made.rows / made.seconds),
        }
    return {
        "rows": made.rows,
        **speed,
        "repairs": made.repairs,
        "bad rows": made.bad_rows,
        "drift": made.drift,
        "checks": len(made.history.evaluations),
        "checks warned": len(made.judged(WARNED)),
        "checks failed": len(made.judged(FAILED)),
        "checks not run": len(made.judged(NOT_RUN)),
    }


def _history(instance: dg.DagsterInstance, loads: list[TableLoad], where: str) -> History:
    """Reads what Dagster knows of these loads into this target."""
    told = dict(_materializations(instance, loads))
    return History(
        seconds={
            table: float(str(metadata["seconds"].value))
            for table, metadata in told.items()
            if "seconds" in metadata
        },
        zones={
            table: str(metadata["zone"].value)
            for table, metadata in told.items()
            if "zone" in metadata
        },
        evaluations=list(_evaluations(instance, loads, where)),
    )


def _materializations(
    instance: dg.DagsterInstance, loads: list[TableLoad]
) -> Iterator[tuple[str, Mapping[str, dg.MetadataValue[Any]]]]:
    """Yields the metadata of each load's own materialization, where that is the latest."""
    keys = {table_key(load.table): load for load in loads}
    for key, entry in instance.get_latest_materialization_events(keys).items():
        made = entry.asset_materialization if entry else None
        if entry is not None and made is not None and entry.run_id == keys[key].run.run_id:
            yield keys[key].table, made.metadata


def _evaluations(
    instance: dg.DagsterInstance, loads: list[TableLoad], where: str
) -> Iterator[Evaluation]:
    """Yields what each check found of these loads, the last time that it ran."""
    # One question for all; the instance's own method asks for one at a time.
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
            or not _is_about(event.asset_check_evaluation_data.metadata, snapshots, where)
        ):
            yield Evaluation(asset=asset, check=spec.name, word=NOT_RUN)
            continue
        found = event.asset_check_evaluation_data
        yield Evaluation(
            asset=asset,
            check=spec.name,
            word=_word(found),
            text=found.description or "",
            at=datetime.fromtimestamp(entry.timestamp, UTC),
        )


def _is_about(
    metadata: Mapping[str, dg.MetadataValue[Any]], snapshots: set[str], where: str
) -> bool:
    """Tells whether a check looked at a snapshot that was loaded, and at this target if at any."""
    value = {name: str(shown.value) for name, shown in metadata.items()}
    return value.get("snapshot") in snapshots and value.get("target", where) == where


def _word(found: dg.AssetCheckEvaluation) -> str:
    if found.passed:
        return OK
    return WARNED if found.severity is dg.AssetCheckSeverity.WARN else FAILED
