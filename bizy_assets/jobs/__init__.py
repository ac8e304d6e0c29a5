"""The jobs, which run from the UI and with ``dagster job execute -m bizy_assets.definitions``."""

from bizy_assets.jobs.asset_jobs import JOBS, migrate, verify
from bizy_assets.jobs.purge_runs import forget_old_runs

__all__ = ["JOBS", "forget_old_runs", "migrate", "verify"]
