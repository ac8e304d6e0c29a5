"""Fixtures: servers, a database for each test, and a migration to run on it."""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg2
import pytest
from sqlalchemy import make_url

from bizy_assets.cli import SAMPLE, SAMPLE_ZONE
from bizy_assets.definitions import defs
from bizy_assets.runtime import failures
from bizy_assets.runtime.failures import RETRIES
from bizy_assets_tests.servers import Server, binaries, installed

CHECKOUT = Path(__file__).parent.parent
VARIABLES = (
    "SQLITE_DB_PATH", "BUSINESS_AGENT_DB", "DATABASE_URL", "DAGSTER_POSTGRES_URL", "DAGSTER_HOME",
    "BIZY_SOURCE_TIMEZONE", "BIZY_TASKS_LOCAL_SINCE", "BIZY_ON_BAD_ROW", "BIZY_BACKUP_DIR",
    "BIZY_HOME", "BIZY_KEEP_BACKUPS", "BIZY_LOCK_WAIT_SECONDS", "BIZY_IGNORE_COLUMNS",
    "DEFAULT_USER_EMAIL", "DEFAULT_USER_USERNAME", "DEFAULT_USER_ID", "BIZY_POSTGRES_ADMIN_URL",
    "TZ",
)  # fmt: skip
ADOPT = {"resources": {"target": {"config": {"adopt": True}}}}

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


def pytest_report_header(config: pytest.Config) -> str:
    """Says which server the tests run on."""
    return f"PostgreSQL: {installed(config.getoption('--postgres'))}"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Starts every test from an environment that configures nothing but a home of its own."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BIZY_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets jobs in this process try again at once; those in processes of their own do pause."""
    at_once = dg.RetryPolicy(max_retries=RETRIES.max_retries)
    monkeypatch.setattr(failures, "RETRIES", at_once)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that another account may enter, for servers; pytest closes its own to others."""
    with tempfile.TemporaryDirectory(prefix="bizy-tests-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def version(request: pytest.FixtureRequest) -> int:
    """The major version of the server that most tests use: 18, unless told otherwise."""
    return int(request.config.getoption("--postgres"))


@pytest.fixture(scope="session")
def server(folder: Path, version: int) -> Iterator[Server]:
    """The server that most tests use."""
    yield from running(Server(installed(version), folder / "server"))


@pytest.fixture(scope="session")
def older_server(folder: Path) -> Iterator[Server]:
    """A server of another major version: PostgreSQL 16."""
    yield from running(Server(binaries(16), folder / "16"))


def running(server: Server) -> Iterator[Server]:
    """Runs a server for as long as a fixture lasts."""
    server.start("fsync=off")
    yield server
    server.stop()


@dataclass
class Outcome:
    """What a job did."""

    success: bool
    sentences: list[str]
    result: dg.ExecuteInProcessResult
    instance: dg.DagsterInstance

    def metadata(self, asset: str) -> dict[str, Any]:
        event = self.instance.get_latest_materialization_event(dg.AssetKey(asset))
        assert event is not None
        assert event.asset_materialization is not None
        return {name: value.value for name, value in event.asset_materialization.metadata.items()}

    def checks(self) -> dict[tuple[str, str], Any]:
        return {
            (event.asset_key.to_user_string(), event.check_name): event
            for event in self.result.get_asset_check_evaluations()
        }

    def retries(self) -> list[str]:
        """Returns which steps were tried again, each as often as it was."""
        again = dg.DagsterEventType.STEP_UP_FOR_RETRY
        return [str(e.step_key) for e in self.result.all_events if e.event_type is again]


class Migration:
    """A source, a target of its own, and Dagster's jobs between them."""

    def __init__(
        self,
        server: Server,
        source: Path,
        instance: dg.DagsterInstance,
        monkeypatch: pytest.MonkeyPatch,
        template: str = "template1",
    ) -> None:
        self.server = server
        self.source = source
        self.instance = instance
        self.database = f"test{next(_numbers)}"
        self._monkeypatch = monkeypatch
        self.setenv(
            DATABASE_URL=server.create_database(self.database, template=template),
            SQLITE_DB_PATH=str(source),
            BIZY_SOURCE_TIMEZONE=SAMPLE_ZONE,
        )

    def setenv(self, **values: str) -> None:
        for name, value in values.items():
            self._monkeypatch.setenv(name, value)

    def run(self, job: str = "migrate", **options: Any) -> Outcome:
        """Runs a job in this process, as the UI would run it in another."""
        result = defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, raise_on_error=False, **options
        )
        return Outcome(
            success=result.success,
            sentences=_sentences(result),
            result=result,
            instance=self.instance,
        )

    def migrate(self) -> Outcome:
        outcome = self.run("migrate")
        assert outcome.success, outcome.sentences
        return outcome

    def materialize(self, *assets: str) -> Outcome:
        """Runs some of the assets and their checks, as a user may from the UI."""
        return self.run("migrate", asset_selection=[dg.AssetKey(asset) for asset in assets])

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Runs a statement on the target and commits it."""
        connection = psycopg2.connect(os.environ["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        return self.query(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")

    def tables(self) -> set[str]:
        return {
            f"{schema}.{name}"
            for schema, name in self.query(
                "SELECT schemaname, tablename FROM pg_tables "
                "WHERE schemaname IN ('public', 'bizy_migration')"
            )
        }


def _sentences(result: dg.ExecuteInProcessResult) -> list[str]:
    """Returns what each failed step says to the user."""
    found = []
    for event in result.all_events:
        if event.event_type is dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data.user_failure_data
            error = event.step_failure_data.error
            found.append(failure.description if failure else str(error))
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The larger sample, in a folder of its own."""
    (tmp_path / "laptop").mkdir()
    return Path(shutil.copy2(SAMPLE, tmp_path / "laptop" / "tasks.db"))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A history of its own, in memory."""
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def migration(
    server: Server, source: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> Migration:
    """A migration of the larger sample into an empty database."""
    return Migration(server, source, instance, monkeypatch)


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


@dataclass
class Command:
    """A finished process."""

    status: int
    out: str
    error: str


def run_command(*arguments: str, cwd: Path = CHECKOUT, **variables: str) -> Command:
    """Runs one of the environment's programs, as a user would."""
    program = Path(sys.executable).with_name(arguments[0])
    done = subprocess.run(
        [program, *arguments[1:]],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return Command(done.returncode, done.stdout, done.stderr)


def run_job(job: str = "migrate", **variables: str) -> Command:
    """Runs a job by ``dagster job execute`` in the checkout."""
    return run_command(
        "dagster", "job", "execute", "-m", "bizy_assets.definitions", "-j", job, **variables
    )


def history_of(server: Server) -> str:
    """Makes a database for Dagster's history, and returns its address."""
    return server.create_database(f"history{next(_numbers)}")


def password_of(url: str) -> str:
    """Returns the password in an address."""
    return str(make_url(url).password)
