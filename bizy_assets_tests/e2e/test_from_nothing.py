"""A new server, on which nothing is done by hand, and whose log holds every statement."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bizy_assets_tests.support.commands import run_job
from bizy_assets_tests.support.leaks import everything_in, files_below
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.owners import password_in
from bizy_assets_tests.support.preparations import SECRET, TELLTALE, as_role
from bizy_assets_tests.support.servers import Server, binaries, history_of, password_of


@pytest.fixture
def new_server(folder: Path) -> Iterator[Server]:
    """A server that nobody used before, which writes down all that it is told."""
    server = Server(binaries(18), Path(tempfile.mkdtemp(prefix="new", dir=folder)))
    server.start("fsync=off", "log_statement=all", "log_connections=on")
    yield server
    server.stop()


@pytest.mark.parametrize(
    "jobs",
    [
        ("provision", "migrate", "reset_admin_password"),
        pytest.param(
            ("provision", "migrate", "reset_admin_password", "provision", "verify"),
            marks=pytest.mark.exhaustive,
        ),
    ],
    ids=len,
)
def test_provision_then_migrate_works_and_no_log_holds_a_password(
    new_server: Server, migration: Migration, tmp_path: Path, jobs: tuple[str, ...]
) -> None:
    kept = tmp_path / "dagster"
    kept.mkdir()
    (kept / "dagster.yaml").write_text(Path("dagster.yaml").read_text())
    url = new_server.url("bizy", "bizy", SECRET)
    history = history_of(migration.server)
    variables = {
        "DATABASE_URL": url,
        "BIZY_POSTGRES_ADMIN_URL": new_server.url("postgres"),
        "DAGSTER_POSTGRES_URL": history,
        "DAGSTER_HOME": str(kept),
    }
    passwords = {TELLTALE, new_server.password, password_of(history)}
    output = []
    for job in jobs:
        ran = run_job(job, **variables)
        assert ran.status == 0, ran.error
        output += [ran.out, ran.error]
        passwords |= {password_in(file) for file in tmp_path.glob("home/passwords/*")}
    assert as_role(url, "SELECT count(*) FROM tasks") == [(149,)]
    assert len(passwords) == 5
    log = new_server.log.read_text()
    assert "statement: CREATE ROLE" in log
    assert "PASSWORD 'SCRAM-SHA-256$" in log
    assert re.search("statement: COPY .*tasks", log)
    assert "UPDATE public.users SET" in log
    places = {
        "server's log": log,
        "output": " ".join(output),
        "history": everything_in(history),
        "files": files_below(tmp_path),
        "target": everything_in(url),
    }
    for place in ("history", "output"):
        assert "with the password of DATABASE_URL" in places[place]
    for place, text in places.items():
        for password in passwords:
            assert password not in text, place
