"""The asset ``fleet/report``: the report of all files.

The target records loads and checks. Dagster's history adds why the last run of a file failed,
since a file that cannot be read fails before anything is written to the target.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from bizy_assets.core.common import CheckOutcome, files
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.fleet import read_manifest
from bizy_assets.core.report import FailedRun, collect_fleet, fleet_headline, render
from bizy_assets.core.settings import bizy_home
from bizy_assets.fleet.assets import RECORDED_CHECKS, SCOPE
from bizy_assets.fleet.resources import FleetTarget, partition_of
from bizy_assets.metadata import PARTITION, asset_options, glossary
from bizy_assets.runtime import FAILED_CHECKS, check_outcome, log_lines, user_errors

_PAGE_SIZE = 500


@dg.asset(
    key=SCOPE.key("report"),
    deps=[SCOPE.table(table) for table in BY_TABLE],
    kinds={"html"},
    **asset_options(glossary.REPORTING, glossary.FLEET_REPORT),
)
def fleet_report(
    context: dg.AssetExecutionContext, target: FleetTarget
) -> dg.MaterializeResult[None]:
    """The report of all files of the manifest on one page: each with its verdict, the worst first.

    Also a file in `BIZY_HOME/fleet/reports`, readable only by you. Materialize it after the files
    were migrated or verified.
    """
    with user_errors(context):
        # A file that is missing by now is one to report.
        entries = read_manifest(require_files=False).entries
        failures = dict(_failures(context.instance))
        with target.checking() as connection:
            report = collect_fleet(
                connection, entries.values(), checks=RECORDED_CHECKS, failures=failures
            )
        folder = bizy_home() / "fleet" / "reports"
        file = folder / f"fleet_{report.collected_at:%Y%m%d_%H%M%S}.html"
        with files.write_private(file) as stream:
            stream.write(render(report, "html").encode())
    log_lines(context, fleet_headline(report), f"report: {file}")
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(render(report, "md")),
            "file": dg.MetadataValue.path(str(file)),
            "target": report.target,
            **{f"files {verdict}": len(each) for verdict, each in report.by_verdict.items()},
        }
    )


def _failures(instance: dg.DagsterInstance) -> Iterator[tuple[str, FailedRun]]:
    """Yield the key of each file whose last run failed, and this run."""
    seen = set()
    for record in _failed_runs(instance):
        run = record.dagster_run
        key = partition_of(run)
        if key is None or key in seen:
            continue
        seen.add(key)
        of_key = dg.RunsFilter(tags={PARTITION: key})
        if [last.run_id for last in instance.get_runs(of_key, limit=1)] == [run.run_id]:
            yield (
                key,
                FailedRun(
                    error=_reason(instance, run.run_id),
                    run_id=run.run_id,
                    started_at=_instant(record.start_time),
                    ended_at=_instant(record.end_time),
                ),
            )


def _instant(seconds: float | None) -> datetime | None:
    """Return the instant of a time in Dagster's history; a run may have failed unstarted."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _failed_runs(instance: dg.DagsterInstance) -> Iterator[dg.RunRecord]:
    """Yield the runs that failed, newest first."""
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
    cursor = None
    while page := instance.get_run_records(failed, cursor=cursor, limit=_PAGE_SIZE):
        yield from page
        cursor = page[-1].dagster_run.run_id


def _reason(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return the descriptions of the failed steps and checks of a run, or else why it ended."""
    kinds = dg.DagsterEventType
    of_type = {kinds.STEP_FAILURE, kinds.ASSET_CHECK_EVALUATION, kinds.RUN_FAILURE}
    events = [entry.dagster_event for entry in instance.all_logs(run_id, of_type=of_type)]
    reasons = [_description(event) for event in events if event]
    ended = [event.message for event in events if event and event.is_run_failure]
    return " ".join(filter(None, reasons)) or " ".join(filter(None, ended))


def _description(event: dg.DagsterEvent) -> str | None:
    """Return the description of a failed check, or of a step that failed for another reason."""
    if event.is_step_failure:
        failure = event.step_failure_data.user_failure_data
        return failure.description if failure and FAILED_CHECKS not in failure.metadata else None
    if event.event_type is not dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return None
    check = event.asset_check_evaluation_data
    return check.description if check_outcome(check) is CheckOutcome.FAILED else None
