"""The Dagster UI in a real browser: the assets and a finished run."""

import re
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bizy_assets_tests.conftest import CHECKOUT, Migration, history_of, run_job
from bizy_assets_tests.processes import started, until

ASSETS = ("bizy_file", "sqlite_backup", "admin_user", "pg_goals", "pg_tasks")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of the machine's Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "this test needs Chromium: install your system's package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser.new_page(viewport={"width": 1400, "height": 900})
        browser.close()


@pytest.fixture
def ui(migration: Migration, tmp_path: Path) -> Iterator[str]:
    """The address of ``dagster dev``, after one migration from the command line."""
    variables = {"DAGSTER_POSTGRES_URL": history_of(migration.server)}
    ran = run_job(**variables)
    assert ran.status == 0, ran.error
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ("dagster", "dev", "-h", "127.0.0.1", "-p", str(port))
    with started(*command, output=tmp_path / "ui.log", **variables):
        address = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{address}/server_info"))
        yield address


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address) as response:
            return bool(response.status == 200)
    except URLError:
        return False


def test_the_ui_shows_the_assets_and_the_finished_run(ui: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{ui}/asset-groups")
    for asset in ASSETS:
        expect(page.get_by_text(asset, exact=True).first).to_be_visible(timeout=60_000)
    page.screenshot(path=tmp_path / "assets.png")
    page.goto(f"{ui}/runs")
    expect(page.get_by_text(re.compile("Success")).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("migrate", exact=True).first).to_be_visible()
    page.screenshot(path=tmp_path / "runs.png")
    page.goto(f"{ui}/assets/pg_tasks?view=checks")
    expect(page.get_by_text("orphan_fk").first).to_be_visible(timeout=60_000)
    page.screenshot(path=tmp_path / "checks.png")
    assert not list(CHECKOUT.glob("*.png"))
