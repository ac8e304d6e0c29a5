"""The buttons of the Dagster UI that re-execute a failed run."""

from pathlib import Path

import pytest

from bizy_assets_tests.support import bizy_files, graphql
from bizy_assets_tests.support.browsers import served
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of

LOADED = "SELECT count(*) FROM tasks"


@pytest.mark.migrated
@pytest.mark.exhaustive
def test_after_a_failed_validation_each_button_does_what_its_name_says(
    migration: Migration, tmp_path: Path
) -> None:
    migration.setenv(DAGSTER_POSTGRES_URL=history_of(migration.server))
    bizy_files.change(
        migration.source,
        "INSERT INTO tasks (id, title, status, priority) VALUES (500, 'new', 'pending', 'high')",
    )
    with served(tmp_path) as ui:
        run_id, status = graphql.launch(ui)
        assert status == "FAILURE"
        bizy_files.change(migration.source, "UPDATE tasks SET priority = 1 WHERE id = 500")
        # The snapshot is not taken again, so it is as invalid as before.
        assert graphql.reexecute(ui, run_id, "FROM_FAILURE")[1] == "FAILURE"
        assert migration.query(LOADED) == [(149,)]
        # The asset whose blocking check failed is materialized again.
        assert graphql.reexecute(ui, run_id, "FROM_ASSET_FAILURE")[1] == "SUCCESS"
        assert migration.query(LOADED) == [(150,)]
        bizy_files.change(migration.source, "UPDATE tasks SET title = 'later' WHERE id = 500")
        assert graphql.reexecute(ui, run_id, "ALL_STEPS")[1] == "SUCCESS"
        assert migration.query("SELECT title FROM tasks WHERE id = 500") == [("later",)]
