"""The jobs of a fleet; those of one file run for a partition."""

from typing import Any

import dagster as dg
from pydantic import Field

from bizy_assets import checks
from bizy_assets.core import pipeline
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import bizy_home
from bizy_assets.fleet.assets import ASSETS, FILES, SCOPE, STEPS, VERIFIED
from bizy_assets.fleet.report import fleet_report as report
from bizy_assets.fleet.resources import FleetSource, FleetTarget, partition_of
from bizy_assets.jobs import RollbackConfig, forget_old_runs, report_rollback
from bizy_assets.runtime import CONSOLE, user_errors

_FILE = dg.AssetSelection.assets(*(key for asset in ASSETS for key in asset.keys))

fleet_prepare = dg.define_asset_job(
    "fleet_prepare",
    selection=dg.AssetSelection.assets(SCOPE.upstream),
    description="Creates the target's tables, indexes and keys, once before files are migrated. "
    "Can be repeated.",
    config=CONSOLE,
)

fleet_migrate = dg.define_asset_job(
    "fleet_migrate",
    selection=_FILE,
    description="Migrates and checks the file of a partition as `migrate` does. Can be repeated.",
    config=CONSOLE,
)

fleet_report = dg.define_asset_job(
    "fleet_report",
    selection=dg.AssetSelection.assets(report),
    description="Writes the report of all files.",
    config=CONSOLE,
)


@dg.op
def verify_file(context: dg.OpExecutionContext, source: FleetSource, target: FleetTarget) -> None:
    """Runs the checks of each asset of the file of a partition, and records their results."""
    results = []
    for step in STEPS:
        result = step.verify(context, source, target)
        # Dagster accepts it, although the type of the parameter does not say so.
        context.log_event(
            dg.AssetCheckEvaluation(  # type: ignore[arg-type]
                asset_key=step.key,
                check_name=VERIFIED,
                passed=result.passed,
                severity=result.severity,
                description=result.description,
                metadata=dict(result.metadata or {}),
                partition=context.partition_key,
            )
        )
        results.append(result)
    target.write_results()
    checks.fail_on_errors(results)


@dg.job(config=CONSOLE, partitions_def=FILES)
def fleet_verify() -> None:
    """Runs all checks of one file against its last load, and records only their results."""
    verify_file()


class FleetRollbackConfig(RollbackConfig):
    """Configuration of `roll_back_file`."""

    key: str = Field(
        default="",
        description="Key of the file; if empty, that of the partition. A file that is no longer in "
        "the manifest has no partition, but its rows may be in PostgreSQL.",
    )


@dg.op(name="roll_back_file")
def roll_back_file_op(
    context: dg.OpExecutionContext, config: FleetRollbackConfig, target: FleetTarget
) -> None:
    """Deletes the rows of one file that were not edited since, in one transaction.

    Other files are migrated meanwhile. After the last file, everything that the migration created
    is dropped, while no other run writes.
    """
    with user_errors(context):
        key = config.key or partition_of(context.run)
        if not key:
            raise ConfigurationError(
                "No file is named; start the job for a partition, or configure the file's key."
            )
        settings, home = target.common_settings(), bizy_home()
        wait = settings.lock_wait_seconds
        with target.writing_file(key) as connection:
            result = pipeline.roll_back_source(
                connection,
                home,
                key,
                keep_edited=config.keep_edited,
                lock_wait_seconds=wait,
                trigger_policy=settings.triggers,
            )
            target_name = describe_url(connection.engine.url)
            with connection.begin():
                is_last = pipeline.loaded_source(connection, key) is None
        if is_last:
            with target.writing_alone() as connection:
                removed = pipeline.remove_objects(connection, home, lock_wait_seconds=wait)
            # None if another file was loaded meanwhile.
            result.objects = removed or result.objects
    report_rollback(context, result, target_name, keep_edited=config.keep_edited)


@dg.job(config=CONSOLE, partitions_def=FILES)
def fleet_rollback() -> None:
    """Undoes the migration of one file: deletes its rows that were not edited since."""
    roll_back_file_op()


JOBS: list[Any] = [
    fleet_prepare,
    fleet_migrate,
    fleet_verify,
    fleet_report,
    fleet_rollback,
    forget_old_runs,
]
