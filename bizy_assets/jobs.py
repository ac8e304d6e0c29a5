"""The jobs. Each works from the UI and as ``dagster job execute -m bizy_assets.definitions``."""

from typing import Any

import dagster as dg

from bizy_assets.assets import ASSETS

CONSOLE: dict[str, Any] = {"loggers": {"console": {"config": {}}}}
"""Dagster uses a job's logger only where the job's configuration names it."""

migrate = dg.define_asset_job(
    "migrate",
    selection=dg.AssetSelection.assets(*ASSETS),
    description="Everything: snapshot, owner, every table, and all checks. Can be run again.",
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

JOBS = [migrate, verify]
