"""The page of assets: fresh, complete, and true of what a run reports."""

import re

import dagster as dg
import pytest

from bizy_assets.core.common.row_counts import COUNTS
from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.definitions import defs
from bizy_assets.metadata.asset_keys import BIZY_FILE
from bizy_assets.metadata.glossary import REPORTS
from bizy_assets_tests.support.documents import texts
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.observing import observed
from tools.assets_page import PAGE, page

GRAPH = defs.resolve_asset_graph()


def told(asset: str) -> list[str]:
    """Returns the names of metadata that an asset says it reports."""
    reports = GRAPH.get(dg.AssetKey(asset)).metadata[REPORTS]
    assert isinstance(reports, dg.TableMetadataValue)
    return [str(record.data["name"]) for record in reports.records]


def unexpected(asset: str, names: set[str]) -> set[str]:
    """Returns which names of metadata an asset does not say it reports."""
    patterns = [re.escape(name).replace("…", ".*") for name in told(asset)]
    return {name for name in names if not any(re.fullmatch(p, name) for p in patterns)}


def test_the_page_is_what_the_definitions_say() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"


def test_the_page_names_whatever_there_is() -> None:
    names = {key.to_user_string() for key in GRAPH.get_all_asset_keys()}
    names |= {key.name for key in GRAPH.asset_check_keys}
    for some in (defs.jobs, defs.sensors, defs.schedules):
        names |= {definition.name for definition in some or []}
    for name, resource in (defs.resources or {}).items():
        names |= {name, *type(resource).model_fields}
    names |= {column.name for contract in CONTRACTS for column in contract.columns}
    names |= {index.name for contract in CONTRACTS for index in contract.indexes}
    text = PAGE.read_text()
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_the_page_takes_whatever_is_defined() -> None:
    @dg.asset(description="Another.", deps=["pg_tasks"])
    def another() -> None: ...

    more = page(dg.Definitions.merge(defs, dg.Definitions(assets=[another])))
    assert "    pg_tasks --> another\n" in more
    assert "### `another`\n\nKind: none. Upstream: [`pg_tasks`](#pg_tasks).\n\nAnother." in more


@pytest.mark.parametrize(
    "asset", sorted(key.to_user_string() for key in GRAPH.get_all_asset_keys())
)
def test_an_asset_says_only_what_the_code_can_report(asset: str) -> None:
    code = {*texts(without="glossary"), *COUNTS}
    assert {name for name in told(asset) if name not in code} == set()


def test_assets_say_all_that_a_run_reports(migration: Migration) -> None:
    observed(migration)
    outcome = migration.migrate()
    assert migration.run("dry_run").success
    [record] = migration.instance.fetch_observations(BIZY_FILE, limit=1).records
    assert record.asset_observation is not None
    assert unexpected("bizy_file", set(record.asset_observation.metadata)) == set()
    for key in GRAPH.materializable_asset_keys:
        asset = key.to_user_string()
        assert unexpected(asset, set(outcome.metadata(asset))) == set(), asset
