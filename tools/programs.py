"""Install programs that the tests need and pip cannot: a browser, PgBouncer and older PostgreSQL.

``python -m tools.programs browser``, ``… pgbouncer`` and ``… postgresql 15`` do nothing if the
program is installed. If it cannot be installed, they print the reason and exit with status 1.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

BIN = Path(sys.executable).parent
NO_BROWSER = (
    "There is no Chromium that starts. Install your system's package chromium, or run "
    f"{BIN / 'playwright'} install --with-deps chromium; then run again."
)
NO_POSTGRESQL = (
    "NOT TESTED: PostgreSQL {0}, since its programs are not in {1}. Install Debian's package "
    "postgresql-{0} (apt-get install --no-install-recommends postgresql-{0}), then run again."
)
NO_PGBOUNCER = (
    "NOT TESTED: connection poolers, since PgBouncer is not installed. Install Debian's package "
    "pgbouncer (apt-get install --no-install-recommends pgbouncer), then run again."
)
TIMEOUT = 600
"""Time limit of a command in seconds; downloads time out earlier."""

_APT = (
    "apt-get", "-qq", "-y", "-o", "Acquire::Retries=1",
    "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10",
)  # fmt: skip
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000"}
SBIN = Path("/usr/sbin")
"""Folder of programs that may be on the administrator's PATH only."""

_NO_SERVER = Path("/etc/postgresql-common/createcluster.d/bizy-assets-tests.conf")


def find_browser(playwright: Playwright) -> str | None:
    """Return the first browser that starts: one on PATH, else Playwright's own."""
    on_path = (shutil.which(name) for name in ("chromium", "google-chrome"))
    candidates = (*on_path, playwright.chromium.executable_path)
    return next((program for program in candidates if program and _starts(program)), None)


def install_browser() -> bool:
    """Install a browser if there is none: Playwright's download, else the system's package."""

    def is_installed() -> bool:
        with sync_playwright() as playwright:
            return find_browser(playwright) is not None

    download = [str(BIN / "playwright"), "install", "--no-shell", "chromium"]
    return _install(is_installed, [download, *_apt("chromium")], NO_BROWSER)


def install_postgresql(version: int) -> bool:
    """Install Debian's programs of a PostgreSQL version if they are missing, without a server."""
    programs = Path(f"/usr/lib/postgresql/{version}/bin")
    is_installed = (programs / "initdb").exists
    missing = NO_POSTGRESQL.format(version, programs)
    packages = _apt(f"postgresql-{version}")
    if is_installed() or not packages:
        return _install(is_installed, [], missing)
    # Without this setting Debian's packages create and start a server of each version.
    _NO_SERVER.parent.mkdir(parents=True, exist_ok=True)
    _NO_SERVER.write_text("create_main_cluster = false\n")
    try:
        return _install(is_installed, packages, missing)
    finally:
        _NO_SERVER.unlink()


def find_pgbouncer() -> str | None:
    """Return the path of the program, or None if it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}{os.pathsep}{SBIN}")


def install_pgbouncer() -> bool:
    """Install Debian's package of PgBouncer if it is missing, without starting its service."""

    def is_installed() -> bool:
        return find_pgbouncer() is not None

    # Debian's way to forbid that the installation of a package starts its service.
    packages, policy = _apt("pgbouncer"), SBIN / "policy-rc.d"
    if is_installed() or not packages or policy.exists():
        return _install(is_installed, packages, NO_PGBOUNCER)
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        return _install(is_installed, packages, NO_PGBOUNCER)
    finally:
        policy.unlink()


def _install(is_installed: Callable[[], bool], commands: Iterable[list[str]], missing: str) -> bool:
    """Run commands until the program is installed, or else print what is missing."""
    if is_installed():
        return True
    for command in commands:
        _run(command)
        if is_installed():
            return True
    _say(missing)
    return False


def _apt(package: str) -> list[list[str]]:
    """Return the commands that install a package; none if this user may not."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return []
    return [[*_APT, "update"], [*_APT, "install", "--no-install-recommends", package]]


def _run(command: list[str]) -> None:
    """Announce and run a command, and print the error if it fails."""
    _say(f"{shlex.join(command)} (at most {TIMEOUT // 60} minutes)")
    process = subprocess.Popen(  # noqa: S603 - the commands above
        command,
        env={**os.environ, **_QUIET},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Its children end with it.
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        _say("failed: time limit exceeded")
    else:
        if process.returncode != 0:
            lines = output.splitlines() or ["no output"]
            _say("failed: " + next((line for line in lines if line.startswith("E")), lines[-1]))
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _starts(program: str) -> bool:
    """Return True if a browser starts; Ubuntu's package is only a placeholder for its snap."""
    try:
        ran = subprocess.run(  # noqa: S603 - a browser
            [program, "--version"], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["browser"]:
            sys.exit(not install_browser())
        case ["pgbouncer"]:
            sys.exit(not install_pgbouncer())
        case ["postgresql", version]:
            sys.exit(not install_postgresql(int(version)))
        case _:
            sys.exit(__doc__)
