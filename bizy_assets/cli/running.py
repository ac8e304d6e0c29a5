"""Run a job in this process, as a run of the code location that the UI shows.

Dagster's public ``execute_job`` creates runs without a code location. The UI's timeline and the
pages of jobs leave them out, so the run is created here as ``dagster job launch`` creates it.
"""

import sys
import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

# Dagster exports neither what describes a code location nor what executes an existing run.
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from bizy_assets import definitions

MODULE = definitions.__name__
"""The module with the definitions, which is also the name of the code location."""

REPOSITORY = "__repository__"
"""The name that Dagster gives to definitions."""


def run_job(
    name: str, config: Mapping[str, Any], *, instance: dg.DagsterInstance
) -> dg.JobExecutionResult:
    """Run a job to its end; its console logger reports the outcome.

    Args:
        name: The job.
        config: Run configuration, added to what the job has by default.
        instance: Where the run is recorded.
    """
    # Beta and deprecation warnings are about the code, which users cannot change.
    warnings.filterwarnings("ignore", module="dagster")
    repository = ReconstructableRepository.for_module(MODULE, "defs")
    job = repository.get_reconstructable_job(name)
    definition = job.get_definition()
    location = ManagedGrpcPythonEnvCodeLocationOrigin(
        LoadableTargetOrigin(executable_path=sys.executable, module_name=MODULE)
    )
    run = instance.create_run_for_job(
        job_def=definition,
        run_config=_merged(definition.run_config or {}, config),
        job_code_origin=job.get_python_origin(),
        remote_job_origin=RemoteRepositoryOrigin(location, REPOSITORY).get_job_origin(name),
    )
    return execute_run(job, run, instance)


def _merged(default: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with the values of both; those of the second take precedence."""
    merged = dict(default)
    for key, value in config.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
