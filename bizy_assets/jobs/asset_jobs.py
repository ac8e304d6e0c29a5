"""The jobs. Each works from the UI and as ``dagster job execute -m bizy_assets.definitions``."""

from typing import Any

import dagster as dg

from bizy_assets.assets import ASSETS, migration_plan, migration_report
from bizy_assets.jobs.purge_runs import forget_old_runs
from bizy_assets.jobs.rollback import rollback
from bizy_assets.jobs.server import new_password, prepare
from bizy_assets.resources import WRITES
from bizy_assets.runtime import CONSOLE

migrate = dg.define_asset_job(
    "migrate",
    tags=WRITES,
    selection=dg.AssetSelection.assets(*ASSETS, migration_report),
    description="Everything: snapshot, owner, every table, all checks, and a report. Can be run "
    "again.",
    config=CONSOLE,
    executor_def=dg.in_process_executor,
)

verify = dg.define_asset_job(
    "verify",
    selection=dg.AssetSelection.all_asset_checks(),
    description="The checks alone, against what was loaded last. Writes nothing.",
    config=CONSOLE,
    executor_def=dg.in_process_executor,
)

dry_run = dg.define_asset_job(
    "dry_run",
    selection=dg.AssetSelection.assets(migration_plan),
    description="What migrate would do now: done for real, and undone. Fails where it would fail.",
    config=CONSOLE,
    executor_def=dg.in_process_executor,
)


@dg.job(config=CONSOLE, executor_def=dg.in_process_executor)
def provision() -> None:
    """Makes role, database and rights on a server of yours, and tries them. Can be run again."""
    prepare()


@dg.job(config=CONSOLE, executor_def=dg.in_process_executor)
def reset_admin_password() -> None:
    """A new random password for the migration's user, in its file; the old one is void."""
    new_password()


# Dagster exports no common type for jobs of assets and jobs of ops.
JOBS: list[Any] = [
    migrate,
    verify,
    dry_run,
    rollback,
    provision,
    reset_admin_password,
    forget_old_runs,
]
