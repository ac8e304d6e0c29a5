"""The whole graph on one screen; nothing but wiring."""

import dagster as dg

from bizy_assets.assets import ASSETS
from bizy_assets.checks import CHECKS
from bizy_assets.console import console
from bizy_assets.describing import placed
from bizy_assets.forgetting import forget_every_week
from bizy_assets.jobs import JOBS
from bizy_assets.planning import migration_plan
from bizy_assets.reporting import migration_report
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.source_checks import source_checks
from bizy_assets.watching import bizy_file, migrate_when_bizy_changed, verify_every_night

defs = dg.Definitions(
    assets=placed([bizy_file, *ASSETS, migration_report, migration_plan]),
    asset_checks=[source_checks, *CHECKS],
    jobs=JOBS,
    sensors=[migrate_when_bizy_changed],
    schedules=[verify_every_night, forget_every_week],
    resources={"source": BizySource(), "target": BizyTarget()},
    loggers={"console": console},
    executor=dg.in_process_executor,
)
