"""The definitions of a fleet, a code location of its own."""

import dagster as dg

from bizy_assets.fleet.assets import ASSETS, target_schema
from bizy_assets.fleet.jobs import JOBS
from bizy_assets.fleet.report import fleet_report
from bizy_assets.fleet.resources import FleetSource, FleetTarget
from bizy_assets.fleet.sensor import fleet_files
from bizy_assets.metadata import with_code_references
from bizy_assets.runtime import console
from bizy_assets.schedules import forget_every_week
from bizy_assets.sensors import alert_on_failure

defs = dg.Definitions(
    assets=with_code_references([target_schema, *ASSETS, fleet_report]),
    jobs=JOBS,
    sensors=[fleet_files, alert_on_failure],
    schedules=[forget_every_week],
    resources={"source": FleetSource(), "target": FleetTarget()},
    loggers={"console": console},
    executor=dg.in_process_executor,
)
