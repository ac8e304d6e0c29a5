"""The jobs, which run from the UI and with ``dagster job execute -m bizy_assets.definitions``."""

from bizy_assets.jobs.asset_jobs import JOBS, migrate
from bizy_assets.jobs.purge_runs import forget_old_runs
from bizy_assets.jobs.rollback import RollbackConfig, report_rollback
from bizy_assets.jobs.verify import verify

__all__ = [
    "JOBS",
    "RollbackConfig",
    "forget_old_runs",
    "migrate",
    "report_rollback",
    "verify",
]
