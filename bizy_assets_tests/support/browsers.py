"""A real browser, the Dagster UI to open in it, and what it showed, to be looked at."""

import os
import shutil
import socket
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import psutil
import pytest
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.processes import PATIENCE, started, until
from bizy_assets_tests.support.screens import screens_folder
from tools.programs import NO_BROWSER, find_browser

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
]  # fmt: skip
Keep = Callable[[str], None]

NOT_TESTED = "NOT TESTED: the Dagster UI and the report in a browser"

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Chromium, of the size that pictures in documents have."""
    with sync_playwright() as playwright:
        program = require_browser(playwright)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 700})
        page.set_default_timeout(PATIENCE * 1000)
        yield page
        browser.close()


def require_browser(playwright: Playwright) -> str:
    """Return a browser's program, or skip the test; in continuous integration, fail it."""
    program = find_browser(playwright)
    if program is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"{NOT_TESTED}. {NO_BROWSER}")
    return program


@pytest.fixture
def keep(page: Page, tmp_path: Path) -> Iterator[Keep]:
    """Keeps what the page shows, under a name; and at the end of the test, however it ends."""
    folder = screens_folder() or tmp_path

    def screenshot(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", animations="disabled")

    yield screenshot
    screenshot("last")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Runs what ``make ui`` runs, with its log in a folder, and yields its address."""
    # Dagster's home is not the checkout, so that nothing is written there.
    shutil.copy(CHECKOUT / "dagster.yaml", folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {"DAGSTER_HOME": str(folder), "DAGSTER_WEBSERVER_PORT": str(port)}
    log = folder / "ui.log"
    command = ("python", "-m", "bizy_assets", "ui")
    with started(*command, output=log, is_forked=True, **variables) as process:
        address = f"http://127.0.0.1:{port}"
        until(lambda: _answers(f"{address}/server_info"))
        yield address
        programs = psutil.Process(process.pid).children(recursive=True)
    assert not psutil.wait_procs(programs, PATIENCE)[1], "programs of the UI outlived it"
    assert f"Serving dagster-webserver on {address} " in log.read_text()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address) as response:
            return bool(response.status == 200)
    except URLError:
        return False
