"""The graph of a fleet as a user sees it, and that it is apart from that of a single file."""

import subprocess
import sys

import dagster as dg

from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.definitions import defs as single
from bizy_assets.fleet.assets import FILES, RECORDED_CHECKS, VERIFIED
from bizy_assets.fleet.definitions import defs

OF_ALL = {"fleet/target_schema", "fleet/report"}
DEPENDENCIES = {
    "fleet/target_schema": set(),
    "fleet/sqlite_backup": {"fleet/target_schema"},
    "fleet/admin_user": {"fleet/sqlite_backup"},
    "fleet/pg_goals": {"fleet/admin_user"},
    "fleet/pg_tasks": {"fleet/pg_goals"},
    "fleet/report": {f"fleet/pg_{contract.table}" for contract in CONTRACTS},
    "fleet/pg_daily_logs": {"fleet/admin_user"},
    "fleet/pg_research": {"fleet/admin_user"},
    "fleet/pg_metrics": {"fleet/admin_user"},
    "fleet/pg_business_plans": {"fleet/admin_user"},
}
OF_ONE_FILE = DEPENDENCIES.keys() - OF_ALL


def test_the_graph_has_exactly_these_assets_and_dependencies() -> None:
    graph = defs.resolve_asset_graph()
    found = {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }
    assert found == DEPENDENCIES


def test_what_belongs_to_one_file_is_partitioned_and_runs_one_partition_at_a_time() -> None:
    graph = defs.resolve_asset_graph()
    assets = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
    assert {name for name, asset in assets.items() if asset.partitions_def == FILES} == OF_ONE_FILE
    assert all(assets[name].partitions_def is None for name in OF_ALL)
    assert all(asset.backfill_policy is None for asset in assets.values())


def test_every_asset_with_data_has_one_partitioned_check_which_blocks() -> None:
    graph = defs.resolve_asset_graph()
    found = {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}
    assert found == {(name, VERIFIED) for name in OF_ONE_FILE - {"fleet/admin_user"}}
    checks = [graph.get(key) for key in graph.asset_check_keys]
    assert all(check.blocking and check.partitions_def == FILES for check in checks)


def test_a_file_has_all_checks_of_a_single_file() -> None:
    names = {key.name for key in single.resolve_asset_graph().asset_check_keys}
    graph = defs.resolve_asset_graph()
    described = " ".join(graph.get(key).description or "" for key in graph.asset_check_keys)
    assert {name for name in names if name not in described} == set()
    assert len(single.resolve_asset_graph().asset_check_keys) == RECORDED_CHECKS


def test_the_jobs_are_described_and_run_in_one_process() -> None:
    jobs = {job.name: defs.resolve_job_def(job.name) for job in defs.jobs or []}
    assert set(jobs) == {
        "fleet_prepare",
        "fleet_migrate",
        "fleet_verify",
        "fleet_report",
        "fleet_rollback",
        "forget_old_runs",
    }
    for job in jobs.values():
        assert job.executor_def is dg.in_process_executor
        assert job.description
    of_one = {name for name, job in jobs.items() if job.partitions_def == FILES}
    assert of_one == {"fleet_migrate", "fleet_verify", "fleet_rollback"}


def test_everything_a_user_sees_is_described() -> None:
    graph = defs.resolve_asset_graph()
    groups = {"sqlite_backup": "source", "report": "report"}
    for key in graph.get_all_asset_keys():
        assert graph.get(key).description, key
        assert graph.get(key).group_name == groups.get(key.path[-1], "target")
    for automation in (*(defs.sensors or []), *(defs.schedules or [])):
        assert automation.description, automation.name
        assert automation.default_status.value == "STOPPED"
    for resource in (defs.resources or {}).values():
        assert all(field.description for field in type(resource).model_fields.values())


def test_a_failed_run_is_reported_as_that_of_a_single_file() -> None:
    assert {sensor.name for sensor in defs.sensors or []} == {"fleet_files", "alert_on_failure"}


def test_a_setting_of_the_manifest_is_no_setting_of_a_resource() -> None:
    fields = {name: set(type(r).model_fields) for name, r in (defs.resources or {}).items()}
    assert fields == {
        "source": {"backup_dir", "keep_backups", "ignore_columns"},
        "target": {"lock_wait_seconds", "triggers", "strict"},
    }


def test_neither_definitions_import_celery() -> None:
    code = (
        "import sys, bizy_assets.cli, bizy_assets.definitions, bizy_assets.fleet.definitions; "
        "sys.exit(any(name.partition('.')[0] in {'celery', 'dagster_celery'} "
        "for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
