"""The choice of a server for the tests: the one asked for, or a clear word that it is missing."""

import pytest

from bizy_assets_tests.support.commands import run_command
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.servers import Server


@pytest.mark.core
def test_the_server_is_of_the_version_that_was_asked_for(server: Server, version: int) -> None:
    assert server.connect().info.server_version // 10000 == version


@pytest.mark.exhaustive
def test_a_version_that_is_not_there_is_named_with_its_package() -> None:
    ran = run_command("pytest", "-m", "core", "--postgres", "7", "bizy_assets_tests", cwd=CHECKOUT)
    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "There is no PostgreSQL 7 in /usr/lib/postgresql/7/bin; install" in ran.error
    assert "apt-get install --no-install-recommends postgresql-7" in ran.error
