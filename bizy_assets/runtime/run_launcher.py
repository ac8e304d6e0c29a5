"""A run launcher that detects runs whose process has died.

Dagster's own launcher detects this only while the code server that started the run is alive. After
a crash of Dagster, a restart of the machine or the end of a terminal session, a dead run would
count as running forever and block the queue. Therefore each run names its process in a tag, which
``ProcessAwareRunLauncher`` checks; ``dagster.yaml`` names that class.
"""

import socket
from contextlib import suppress

import dagster as dg
import psutil

# Dagster exports these names nowhere else, and a launcher can report a dead run only with them.
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

_TAG = ".dagster/bizy_worker"
"""Dagster's UI hides tags with this prefix."""

_OLD_TAGS = ("bizy/worker", "bizy/process")
"""The tags of runs that earlier releases started."""

_DEAD = "its process has ended"

_CLOCK_TOLERANCE = 60
"""Tolerance for start times in seconds, which are based on a clock that may be set."""


def name_process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Record in a tag of a run that it is executed by this process, unless it has the tag."""
    name = f"{run.run_id} {this_process()}"
    if run.tags.get(_TAG) != name:
        instance.add_run_tags(run.run_id, {_TAG: name})


def fail_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs as failed whose process on this machine has ended."""
    statuses = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    for run in instance.get_runs(dg.RunsFilter(statuses=statuses)):
        if _is_dead(run):
            instance.report_run_failed(run, f"The run failed because {_DEAD}.")


class ProcessHealth:
    """The part of a run launcher with which run monitoring detects dead processes."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring may check runs."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Report a run as failed if its process has certainly ended."""
        if _is_dead(run):
            return CheckRunHealthResult(WorkerStatus.FAILED, _DEAD)
        return CheckRunHealthResult(WorkerStatus.RUNNING)


class ProcessAwareRunLauncher(ProcessHealth, dg.DefaultRunLauncher):
    """Dagster's default launcher, which also checks whether the process of a run is alive."""


def _is_dead(run: dg.DagsterRun) -> bool:
    # A re-execution inherits the tags of the first run.
    names = filter(None, map(run.tags.get, (_TAG, *_OLD_TAGS)))
    run_id, _, name = next(names, "").partition(" ")
    return run_id == run.run_id and is_gone(name)


def this_process() -> str:
    """Return the name of this process."""
    return process_name(psutil.Process())


def process_name(process: psutil.Process) -> str:
    """Return the name of a process: host name, process id and start time."""
    return f"{socket.gethostname()} {process.pid} {process.create_time():.0f}"


def named_process(name: str) -> psutil.Process | None:
    """Return the process with this name, if it runs on this machine."""
    with suppress(ValueError, psutil.NoSuchProcess):
        host, process_id, started = name.split(" ")
        if host == socket.gethostname() and _is_running(int(process_id), float(started)):
            return psutil.Process(int(process_id))
    return None


def is_gone(name: str) -> bool:
    """Return True if the named process has certainly ended.

    Nothing is certain about a process of another machine, or about an invalid name.
    """
    with suppress(ValueError):
        host, process_id, started = name.split(" ")
        return host == socket.gethostname() and not _is_running(int(process_id), float(started))
    return False


def _is_running(process_id: int, started: float) -> bool:
    """Return True if a process has this id and start time, so that the id was not reused."""
    try:
        process = psutil.Process(process_id)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return not ended and abs(process.create_time() - started) < _CLOCK_TOLERANCE
    except psutil.NoSuchProcess:
        return False
