"""The jobs. Each works from the UI and as ``dagster job execute -m bizy_assets.definitions``."""

from typing import Any

import dagster as dg

from bizy_assets.assets import ASSETS
from bizy_assets.console import CONSOLE
from bizy_assets.planning import migration_plan
from bizy_assets.reverting import rollback

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

dry_run = dg.define_asset_job(
    "dry_run",
    selection=dg.AssetSelection.assets(migration_plan),
    description="What migrate would do now: done for real, and undone. Fails where it would fail.",
    config=CONSOLE,
    executor_def=dg.in_process_executor,
)

JOBS: list[Any] = [migrate, verify, dry_run, rollback]
