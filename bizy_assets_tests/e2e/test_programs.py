"""Programs that ``make test`` installs itself: tried in their order, or named where missing."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from bizy_assets_tests.support.browsers import require_browser
from bizy_assets_tests.support.commands import Command, run_command
from bizy_assets_tests.support.environment import CHECKOUT
from tools import programs

BROWSER_STARTS = "#!/bin/sh\necho Chromium 1.0\n"
APT_GET = """#!/bin/sh
echo "$@" >> {0}/log
case "$*" in *install*) mv {0}/later {0}/chromium;; esac
"""
UNTESTED = "NOT TESTED: the Dagster UI and the report in a browser."


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, on a machine without a browser and without a network."""
    folder = tmp_path / "path"
    folder.mkdir()
    for name in ("sh", "mv", "env"):
        (folder / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    # Nothing listens there.
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:1")
    monkeypatch.delenv("CI", raising=False)
    return folder


def program(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def install(*arguments: str) -> Command:
    return run_command("python", "-m", "tools.programs", *arguments, cwd=CHECKOUT)


def test_a_browser_on_path_is_enough(path: Path) -> None:
    program(path / "google-chrome", BROWSER_STARTS)
    ran = install("browser")
    assert (ran.status, ran.error) == (0, "")


@pytest.mark.exhaustive
def test_without_network_and_apt_get_the_reason_is_given(path: Path) -> None:
    # Like Ubuntu's package, which only names another one.
    program(path / "chromium", "#!/bin/sh\nexit 1\n")
    ran = install("browser")
    assert ran.status == 1
    announced, failed, reason = ran.error.splitlines()
    assert announced.endswith("playwright install --no-shell chromium (at most 10 minutes)")
    assert "ECONNREFUSED" in failed
    assert reason.startswith("There is no Chromium that starts. Install your system's package")


@pytest.mark.exhaustive
def test_the_package_is_installed_where_the_download_fails(path: Path) -> None:
    program(path / "later", BROWSER_STARTS)
    program(path / "apt-get", APT_GET.format(path))
    ran = install("browser")
    if os.geteuid() != 0:
        assert ran.status == 1
        assert not (path / "log").exists()
        return
    assert ran.status == 0, ran.error
    update, package = (path / "log").read_text().splitlines()
    assert update.endswith("update")
    assert package.endswith("install --no-install-recommends chromium")
    assert [line.split()[0].rpartition("/")[2] for line in ran.error.splitlines()] == [
        "playwright", "failed:", "apt-get", "apt-get",
    ]  # fmt: skip


@pytest.mark.usefixtures("path")
def test_a_missing_postgresql_is_named_with_its_package() -> None:
    ran = install("postgresql", "7")
    assert ran.status == 1
    assert ran.error.startswith("NOT TESTED: PostgreSQL 7, since its programs are not in /usr/lib/")
    assert "apt-get install --no-install-recommends postgresql-7" in ran.error


@pytest.mark.parametrize("is_available", [True, False])
def test_pgbouncer_is_installed_without_its_service_or_named(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_available: bool,
) -> None:
    monkeypatch.setattr(programs, "SBIN", path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if is_available:
        program(path / "later", "")
        program(
            path / "apt-get",
            f"#!/bin/sh\n{path}/policy-rc.d && exit 1\n"
            f'case "$*" in *install*) mv {path}/later {path}/pgbouncer;; esac\n',
        )
    assert programs.install_pgbouncer() == is_available
    assert not (path / "policy-rc.d").exists()
    missing = "Install Debian's package pgbouncer" in capsys.readouterr().err
    assert missing != is_available


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_without_a_browser_a_test_is_skipped_but_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with sync_playwright() as playwright, pytest.raises(outcome, match=UNTESTED) as reason:
        require_browser(playwright)
    assert "Install your system's package chromium" in str(reason.value)


@pytest.mark.exhaustive
@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_without_a_browser_its_tests_are_skipped_but_fail_in_ci(ci: str, status: int) -> None:
    test = "bizy_assets_tests/e2e/test_browser.py"
    ran = run_command("pytest", "-p", "no:cacheprovider", test, cwd=CHECKOUT, CI=ci)
    assert ran.status == status, ran.out
    summary = ran.out.partition("short test summary info")[2]
    # The short scenario and the whole one.
    assert summary.count(UNTESTED) == 2
    assert summary.count("Install your system's package chromium") == 2
