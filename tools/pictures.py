"""Take the pictures in ``docs/pictures`` from the finished product: ``python -m tools.pictures``.

Migrates the sample into an embedded server of its own through the UI, as a user would, and takes
pictures on the way. Everything lies in a temporary folder, whose name is short since it is shown.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import Page, expect, sync_playwright

from bizy_assets.core.server import embedded
from bizy_assets.runtime import START_PATH
from tools.programs import NO_BROWSER, find_browser

CHECKOUT = Path(__file__).parent.parent
PICTURES = CHECKOUT / "docs" / "pictures"
SAMPLE = CHECKOUT / "bizy_assets" / "samples" / "bizy_cli_mixed.db"
WIDE = {"width": 1200, "height": 700}
TALL = {"width": 1000, "height": 800}
PATIENCE = 300
"""Time limit of each step, in seconds."""

_NULL = subprocess.DEVNULL

expect.set_options(timeout=PATIENCE * 1000)


def main() -> None:
    """Take all pictures; they replace the old ones only if all could be taken."""
    with tempfile.TemporaryDirectory(prefix="bizy-") as name:
        home, taken = Path(name), Path(name) / "pictures"
        # In a closed folder, root's server would have its data elsewhere, which the report shows.
        home.chmod(0o755)
        taken.mkdir()
        with _ui(home) as address, _page() as page:
            _take(page, address, taken)
        for picture in taken.iterdir():
            shutil.copyfile(picture, PICTURES / picture.name)
            sys.stderr.write(f"{PICTURES / picture.name}\n")


def _take(page: Page, address: str, folder: Path) -> None:
    def keep(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", animations="disabled")

    _migrate(page, address)
    _open_graph(page, address)
    keep("graph")
    _open_checks(page, address)
    keep("checks_green")
    page.set_viewport_size(TALL)
    page.goto(f"{address}{START_PATH}")
    expect(page.get_by_role("heading", name="What to do")).to_be_visible()
    keep("start")
    page.get_by_role("link", name="Last report").click()
    expect(page.get_by_role("heading").first).to_be_visible()
    keep("report_light")


def _migrate(page: Page, address: str) -> None:
    """Start the job from its launchpad and wait for its end."""
    page.goto(f"{address}{START_PATH}")
    page.get_by_role("link", name="Migrate Copy").click()
    page.get_by_role("button", name="Launch Run").click()
    expect(page.get_by_text("Success", exact=True)).to_be_visible()


def _open_graph(page: Page, address: str) -> None:
    """Open the graph with all of the window for it."""
    page.goto(f"{address}{START_PATH}")
    page.get_by_role("link", name="the graph").click()
    page.get_by_role("button", name="Hide navigation").click()
    page.get_by_role("button", name="panel_show_right").click()
    expect(page.get_by_text("pg_business_plans", exact=True).last).to_be_visible()
    page.mouse.dblclick(600, 670)
    _wait_for_rest(page)


def _wait_for_rest(page: Page) -> None:
    """Wait until two pictures in a row are equal, since the graph moves to its place."""
    before = b""
    deadline = time.monotonic() + PATIENCE
    while (now := page.screenshot(animations="disabled")) != before:
        if time.monotonic() > deadline:
            sys.exit("The page does not come to rest.")
        before = now
        page.wait_for_timeout(1000)


def _open_checks(page: Page, address: str) -> None:
    """Open the checks of the largest table, and one of them."""
    page.goto(f"{address}/assets/pg_tasks")
    page.get_by_role("tab", name="Checks").click()
    page.get_by_text("content", exact=True).first.click()
    expect(page.get_by_text("values in 149 rows match the snapshot").first).to_be_visible()
    _wait_for_rest(page)


@contextmanager
def _page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        program = find_browser(playwright)
        if program is None:
            sys.exit(NO_BROWSER)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        page = browser.new_page(viewport=WIDE, color_scheme="light")
        page.set_default_timeout(PATIENCE * 1000)
        yield page
        browser.close()


@contextmanager
def _ui(home: Path) -> Iterator[str]:
    """Run the UI on the sample in a folder, and yield its address."""
    source = shutil.copyfile(SAMPLE, home / "tasks.db")
    dagster = home / "dagster"
    dagster.mkdir()
    shutil.copyfile(CHECKOUT / "dagster.yaml", dagster / "dagster.yaml")
    port = _free_port()
    variables = {
        "BIZY_HOME": str(home / "home"),
        "DAGSTER_HOME": str(dagster),
        "DAGSTER_WEBSERVER_PORT": str(port),
        "SQLITE_DB_PATH": str(source),
        "BIZY_SOURCE_TIMEZONE": "America/Los_Angeles",
        # Empty values count as unset, and the file .env does not replace them.
        "DATABASE_URL": "",
        "DAGSTER_POSTGRES_URL": "",
        # Commands in the report name the program and not its path.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        # The UI may open the user's browser.
        "BROWSER": "true",
    }
    # Neither the user's own targets nor settings.
    others = (
        "BIZY_", "DAGSTER_", "DEFAULT_USER_", "DATABASE_URL", "BUSINESS_AGENT_DB", "VIRTUAL_ENV",
    )  # fmt: skip
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(others)}
    command = [sys.executable, "-m", "bizy_assets", "ui"]
    process = subprocess.Popen(  # noqa: S603 - the command above
        command, cwd=home, env={**inherited, **variables}, stdout=_NULL, stderr=_NULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for_answer(process, address)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        embedded.stop_embedded_server(embedded.embedded_cluster_folder(home / "home"))


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_answer(process: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/server_info"):  # noqa: S310 - http, above
                return
        except URLError:
            time.sleep(0.1)
    sys.exit("The UI does not answer.")


if __name__ == "__main__":
    main()
