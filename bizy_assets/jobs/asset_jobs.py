"""The jobs of assets and checks, the jobs of a server, and the list of all jobs."""

from typing import Any

import dagster as dg

from bizy_assets.assets import ASSETS, bizy_file, migration_plan, migration_report
from bizy_assets.jobs.launchpad import SOURCE_OPTIONS, launchpad
from bizy_assets.jobs.purge_runs import forget_old_runs
from bizy_assets.jobs.rollback import rollback
from bizy_assets.jobs.server import new_password, prepare
from bizy_assets.resources import WRITES
from bizy_assets.runtime import CONSOLE

migrate = dg.define_asset_job(
    "migrate",
    tags=WRITES,
    selection=dg.AssetSelection.assets(bizy_file, *ASSETS, migration_report),
    description="Takes a snapshot of the Bizy file, loads every table, runs all checks and writes "
    "a report. Can be repeated.",
    config=launchpad(SOURCE_OPTIONS),
)

verify = dg.define_asset_job(
    "verify",
    selection=dg.AssetSelection.all_asset_checks(),
    description="Runs all checks against the last load. Writes nothing.",
    config=launchpad(("path",)),
)

dry_run = dg.define_asset_job(
    "dry_run",
    selection=dg.AssetSelection.assets(migration_plan),
    description="Runs the migration in a transaction and rolls it back. Fails where the job "
    "migrate would fail.",
    config=launchpad(SOURCE_OPTIONS),
)


@dg.job(config=launchpad(prepare={"change_password": False}))
def provision() -> None:
    """Creates the role, database and privileges on your server and tests them. Can be repeated."""
    prepare()


@dg.job(config=CONSOLE)
def reset_admin_password() -> None:
    """Generates a new password for the owner account; the old one stops working."""
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
