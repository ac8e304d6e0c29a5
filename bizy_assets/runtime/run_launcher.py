"""How Dagster finds out that a run is dead, whoever started it and whatever died with it.

Dagster's own launcher knows of a dead run only while the code server that started it lives. After
a crash of all of Dagster, a restart of the machine, or the end of a terminal, a run would count
as going on for ever, and keep those that write after it in the queue. So a run tells in a tag
which process it is, and the class below, which ``dagster.yaml`` names, looks for that.
"""

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

from bizy_assets.runtime.processes import is_gone, this_process

_TAG = "bizy/process"


def name_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Writes down that a run is this process."""
    instance.add_run_tags(run_id, {_TAG: f"{run_id} {this_process()}"})


class ProcessAwareRunLauncher(dg.DefaultRunLauncher):
    """Dagster's own launcher, which also looks whether the process of a run is there."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Lets Dagster's monitoring ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Says that a run has failed where its process has certainly ended."""
        # A run that is executed again inherits the tags of the first.
        run_id, _, name = run.tags.get(_TAG, "").partition(" ")
        if run_id == run.run_id and is_gone(name):
            return CheckRunHealthResult(WorkerStatus.FAILED, "its process is gone")
        return CheckRunHealthResult(WorkerStatus.RUNNING)
