"""The definitions that Dagster loads: assets, checks, jobs, automations and resources."""

import dagster as dg

from bizy_assets.assets import ASSETS, bizy_file, migration_plan, migration_report
from bizy_assets.checks import TABLE_CHECKS, snapshot_checks
from bizy_assets.jobs import JOBS
from bizy_assets.metadata import with_code_references
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import console
from bizy_assets.schedules import forget_every_week, verify_every_night
from bizy_assets.sensors import alert_on_failure, migrate_when_bizy_changed

defs = dg.Definitions(
    assets=with_code_references([bizy_file, *ASSETS, migration_report, migration_plan]),
    asset_checks=[snapshot_checks, *TABLE_CHECKS],
    jobs=JOBS,
    sensors=[migrate_when_bizy_changed, alert_on_failure],
    schedules=[verify_every_night, forget_every_week],
    resources={"source": BizySource(), "target": BizyTarget()},
    loggers={"console": console},
    executor=dg.in_process_executor,
)
