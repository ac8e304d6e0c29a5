"""The graph as a user sees it, pinned."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

import bizy_assets
from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.core.reconcile.acceptance import BACKEND_ACCEPTS
from bizy_assets.core.reconcile.cell_diff import CONTENT
from bizy_assets.core.reconcile.checks import AUDITS
from bizy_assets.definitions import defs
from bizy_assets.jobs.purge_runs import PurgeConfig
from bizy_assets.jobs.rollback import RollbackConfig
from bizy_assets.jobs.server import ProvisionConfig

PACKAGE = Path(bizy_assets.__file__).parent

DEPENDENCIES = {
    "bizy_file": set(),
    "sqlite_backup": {"bizy_file"},
    "admin_user": {"sqlite_backup"},
    "pg_goals": {"admin_user"},
    "pg_tasks": {"pg_goals"},
    "migration_plan": set(),
    "migration_report": {f"pg_{contract.table}" for contract in CONTRACTS},
    "pg_daily_logs": {"admin_user"},
    "pg_research": {"admin_user"},
    "pg_metrics": {"admin_user"},
    "pg_business_plans": {"admin_user"},
}
KINDS = {"bizy_file": "sqlite", "sqlite_backup": "sqlite", "migration_report": "html"}
GROUPS = {
    "bizy_file": "source",
    "sqlite_backup": "source",
    "migration_plan": "report",
    "migration_report": "report",
}
SERVED = {"goals", "tasks"}
CHECKS = {"count", "null_user_id", "orphan_fk", "timestamps", "sequence", "content"}
CHECKS_OF_THE_SOURCE = {"integrity", "census", "orphans", "time_zone"}


def test_the_graph_has_exactly_these_assets_and_dependencies() -> None:
    graph = defs.resolve_asset_graph()
    found = {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }
    assert found == DEPENDENCIES


def test_every_contract_has_an_asset_and_all_checks_and_they_block() -> None:
    graph = defs.resolve_asset_graph()
    found = {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}
    assert found == {
        *((f"pg_{contract.table}", name) for contract in CONTRACTS for name in CHECKS),
        *((f"pg_{table}", "backend_accepts") for table in SERVED),
        *(("sqlite_backup", name) for name in CHECKS_OF_THE_SOURCE),
    }
    assert all(
        graph.get(key).blocking == (key.name != BACKEND_ACCEPTS) for key in graph.asset_check_keys
    )
    assert {*AUDITS, CONTENT} == CHECKS


def test_what_is_unique_in_a_file_is_unique_for_each_owner() -> None:
    columns = {(c.table, ("user_id", column.name)) for c in CONTRACTS for column in c.columns
               if column.unique}  # fmt: skip
    indexes = {(c.table, index.columns) for c in CONTRACTS for index in c.indexes if index.unique}
    assert columns == indexes == {("daily_logs", ("user_id", "date"))}


def test_the_jobs_run_in_one_process_and_speak_through_our_logger() -> None:
    jobs = {job.name: defs.resolve_job_def(job.name) for job in defs.jobs or []}
    assert set(jobs) == {
        "migrate",
        "verify",
        "dry_run",
        "rollback",
        "provision",
        "reset_admin_password",
        "forget_old_runs",
    }
    for job in jobs.values():
        assert job.executor_def is dg.in_process_executor
        assert list(job.run_config["loggers"]) == ["console"]


def test_every_column_is_told_with_its_type_and_rule() -> None:
    graph = defs.resolve_asset_graph()
    for contract in CONTRACTS:
        asset = graph.get(dg.AssetKey(f"pg_{contract.table}"))
        schema = asset.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == [c.name for c in contract.columns]
        assert all(column.type and column.description for column in schema.columns)
    source = graph.get(dg.AssetKey("sqlite_backup")).metadata["dagster/column_schema"]
    assert all(column.type and column.description for column in source.columns)
    assert {column.name for column in source.columns} == {
        f"{contract.table}.{column.name}" for contract in CONTRACTS
        for column in contract.source_columns
    }  # fmt: skip
    tasks = graph.get(dg.AssetKey("pg_tasks")).metadata["dagster/column_schema"]
    told = {column.name: column for column in tasks.columns}
    assert told["title"].type == "varchar(500)"
    assert not told["title"].constraints.nullable
    assert told["parent_goal_id"].constraints.other == ["references goals", "on delete SET NULL"]
    assert told["created_at"].description == (
        "Time of creation. In PostgreSQL: time interpreted as UTC before BIZY_TASKS_LOCAL_SINCE, "
        "from then on as local time; if missing, the time of the migration."
    )


def test_assets_have_a_group_owners_kinds_and_their_place_in_the_code() -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        asset = graph.get(key)
        assert asset.owners == ["team:bizy"]
        assert asset.kinds == {KINDS.get(key.to_user_string(), "postgres")}
        assert asset.group_name == GROUPS.get(key.to_user_string(), "target")
        [place] = asset.metadata["dagster/code_references"].code_references
        assert Path(place.file_path).is_relative_to(PACKAGE)


def test_everything_a_user_sees_is_described() -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        # The catalog shows the beginning as it stands, Markdown or not.
        assert (graph.get(key).description or "*").splitlines()[0].count("*") == 0, key
    for check in graph.asset_check_keys:
        assert graph.get(check).description, check
    # Lists show the descriptions of jobs, ops and automations as they stand.
    for job in map(defs.resolve_job_def, {job.name for job in defs.jobs or []}):
        assert_plain(job.name, job.description)
    for automation in (*(defs.sensors or []), *(defs.schedules or [])):
        assert_plain(automation.name, automation.description)


def assert_plain(name: str, description: str | None) -> None:
    assert description, name
    assert not {"*", "`"} & set(description), name


def test_jobs_without_assets_consist_of_described_ops() -> None:
    steps = {
        node.definition
        for job in defs.jobs or []
        if isinstance(job, dg.JobDefinition)
        for node in job.nodes
    }
    assert len(steps) == 4
    for step in steps:
        assert_plain(step.name, step.description)


def test_launchpads_open_with_the_options_of_their_job() -> None:
    options = {job.name: dict(defs.resolve_job_def(job.name).run_config) for job in defs.jobs or []}
    for config in options.values():
        del config["loggers"]
    source = {"source": {"config": dict.fromkeys(("path", "timezone", "on_bad_row"))}}
    assert options == {
        "migrate": {"resources": source},
        "dry_run": {"resources": source},
        "verify": {"resources": {"source": {"config": {"path": None}}}},
        "rollback": {"ops": {"roll_back": {"config": {"keep_edited": False}}}},
        "provision": {"ops": {"prepare": {"config": {"change_password": False}}}},
        "forget_old_runs": {"ops": {"forget": {"config": {"keep_days": 365}}}},
        "reset_admin_password": {},
    }


def test_every_field_of_a_jobs_own_configuration_is_described() -> None:
    for config in (ProvisionConfig, RollbackConfig, PurgeConfig):
        assert config.model_fields
        assert all(field.description for field in config.model_fields.values())


@pytest.mark.parametrize("name", ["source", "target"])
def test_every_setting_is_described(name: str) -> None:
    fields = type((defs.resources or {})[name]).model_fields
    assert all(field.description for field in fields.values())


def test_the_core_does_not_know_dagster() -> None:
    modules = "pipeline, report, server"
    code = f"import sys; from bizy_assets.core import {modules}; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
