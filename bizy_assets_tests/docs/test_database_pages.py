"""What the pages for database administrators and for the backend show, run on a migrated target."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bizy_assets_tests.core.target.test_backend import engine
from bizy_assets_tests.support.backend_models import Base
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration


def blocks(page: str, language: str) -> list[str]:
    """Returns the code of a page in a language."""
    text = (CHECKOUT / "docs" / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def statements(page: str) -> list[str]:
    return [one.strip() for block in blocks(page, "sql") for one in block.split(";") if one.strip()]


@pytest.mark.core
@pytest.mark.migrated
def test_every_query_for_the_administrator_runs_and_each_state_table_is_described(
    migration: Migration,
) -> None:
    # The privileges are those of a test of their own.
    queries = [query for query in statements("DBA.md") if not query.startswith("GRANT ")]
    found = {query: migration.query(query.replace("%", "%%")) for query in queries}
    assert len(queries) >= 9
    [runs] = [rows for query, rows in found.items() if query.startswith("SELECT s.key, r.dag")]
    assert [row[-1] for row in runs] == ["completed"]
    [loads] = [rows for query, rows in found.items() if "DISTINCT ON" in query]
    assert len(loads) == 6
    [ids] = [rows for query, rows in found.items() if "12 + r.shift" in query]
    assert [row[1] for row in ids] == [12]
    tables = {
        re.sub("^ledger_.*", "ledger_<table>", name)
        for (name,) in migration.query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'bizy_migration'"
        )
    }
    page = (CHECKOUT / "docs" / "DBA.md").read_text()
    assert set(re.findall(r"^\| `([a-z_<>]+)` \|", page, re.MULTILINE)) == tables


@pytest.mark.core
@pytest.mark.migrated
@pytest.mark.usefixtures("migration")
def test_the_hook_for_alembic_keeps_the_additions() -> None:
    [code] = blocks("BACKEND.md", "python")
    names: dict[str, Any] = {}
    exec(code, names)
    with engine() as target, target.connect() as connection:
        options = {"compare_type": True, "include_object": names["include_object"]}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        # Others' tables and columns are still found.
        connection.execute(sa.text("ALTER TABLE goals ADD mood text; CREATE TABLE moods (id int)"))
        found = {
            (one[0], getattr(one[-1], "name", ""))
            for one in compare_metadata(context, Base.metadata)
        }
        assert found == {("remove_table", "moods"), ("remove_column", "mood")}


@pytest.mark.core
@pytest.mark.migrated
def test_the_backend_can_drop_its_tables_after_the_statements_of_the_page(
    migration: Migration,
) -> None:
    drop, *_, extension = statements("BACKEND.md")
    assert drop.startswith("DROP TABLE")
    assert extension.startswith("CREATE EXTENSION")
    with engine() as target:
        with pytest.raises(sa.exc.InternalError, match="other objects depend on it"):
            Base.metadata.drop_all(target)
        for statement in statements("BACKEND.md")[:2]:
            migration.query(statement)
        Base.metadata.drop_all(target)
    assert migration.query(
        "SELECT to_regclass('public.users'), to_regnamespace('bizy_migration')"
    ) == [(None, None)]
