"""What a user does in the Dagster UI, in a real browser: migrate, check, look back, read on."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bizy_assets.cli import SAMPLE
from bizy_assets.runtime import START_PATH
from bizy_assets_tests.support import attacks, bizy_files, graphql
from bizy_assets_tests.support.browsers import Keep, keep, page, served
from bizy_assets_tests.support.commands import bizy_assets
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import history_of

# Tests name these fixtures as parameters.
__all__ = ["keep", "page"]

GROUPS = ("source", "target", "report")
UPSTREAM = ("sqlite_backup", "admin_user", "pg_goals", "pg_tasks")
OTHERS = ("pg_daily_logs", "pg_research", "pg_metrics", "pg_business_plans", "migration_report")
CHECKS = ("count", "null_user_id", "orphan_fk", "timestamps", "sequence",
          "backend_accepts", "content")  # fmt: skip
RENAME = "UPDATE tasks SET title = %s WHERE id = 20"


@pytest.fixture
def source() -> Iterator[Path]:
    """The larger sample, where its path is short enough to be read in a picture.

    Every task has a title, so that all checks of tasks pass.
    """
    with tempfile.TemporaryDirectory(prefix="bizy-") as folder:
        path = Path(shutil.copy2(SAMPLE, Path(folder) / "tasks.db"))
        bizy_files.change(path, "UPDATE tasks SET title = 'Call' WHERE title = ''")
        yield path


@pytest.fixture
def ui(migration: Migration, tmp_path: Path) -> Iterator[str]:
    """The address of Dagster's UI, where nothing has been migrated and nothing has run."""
    migration.setenv(
        BIZY_HOME=str(migration.source.parent / "home"),
        DATABASE_URL=migration.server.create_database("bizy"),
        DAGSTER_POSTGRES_URL=history_of(migration.server),
    )
    try:
        with served(tmp_path) as address:
            yield address
    finally:
        # The next test has one of the same name.
        migration.server.drop_database("bizy")
    log = (tmp_path / "ui.log").read_text()
    assert "warning" not in log.lower()
    assert "ERROR:" not in log


def test_a_user_migrates_and_checks_in_the_ui(page: Page, ui: str, keep: Keep) -> None:
    # One test of several steps, since starting the UI takes longer than all of them.
    migrate_tasks(page, ui, keep)
    see_the_checks_pass(page, ui, keep)
    see_other_pages_refused(page, ui)


@pytest.mark.exhaustive
def test_a_user_migrates_checks_and_looks_back_in_the_ui(
    page: Page, ui: str, migration: Migration, keep: Keep
) -> None:
    migrate_tasks(page, ui, keep)
    see_the_checks_pass(page, ui, keep)

    [[title]] = migration.query("SELECT title FROM tasks WHERE id = 20")
    migration.query(RENAME, "Broken by hand")
    see_a_check_fail(page, keep)
    migration.query(RENAME, title)

    # What a terminal starts is in the same history.
    ran = bizy_assets("migrate", "--json")
    assert ran.status == 0, ran.error
    assert graphql.runs_of_job(ui, "migrate")[0] == json.loads(ran.out)["run_id"]
    look_back(page, ui, migration, keep)
    see_the_graph_materialized(page, ui, keep)
    read_the_report(page, ui, keep)
    see_other_pages_refused(page, ui)


def migrate_tasks(page: Page, ui: str, keep: Keep) -> None:
    """Materializes ``pg_tasks`` and what comes before it."""
    open_graph(page, ui)
    page.get_by_role("button", name="Hide navigation").click()
    for group in GROUPS:
        entry = page.get_by_role("button", name=f"asset_group {group}")
        entry.locator("xpath=preceding::*[@role='img'][1]").click()
    # The plan is not part of a migration.
    expect(page.get_by_role("button", name="Materialize all (9)")).to_be_visible()
    for asset in (*UPSTREAM, *OTHERS):
        expect(listed(page, asset, "missing")).to_be_visible()
    keep("graph_before")
    listed(page, "pg_tasks", "missing").click(button="right")
    page.get_by_role("menuitem", name="Show upstream graph").click()
    page.get_by_role("button", name="Materialize all (4)").click()
    page.get_by_role("link", name="View", exact=True).click()
    expect(page.get_by_text("Success", exact=True)).to_be_visible()
    keep("run")
    # It went through the queue, from which only the daemon takes runs.
    page.get_by_placeholder("Filter…").fill("type:RUN_ENQUEUED")
    expect(page.get_by_text("RUN_ENQUEUED", exact=True)).to_be_visible()
    open_graph(page, ui)
    for asset in UPSTREAM:
        expect(listed(page, asset, "run_success")).to_be_visible()
    for asset in OTHERS:
        expect(listed(page, asset, "missing")).to_be_visible()
    keep("graph_of_tasks")


