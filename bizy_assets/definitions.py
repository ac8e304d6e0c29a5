"""The whole graph on one screen; nothing but wiring."""

import dagster as dg

from bizy_assets.assets import ASSETS
from bizy_assets.checks import CHECKS
from bizy_assets.console import console
from bizy_assets.jobs import JOBS
from bizy_assets.planning import migration_plan
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.source_checks import source_checks

defs = dg.Definitions(
    assets=dg.with_source_code_references([*ASSETS, migration_plan]),
    asset_checks=[source_checks, *CHECKS],
    jobs=JOBS,
    resources={"source": BizySource(), "target": BizyTarget()},
    loggers={"console": console},
    executor=dg.in_process_executor,
)
