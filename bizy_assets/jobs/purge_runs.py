"""The job ``forget_old_runs``: run history need not grow for ever."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
from pydantic import Field

from bizy_assets.runtime import CONSOLE

_PAGE = 100
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


class ForgettingConfig(dg.Config):
    """What is old."""

    keep_days: int = Field(
        default=365, ge=0, description="Runs that began within so many days stay."
    )


@dg.op
def forget(context: dg.OpExecutionContext, config: ForgettingConfig) -> None:
    """Deletes old runs that have ended, but none that holds the latest of an asset.

    What was loaded last, from which snapshot and how it was checked, stays known. Snapshots
    whose run is gone are no longer counted by `BIZY_KEEP_BACKUPS`, and stay.
    """
    before = datetime.now(UTC) - timedelta(days=config.keep_days)
    kept = _latest(context.instance)
    gone = [run_id for run_id in _old(context.instance, before) if run_id not in kept]
    for run_id in gone:
        context.instance.delete_run(run_id)
    context.log.info(f"{len(gone):,} runs from before {before:%Y-%m-%d} are forgotten")
    context.add_output_metadata({"runs forgotten": len(gone)})


@dg.job(executor_def=dg.in_process_executor, config=CONSOLE)
def forget_old_runs() -> None:
    """Deletes runs older than a year from Dagster's history, but the latest of every asset."""
    forget()


def _latest(instance: dg.DagsterInstance) -> set[str]:
    """Returns the runs that materialized or observed an asset last."""
    fetches = (instance.fetch_materializations, instance.fetch_observations)
    return {
        record.run_id
        for key in instance.get_asset_keys()
        for fetch in fetches
        for record in fetch(key, limit=1).records
    }


def _old(instance: dg.DagsterInstance, before: datetime) -> Iterator[str]:
    """Yields the runs that had ended and were made before a moment."""
    wanted = dg.RunsFilter(statuses=_ENDED, created_before=before)
    cursor = None
    while page := instance.get_runs(wanted, cursor=cursor, limit=_PAGE):
        yield from (run.run_id for run in page)
        cursor = page[-1].run_id
