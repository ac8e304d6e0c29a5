"""The jobs. Each works from the UI and as ``dagster job execute -m bizy_assets.definitions``."""

from typing import Any

import dagster as dg

from bizy_assets import servicing
from bizy_assets.assets import ASSETS
from bizy_assets.console import CONSOLE
from bizy_assets.forgetting import forget_old_runs
from bizy_assets.planning import migration_plan
from bizy_assets.reporting import migration_report
from bizy_assets.resources import WRITES
from bizy_assets.reverting import rollback

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
    servicing.prepare()


@dg.job(config=CONSOLE, executor_def=dg.in_process_executor)
def reset_admin_password() -> None:
    """A new random password for the migration's user, in its file; the old one is void."""
    servicing.new_password()


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
