"""Functions and operators of others in ``public``: no job and no history of Dagster's runs one."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from bizy_assets_tests.support import bizy_files, hostile
from bizy_assets_tests.support.migrations import ADOPT, Migration
from bizy_assets_tests.support.roles import ROLE_PASSWORD

HISTORY = """
storage:
  custom: {module: bizy_assets.runtime.run_storage, class: EmbeddedRunStorage, config: {}}
telemetry: {enabled: false}
"""

CHANGES = (
    "UPDATE goals SET title = 'changed' WHERE id = 1",
    "UPDATE tasks SET title = 'changed' WHERE id = 7",
    "UPDATE tasks SET priority = 'high' WHERE id = 9",
    "DELETE FROM tasks WHERE id = 8",
)


@pytest.fixture
def kept_in_target(migration: Migration, tmp_path: Path) -> Iterator[Migration]:
    """A migration whose target holds Dagster's history, too, and a schema full of others' names."""
    hostile.occupy_public(migration.server, migration.database)
    migration.setenv(DAGSTER_POSTGRES_URL=migration.server.url(migration.database))
    (tmp_path / "dagster.yaml").write_text(HISTORY)
    with dg.DagsterInstance.from_config(str(tmp_path)) as migration.instance:
        yield migration


def test_no_job_runs_a_function_or_operator_of_others(kept_in_target: Migration) -> None:
    migration = kept_in_target
    role = f"clerk_{migration.database}"
    before = len(hostile.calls(migration.server))
    hostile.query(migration, "REVOKE USAGE ON SCHEMA public FROM PUBLIC")

    def run(job: str, **options: object) -> None:
        outcome = migration.run(job, **options)
        assert outcome.success, (job, outcome.sentences)
        assert hostile.calls(migration.server)[before:] == []

    migration.setenv(
        DATABASE_URL=migration.server.url(migration.database, role, ROLE_PASSWORD),
        BIZY_POSTGRES_ADMIN_URL=migration.server.url(migration.database),
    )
    run("provision")
    run("dry_run")
    run("migrate")
    hostile.query(
        migration,
        "DELETE FROM bizy_migration.ledger_goals WHERE id < 3; "
        "UPDATE public.tasks SET title = 'edited' WHERE id = 5; "
        "DELETE FROM public.tasks WHERE id = 6",
    )
    for change in CHANGES:
        bizy_files.change(migration.source, change)
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    run("dry_run", run_config=ADOPT)
    run("migrate", run_config=ADOPT)
    run("verify")
    run("reset_admin_password")
    run("rollback", run_config={"ops": {"roll_back": {"config": {"keep_edited": True}}}})
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = '{}'"
    assert hostile.query(migration, tables.format("bizy_migration")) == []
    assert ("event_logs",) in hostile.query(migration, tables.format("bizy_dagster"))
