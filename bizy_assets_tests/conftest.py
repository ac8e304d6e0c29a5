"""Fixtures: servers, a database for each test, and a migration to run on it."""

import itertools
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import hypothesis
import pytest

from bizy_assets.cli import SAMPLE_ZONE
from bizy_assets.core.postgres import id_query
from bizy_assets.core.server.embedded import embedded_cluster_folder, stop_embedded_server
from bizy_assets.core.target import passwords
from bizy_assets.runtime import failures
from bizy_assets.runtime.failures import RETRIES
from bizy_assets_tests.support.dagster_history import open_history, replace_history
from bizy_assets_tests.support.environment import CHECKOUT, configure_nothing, written_files
from bizy_assets_tests.support.migrated import MigratedSample, migrated_once, place_sample
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.preparations import Preparation, prepared
from bizy_assets_tests.support.roles import ROLE_PASSWORD, administer
from bizy_assets_tests.support.servers import (
    LITTLE_LOG,
    Server,
    binaries,
    installed,
    running,
)

# No test has a bound on its time.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_LONGEST = {"e2e", "fleet"}
"""Folders of tests that start services and programs, and wait for them."""

_UMASK = 0o022
"""The mask of most accounts, with which a server may enter the folders that a test makes."""

_MEMORY_BYTES = 4_000_000_000
"""Free space that servers of several tests at once never fill."""

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Lets the core of the tests run on other servers than the newest."""
    parser.addoption("--postgres", type=int, default=18, help="the major version of most tests")


def pytest_configure(config: pytest.Config) -> None:
    """Refuses a version that is not there, and settings that would reach a server of yours."""
    if (CHECKOUT / ".env").exists():
        raise pytest.UsageError("The tests would work with the settings in .env; move it away.")
    try:
        installed(config.getoption("--postgres"))
    except FileNotFoundError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_xdist_auto_num_workers() -> int:
    """Runs three tests at once on two cores, since many wait for servers and processes."""
    return math.ceil(1.5 * (os.cpu_count() or 1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starts with the longest tests, so that none of them runs alone in the end."""
    items.sort(key=lambda item: item.path.parent.name not in _LONGEST)


def pytest_report_header(config: pytest.Config) -> str:
    """Says which server the tests run on."""
    return f"PostgreSQL: {installed(config.getoption('--postgres'))}"


@pytest.fixture(scope="session", autouse=True)
def _clean_checkout() -> Iterator[None]:
    """Let the tests fail that leave, change or remove a file or a folder in the checkout."""
    before = written_files(CHECKOUT)
    yield
    left = sorted(str(path) for path, _ in before.items() ^ written_files(CHECKOUT).items())
    assert not left, f"The tests left or changed {left}; use working_copy() instead."


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Starts every test from an environment with a home of its own and a zone, and nothing else.

    The zone of the machine that runs the tests may be UTC, which a migration refuses to assume.
    """
    configure_nothing(monkeypatch)
    monkeypatch.setenv("BIZY_SOURCE_TIMEZONE", SAMPLE_ZONE)
    monkeypatch.setenv("BIZY_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def _usual_umask() -> None:
    """Starts every test with the usual mask; a history makes the rest of a process private."""
    os.umask(_UMASK)


@pytest.fixture(autouse=True)
def _fast_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes passwords cheaply in this process; a quarter of a second each adds up."""
    monkeypatch.setattr(passwords, "BCRYPT_COST", 4)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets jobs in this process try again at once; those in processes of their own do pause."""
    at_once = dg.RetryPolicy(max_retries=RETRIES.max_retries)
    monkeypatch.setattr(failures, "RETRIES", at_once)


@pytest.fixture
def _sparse_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for all ids at once; a few that lie two billion apart take thousands of queries."""
    monkeypatch.setattr(id_query, "IDS_PER_QUERY", 2**32)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that another account may enter, for servers; pytest closes its own to others."""
    with tempfile.TemporaryDirectory(prefix="bizy-tests-", dir=_memory()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _memory() -> Path | None:
    """Returns a folder in memory, where a database is created in a quarter of the time."""
    memory = Path("/dev/shm")
    has_space = memory.exists() and shutil.disk_usage(memory).free > _MEMORY_BYTES
    return memory if has_space else None


@pytest.fixture(scope="session")
def version(request: pytest.FixtureRequest) -> int:
    """The major version of the server that most tests use: 18, unless told otherwise."""
    return int(request.config.getoption("--postgres"))


@pytest.fixture(scope="session")
def server(folder: Path, version: int) -> Iterator[Server]:
    """The server that most tests use."""
    yield from running(Server(installed(version), folder / "server"), *LITTLE_LOG)


@pytest.fixture(scope="session")
def older_server(folder: Path) -> Iterator[Server]:
    """A server of another major version: PostgreSQL 16."""
    yield from running(Server(binaries(16), folder / "16"), *LITTLE_LOG)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The larger sample, in a folder of its own."""
    return place_sample(tmp_path)


@pytest.fixture(scope="session")
def _history() -> Iterator[tuple[dg.DagsterInstance, dg.DagsterInstance]]:
    """The history that all tests use, one after the other, and one that stays empty."""
    with open_history() as history, open_history() as empty:
        yield history, empty


@pytest.fixture
def instance(_history: tuple[dg.DagsterInstance, dg.DagsterInstance]) -> dg.DagsterInstance:
    """An empty history, in memory."""
    history, empty = _history
    replace_history(history, by=empty)
    return history


@pytest.fixture(scope="session")
def migrated_sample(folder: Path, server: Server) -> Iterator[MigratedSample]:
    """The sample that tests marked as migrated begin with."""
    yield from migrated_once(server, folder, "migrated", lambda _: None)


@pytest.fixture
def migration(
    request: pytest.FixtureRequest,
    server: Server,
    source: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Migration]:
    """A migration of the larger sample, into an empty database unless marked as migrated."""
    if request.node.get_closest_marker("migrated"):
        sample: MigratedSample = request.getfixturevalue("migrated_sample")
        yield sample.restore(instance, monkeypatch)
        return
    migration = Migration(server, source, instance, monkeypatch)
    yield migration
    # Hundreds of databases would take longer to remove at the end.
    server.drop_database(migration.database)


@pytest.fixture
def other_server(folder: Path) -> Iterator[Server]:
    """A server of this test alone, which it may stop, start and kill."""
    yield from running(Server(binaries(18), folder / f"other{next(_numbers)}"))


@pytest.fixture
def elsewhere(
    other_server: Server,
    source: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Migration:
    """A migration into that server."""
    return Migration(other_server, source, instance, monkeypatch)


@pytest.fixture
def role(migration: Migration) -> Iterator[str]:
    """Logs the migration in as a role that owns nothing and was granted nothing."""
    name = f"clerk_{migration.database}"
    administer(migration, f"CREATE ROLE {name} LOGIN PASSWORD '{ROLE_PASSWORD}'")
    migration.setenv(DATABASE_URL=migration.server.url(migration.database, name, ROLE_PASSWORD))
    yield name
    administer(migration, f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.fixture
def preparation(migration: Migration) -> Preparation:
    """A role and a database to be made, whose names must be quoted."""
    return prepared(migration)


@pytest.fixture
def alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A user who has nothing: no Bizy, no server; everything goes into one folder."""
    path = Path(tempfile.mkdtemp(dir=folder))
    path.chmod(0o755)
    monkeypatch.setenv("HOME", str(path))
    monkeypatch.setenv("BIZY_HOME", str(path / "bizy"))
    yield path
    stop_embedded_server(embedded_cluster_folder(path / "bizy"))
