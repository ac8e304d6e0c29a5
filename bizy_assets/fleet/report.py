"""The asset ``fleet/report``: the report of all files.

The target records loads and checks. Dagster's history adds why the last run of a file failed,
since a file that cannot be read fails before anything is written to the target.
"""

from collections.abc import Iterator

import dagster as dg

from bizy_assets.core.common import files
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.fleet import read_manifest
from bizy_assets.core.report import collect_fleet, fleet_headline, render
from bizy_assets.core.settings import bizy_home
from bizy_assets.fleet.assets import RECORDED_CHECKS, SCOPE
from bizy_assets.fleet.resources import PARTITION, FleetTarget, partition_of
from bizy_assets.metadata import asset_options, glossary
from bizy_assets.runtime import log_lines, user_errors

_PAGE_SIZE = 500


@dg.asset(
    key=SCOPE.key("report"),
    deps=[SCOPE.table(table) for table in BY_TABLE],
    kinds={"html"},
    **asset_options(glossary.FLEET_REPORT),
)
def fleet_report(
    context: dg.AssetExecutionContext, target: FleetTarget
) -> dg.MaterializeResult[None]:
    """The report of all files of the manifest on one page: each with its verdict, the worst first.

    Also a file in `BIZY_HOME/fleet/reports`, readable only by you. Materialize it after the files
    were migrated or verified.
    """
    with user_errors(context):
        entries = read_manifest().entries
        errors = dict(_errors(context.instance))
        with target.checking() as connection:
            report = collect_fleet(
                connection, entries.values(), checks=RECORDED_CHECKS, errors=errors
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


def _errors(instance: dg.DagsterInstance) -> Iterator[tuple[str, str]]:
    """Yield the key of each file whose last run failed, and the reason."""
    seen = set()
    for run in _failed_runs(instance):
        key = partition_of(run)
        if key is None or key in seen:
            continue
        seen.add(key)
        of_key = dg.RunsFilter(tags={PARTITION: key})
        if [last.run_id for last in instance.get_runs(of_key, limit=1)] == [run.run_id]:
            yield key, _reason(instance, run.run_id)


def _failed_runs(instance: dg.DagsterInstance) -> Iterator[dg.DagsterRun]:
    """Yield the runs that failed, newest first."""
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE])
    cursor = None
    while page := instance.get_runs(failed, cursor=cursor, limit=_PAGE_SIZE):
        yield from page
        cursor = page[-1].run_id


def _reason(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return the descriptions of the failed steps of a run."""
    failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    reasons = [
        event.step_failure_data.user_failure_data.description
        for event in (entry.dagster_event for entry in failures)
        if event is not None and event.step_failure_data.user_failure_data is not None
    ]
    return " ".join(filter(None, reasons)) or "The run failed; its events in Dagster say why."
