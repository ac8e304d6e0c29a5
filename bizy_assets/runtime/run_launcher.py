"""A run launcher that detects runs whose process has died.

Dagster's own launcher detects this only while the code server that started the run is alive. After
a crash of Dagster, a restart of the machine or the end of a terminal session, a dead run would
count as running forever and block the queue. Therefore each run names its process in a tag, which
``ProcessAwareRunLauncher`` checks; ``dagster.yaml`` names that class.
"""

import dagster as dg

# Dagster exports these names nowhere else, and a launcher can report a dead run only with them.
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

from bizy_assets.runtime.processes import is_gone, this_process

_TAG = "bizy/process"


def name_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Record in a tag of a run that it is executed by this process."""
    instance.add_run_tags(run_id, {_TAG: f"{run_id} {this_process()}"})


class ProcessAwareRunLauncher(dg.DefaultRunLauncher):
    """Dagster's default launcher, which also checks whether the process of a run is alive."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring may check runs."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Report a run as failed if its process has certainly ended."""
        # A re-execution inherits the tags of the first run.
        run_id, _, name = run.tags.get(_TAG, "").partition(" ")
        if run_id == run.run_id and is_gone(name):
            return CheckRunHealthResult(WorkerStatus.FAILED, "its process has ended")
        return CheckRunHealthResult(WorkerStatus.RUNNING)