def open_graph(page: Page, ui: str) -> None:
    """Opens the graph from the start page."""
    page.goto(f"{ui}{START_PATH}")
    page.get_by_role("link", name="the graph").click()
    expect(page.get_by_text("pg_business_plans", exact=True).last).to_be_visible()


def listed(page: Page, asset: str, state: str) -> Locator:
    """Returns an asset's entry in the list beside the graph, in a state that its icon shows."""
    return page.get_by_role("button", name=f"{state} {asset}")


def see_the_checks_pass(page: Page, ui: str, keep: Keep) -> None:
    """Opens the checks of ``pg_tasks``, which the run has made."""
    page.goto(f"{ui}/assets/pg_tasks")
    page.get_by_role("tab", name="Checks").click()
    for check in CHECKS:
        expect(page.get_by_text(check, exact=True).first).to_be_visible()
    expect(page.get_by_text("Succeeded", exact=True)).to_have_count(len(CHECKS))
    page.get_by_text("content", exact=True).first.click()
    expect(page.get_by_text("All 2,682 values in 149 rows match the snapshot")).to_be_visible()
    keep("checks_green")


def see_a_check_fail(page: Page, keep: Keep) -> None:
    """Makes the checks again, which tell which row differs, where and how."""
    page.get_by_role("button", name="Execute all").click()
    expect(page.get_by_text("Failed", exact=True).first).to_be_visible()
    expect(page.get_by_text("Succeeded", exact=True)).to_have_count(len(CHECKS) - 1)
    expect(page.get_by_text("1 row has a different title (id 20).")).to_be_visible()
    difference = page.get_by_role("row", name=re.compile("^20 title .* 'Broken by hand'$"))
    difference.scroll_into_view_if_needed()
    keep("checks_red")


def look_back(page: Page, ui: str, migration: Migration, keep: Keep) -> None:
    """Opens the run history: three runs, of which those that migrated tell from where to where."""
    page.goto(f"{ui}/runs")
    expect(page.get_by_text("Success", exact=True)).to_have_count(2)
    expect(page.get_by_text("Failure", exact=True)).to_have_count(1)
    expect(page.get_by_text("migrate", exact=True).first).to_be_visible()
    for tag in (
        f"bizy/source: {migration.source.name}",
        f"bizy/target: 127.0.0.1:{migration.server.port}/bizy",
    ):
        expect(page.get_by_text(tag)).to_have_count(2)
    keep("runs")


def see_the_graph_materialized(page: Page, ui: str, keep: Keep) -> None:
    """Opens the graph of the whole migration, with all of the window for it."""
    open_graph(page, ui)
    for asset in (*UPSTREAM, *OTHERS):
        expect(listed(page, asset, "run_success")).to_be_visible()
    page.get_by_role("button", name="panel_show_right").click()
    page.mouse.dblclick(600, 670)
    last = page.get_by_text("migration_report", exact=True).last
    until(lambda: (last.bounding_box() or {"x": 0})["x"] > 1000)
    # Waits for the end of the movement.
    last.scroll_into_view_if_needed()
    keep("graph")


def read_the_report(page: Page, ui: str, keep: Keep) -> None:
    """Opens the file that the asset names, by day and by night."""
    page.goto(f"{ui}/assets/migration_report")
    path = page.get_by_text(re.compile(r"^/.*/reports/migration_\w+\.html$")).first.inner_text()
    keep("report_in_the_ui")
    page.set_viewport_size({"width": 1000, "height": 860})
    page.goto(f"file://{path}")
    headline = "All 198 rows are in PostgreSQL, with 2 warnings."
    expect(page.get_by_role("heading", name=headline)).to_be_visible()
    expect(page.get_by_text("42 checks: 41 passed, 1 gave 2 warnings")).to_be_visible()
    # They were loaded before: none inserted, all unchanged, 14 adjusted values.
    tasks = page.get_by_role("row", name=re.compile("^tasks 149 149 0 149 14 "))
    expect(tasks).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        keep(f"report_{scheme}")


def see_other_pages_refused(page: Page, ui: str) -> None:
    """Opens a page of another origin, which can start nothing, whatever it sends."""
    with attacks.attacker() as elsewhere:
        page.goto(elsewhere)
        noticed, answers = attacks.attack(page, ui)
        assert noticed["socket"] == "refused"
        assert len(answers) == len(noticed) - 1
        assert set(answers) == {403}
        assert attacks.rollbacks(ui) == 0
        # The name of that page, after its owner has made it a name of this machine.
        rebound = page.goto(ui.replace("127.0.0.1", attacks.HOST))
        assert rebound is not None
        assert (rebound.status, "BIZY_UI_HOSTS" in rebound.text()) == (403, True)
        # A link leads from anywhere to the UI.
        page.goto(elsewhere)
        page.evaluate("ui => { location = `${ui}/runs` }", ui)
        expect(page.get_by_text("Success", exact=True).first).to_be_visible()
