"""The run launcher of a fleet: Celery's, which also checks whether the process of a run is alive.

``dagster.yaml`` names ``FleetRunLauncher``. The broker's URL is not part of Dagster's
configuration, which Dagster stores and shows.
"""

from typing import Any

import dagster as dg
from celery import Celery

# Dagster exports this name nowhere else.
from dagster._core.launcher import LaunchRunContext
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

from bizy_assets.fleet.celery_app import QUEUE, fleet_app, retry_until_reached
from bizy_assets.fleet.claims import is_claimed
from bizy_assets.runtime import ProcessHealth


class FleetRunLauncher(ProcessHealth, CeleryRunLauncher):
    """Dagster's launcher for Celery, with the broker from the environment."""

    def __init__(self, inst_data: Any = None) -> None:  # noqa: ANN401 - Dagster's
        super().__init__(default_queue=QUEUE, inst_data=inst_data)
        self.celery: Celery = fleet_app()

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return the empty configuration schema."""
        return {}

    @property
    def supports_resume_run(self) -> bool:
        """Whether run monitoring may start a run again; a file is migrated again from the start."""
        return False

    def send_again(self) -> None:
        """Send the message of each run again that no worker has received.

        The broker removes a message before it records which worker gets it. If it dies in between,
        the message is lost. A message too many does no harm, because workers claim runs.
        """
        starting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING])
        for run in self._instance.get_runs(starting):
            if not is_claimed(self.celery, run.run_id):
                self.launch_run(LaunchRunContext(run, workspace=None))

    def terminate(self, run_id: str) -> bool:
        """Interrupt a run, or discard its message, and return whether the run exists."""
        run = self._instance.get_run_by_id(run_id)
        if run is not None and run.status is not dg.DagsterRunStatus.CANCELING:
            self._instance.report_run_canceling(run)
        return super().terminate(run_id)

    def get_run_worker_debug_info(
        self,
        run: dg.DagsterRun,  # noqa: ARG002
        include_container_logs: bool | None = True,  # noqa: ARG002
    ) -> str | None:
        """Return nothing, since no result of Celery is stored."""
        return None

    def _launch_celery_task_run(
        self,
        run: dg.DagsterRun,
        task_signature: Any,  # noqa: ANN401 - a signature of Celery
        routing_key: str,
    ) -> None:
        # The worker changes the tags too, and Dagster writes all tags of a run at once: this must
        # be done before the worker gets the message, and once.
        if run.tags.get(DAGSTER_CELERY_TASK_ID_TAG) != run.run_id:
            self._instance.add_run_tags(run.run_id, {DAGSTER_CELERY_TASK_ID_TAG: run.run_id})
        route = {"queue": QUEUE, "routing_key": f"{QUEUE}.{routing_key}"}
        retry_until_reached(lambda: task_signature.apply_async(task_id=run.run_id, **route))
