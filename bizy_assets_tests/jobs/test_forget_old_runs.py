"""History need not grow for ever, and never forgets what was loaded last."""

import dagster as dg
import pytest

from bizy_assets.jobs import forget_old_runs
from bizy_assets_tests.support.migrations import Migration

NOW = {"ops": {"forget": {"config": {"keep_days": 0}}}}


@pytest.mark.migrated
def test_only_runs_that_hold_the_latest_of_an_asset_survive(migration: Migration) -> None:
    [run] = migration.instance.get_runs()
    first = run.run_id
    second = migration.migrate().result.run_id
    verified = migration.run("verify").result.run_id
    before = migration.query("SELECT count(*) FROM bizy_migration.loads")
    assert migration.run("forget_old_runs").success
    runs = {run.run_id: run.job_name for run in migration.instance.get_runs()}
    assert {first, second, verified} <= runs.keys()

    assert migration.run("forget_old_runs", run_config=NOW).success
    runs = {run.run_id: run.job_name for run in migration.instance.get_runs()}
    assert second in runs
    assert {first, verified}.isdisjoint(runs)
    assert sorted(runs.values()) == ["forget_old_runs", "migrate"]
    # The target's own records are another matter, and the next run works with what is left.
    assert migration.query("SELECT count(*) FROM bizy_migration.loads") == before
    assert migration.run("verify").success
    latest = migration.instance.get_latest_materialization_event(dg.AssetKey("pg_tasks"))
    assert latest is not None
    assert latest.run_id == second


def test_the_latest_run_of_each_partition_survives(instance: dg.DagsterInstance) -> None:
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
    def of_a_file() -> None:
        """Stands for an asset of a fleet."""

    runs = [
        dg.materialize([of_a_file], partition_key=key, instance=instance).run_id for key in "aabb"
    ]
    job = dg.Definitions(jobs=[forget_old_runs]).resolve_job_def("forget_old_runs")
    assert job.execute_in_process(instance=instance, run_config=NOW).success
    assert {run.run_id for run in instance.get_runs()} & set(runs) == {runs[1], runs[3]}
