"""History need not grow for ever, and never forgets what was loaded last."""

import dagster as dg
import pytest

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
