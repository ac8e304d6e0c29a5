"""The Celery app of a worker: ``celery --app bizy_assets.fleet.worker worker``.

A run is executed once, even if its message is delivered twice. The broker delivers a message again
when it is restarted, or when a worker has died; then the run is executed if it had not begun.
"""

from typing import Any

import dagster as dg
from billiard.exceptions import WorkerLostError
from celery import Task
from celery.exceptions import Ignore
from celery.signals import task_failure, worker_ready
from dagster_celery.tasks import create_execute_job_task

from bizy_assets.fleet.celery_app import fleet_app
from bizy_assets.runtime import fail_dead_runs, is_gone, name_process, this_process

_CLAIM_SECONDS = 86_400
"""Longer than a message can exist."""


class RunTask(Task):  # type: ignore[misc]
    """A run of Dagster, which one process executes."""

    def before_start(self, task_id: str, _args: object, _kwargs: object) -> None:
        """Claim the run, whose id is the task's, and record this process in it.

        Raises:
            Ignore: Another process has executed the run, or is executing it.
        """
        with dg.DagsterInstance.get() as instance:
            run = instance.get_run_by_id(task_id)
            is_startable = run is not None and run.status is dg.DagsterRunStatus.STARTING
            if not (is_startable and self._claim(task_id)):
                raise Ignore
            name_process(instance, task_id)

    def _claim(self, run_id: str) -> bool:
        """Return True if no other process has claimed the run, except ones that have ended."""
        key = f"bizy-run {run_id}"
        with self.app.connection_or_acquire() as connection:
            redis = connection.default_channel.client
            while not redis.set(key, this_process(), nx=True, ex=_CLAIM_SECONDS):
                holder = (redis.get(key) or b"").decode()
                if not is_gone(holder):
                    return False
                # Only one process can succeed the one that has ended.
                key = f"{key} {holder}"
        return True


@worker_ready.connect  # type: ignore[untyped-decorator]
def on_ready(**_: object) -> None:
    """Mark runs as failed that an earlier worker of this machine left."""
    _fail_dead_runs()


@task_failure.connect  # type: ignore[untyped-decorator]
def on_failure(exception: Any = None, **_: object) -> None:  # noqa: ANN401 - of any type
    """Mark the run as failed whose process has died."""
    if isinstance(exception, WorkerLostError):
        _fail_dead_runs()


def _fail_dead_runs() -> None:
    with dg.DagsterInstance.get() as instance:
        fail_dead_runs(instance)


app = fleet_app()
execute_job = create_execute_job_task(app, base=RunTask)  # type: ignore[arg-type]
