"""The job ``forget_old_runs``, which limits the size of Dagster's run history."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
from pydantic import Field

from bizy_assets.core.common import quantity
from bizy_assets.jobs.launchpad import launchpad
from bizy_assets.runtime import log_lines

_PAGE_SIZE = 100
KEEP_DAYS = 365
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


class PurgeConfig(dg.Config):
    """Configuration of `forget`."""

    keep_days: int = Field(
        default=KEEP_DAYS, ge=0, description="Age in days up to which runs are kept."
    )


@dg.op
def forget(context: dg.OpExecutionContext, config: PurgeConfig) -> None:
    """Deletes old runs that have ended, except those with the latest event of an asset.

    The last load of each table, its snapshot and its checks stay in the history. Snapshots of
    deleted runs are kept and no longer count towards BIZY_KEEP_BACKUPS.
    """
    before = datetime.now(UTC) - timedelta(days=config.keep_days)
    latest = _latest_runs(context.instance)
    old = [run_id for run_id in _old_runs(context.instance, before) if run_id not in latest]
    for run_id in old:
        context.instance.delete_run(run_id)
    log_lines(context, f"{quantity(len(old), 'run')} from before {before:%Y-%m-%d} deleted")
    context.add_output_metadata({"deleted_runs": len(old)})


@dg.job(config=launchpad(forget={"keep_days": KEEP_DAYS}))
def forget_old_runs() -> None:
    """Deletes runs older than a year, except those with the latest event of an asset."""
    forget()


def _latest_runs(instance: dg.DagsterInstance) -> set[str]:
    fetches = (instance.fetch_materializations, instance.fetch_observations)
    keys = instance.get_asset_keys()
    latest = {
        record.run_id for key in keys for fetch in fetches for record in fetch(key, limit=1).records
    }
    return latest.union(*(_latest_runs_of_partitions(instance, key) for key in keys))


def _latest_runs_of_partitions(instance: dg.DagsterInstance, key: dg.AssetKey) -> set[str]:
    """Return the runs with the latest materialization of each partition of an asset."""
    storage = instance.event_log_storage
    event_type = dg.DagsterEventType.ASSET_MATERIALIZATION
    ids = list(storage.get_latest_storage_id_by_partition(key, event_type).values())
    pages = (ids[start : start + _PAGE_SIZE] for start in range(0, len(ids), _PAGE_SIZE))
    return {
        record.run_id
        for page in pages
        for record in instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=key, storage_ids=page), limit=_PAGE_SIZE
        ).records
    }


def _old_runs(instance: dg.DagsterInstance, before: datetime) -> Iterator[str]:
    filters = dg.RunsFilter(statuses=_ENDED, created_before=before)
    cursor = None
    while page := instance.get_runs(filters, cursor=cursor, limit=_PAGE_SIZE):
        yield from (run.run_id for run in page)
        cursor = page[-1].run_id
