"""The Celery app of a worker: ``celery --app bizy_assets.fleet.worker worker``.

A run is executed once, even if its message is delivered twice. The broker delivers a message again
when it is restarted, or when a worker has died; then the run is executed if it had not begun. A
message that the broker lost when it died is sent again once a worker has reached the broker.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from billiard.exceptions import WorkerLostError
from celery import Task, bootsteps
from celery.exceptions import Ignore
from celery.signals import task_failure, worker_ready
from celery.worker.consumer.tasks import Tasks
from dagster_celery import tasks
from sqlalchemy.exc import DBAPIError

from bizy_assets.fleet.celery_app import UNREACHABLE, fleet_app
from bizy_assets.fleet.claims import claim
from bizy_assets.fleet.launcher import FleetRunLauncher
from bizy_assets.runtime import HistoryError, collect_events, fail_dead_runs, name_process

_PAUSE_SECONDS = 15


class RunTask(Task):  # type: ignore[misc]
    """A run of Dagster, which one process executes."""

    def before_start(self, task_id: str, _args: object, _kwargs: object) -> None:
        """Claim the run, whose id is the task's, and record this process in it.

        Raises:
            Ignore: Another process has executed the run, or is executing it.
            Retry: Dagster's history cannot be reached.
        """
        try:
            instance = _instance()
            run = instance.get_run_by_id(task_id)
            if run is None or run.status is not dg.DagsterRunStatus.STARTING:
                raise Ignore
            if not claim(self.app, task_id):
                raise Ignore
            name_process(instance, run)
        except (HistoryError, DBAPIError) as error:
            raise self.retry(exc=error, countdown=_PAUSE_SECONDS, max_retries=None) from None


class SendAgain(bootsteps.StartStopStep):  # type: ignore[misc]
    """Sends lost messages again, each time that the worker has connected to the broker."""

    requires = (Tasks,)

    def start(self, consumer: Any) -> None:  # noqa: ANN401 - Celery's
        """Send them now, or later if Dagster's history or the broker cannot be reached."""
        try:
            with dg.DagsterInstance.get() as instance:
                if isinstance(instance.run_launcher, FleetRunLauncher):
                    instance.run_launcher.send_again()
        except (HistoryError, DBAPIError, *UNREACHABLE):
            consumer.timer.call_after(_PAUSE_SECONDS, self.start, (consumer,))


@worker_ready.connect  # type: ignore[untyped-decorator]
def on_ready(**_: object) -> None:
    """Mark runs as failed that an earlier worker of this machine left."""
    _fail_dead_runs()


@task_failure.connect  # type: ignore[untyped-decorator]
def on_failure(exception: Any = None, **_: object) -> None:  # noqa: ANN401 - of any type
    """Mark the run as failed whose process has died."""
    if isinstance(exception, WorkerLostError):
        _fail_dead_runs()


@functools.cache
def _instance() -> dg.DagsterInstance:
    """Return the instance that this process keeps open for all its runs."""
    instance = dg.DagsterInstance.get()
    collect_events(instance)
    return instance


def _fail_dead_runs() -> None:
    with dg.DagsterInstance.get() as instance:
        fail_dead_runs(instance)


class _KeptOpen:
    """Provides the instance that this process keeps open, in place of a new one for each run."""

    @staticmethod
    @contextmanager
    def get() -> Iterator[dg.DagsterInstance]:
        yield _instance()


tasks.DagsterInstance = _KeptOpen  # type: ignore[assignment,attr-defined]

app = fleet_app()
app.steps["consumer"].add(SendAgain)
execute_job = tasks.create_execute_job_task(app, base=RunTask)  # type: ignore[arg-type]
