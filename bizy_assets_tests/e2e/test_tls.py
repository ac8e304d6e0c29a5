"""A server elsewhere: its certificate is asked for, and looked at, by everything that connects."""

import re
from pathlib import Path

import pytest

from bizy_assets_tests.support.commands import run_job
from bizy_assets_tests.support.encrypting import authority, encrypted
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of

PAGE = (CHECKOUT / "docs" / "OPERATIONS.md").read_text()


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    """The certificate of the authority that a user trusts."""
    return authority(tmp_path / "trusted")


def asking(url: str, port: int, trusted: Path) -> str:
    """Returns an address by another port, with the parameters that the page names."""
    [parameters] = re.findall(r"\?sslmode=\S+", PAGE)
    with_port = re.sub(r":\d+/", f":{port}/", url)
    return str(with_port + parameters.replace("/etc/bizy-assets/ca.pem", str(trusted)))


def refusal(migration: Migration, port: int, trusted: Path) -> str:
    """Returns why a migration with the page's parameters fails."""
    migration.setenv(DATABASE_URL=asking(migration.server.url(migration.database), port, trusted))
    outcome = migration.run()
    assert not outcome.success
    return outcome.sentences[-1]


def test_a_migration_goes_to_the_server_that_the_certificate_names(
    migration: Migration, trusted: Path
) -> None:
    urls = migration.server.url(migration.database), history_of(migration.server)
    with encrypted(migration.server.port, trusted) as port:
        target, history = (asking(url, port, trusted) for url in urls)
        ran = run_job(DATABASE_URL=target, DAGSTER_POSTGRES_URL=history)
    assert ran.status == 0, ran.error
    assert migration.query("SELECT count(*) FROM goals") == [(13,)]


def test_a_server_that_another_authority_vouches_for_is_refused(
    migration: Migration, trusted: Path, tmp_path: Path
) -> None:
    with encrypted(migration.server.port, authority(tmp_path / "other")) as port:
        assert "certificate verify failed" in refusal(migration, port, trusted)


def test_a_certificate_for_another_address_is_refused(migration: Migration, trusted: Path) -> None:
    with encrypted(migration.server.port, trusted, host="127.0.0.2") as port:
        assert 'does not match host name "127.0.0.1"' in refusal(migration, port, trusted)


def test_a_server_without_encryption_is_refused(migration: Migration, trusted: Path) -> None:
    assert "does not support SSL" in refusal(migration, migration.server.port, trusted)
