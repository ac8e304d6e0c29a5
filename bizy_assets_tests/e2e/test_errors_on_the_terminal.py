"""What a user sees who runs ``dagster job execute``: the sentence, exit 1, and no traceback."""

import re

import pytest

from bizy_assets_tests.support.commands import Command, run_job
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import everything
from bizy_assets_tests.support.servers import history_of

SECRET = "walrus-9127-umbrella"


def failed(migration: Migration, sentence: str, **variables: str) -> Command:
    """Runs the job in a process of its own, which must fail with this sentence alone."""
    before = everything(migration)
    done = run_job(**variables)
    assert done.status == 1
    assert sentence in done.error
    assert "Traceback" not in done.error + done.out
    assert not re.search(r'^  File "', done.error, re.MULTILINE)
    for secret in (SECRET, migration.server.password):
        assert secret not in done.error + done.out
    assert everything(migration) == before
    return done


def test_a_missing_source(migration: Migration) -> None:
    migration.source.unlink()
    done = failed(
        migration,
        f"There is no file {migration.source}; set SQLITE_DB_PATH to the Bizy database to migrate.",
        DAGSTER_POSTGRES_URL=history_of(migration.server),
    )
    assert re.search(r"Run migrate failed after .+\.$", done.error, re.MULTILINE)
    assert done.error.count("There is no file") == 1


@pytest.mark.parametrize(
    ("user", "password", "sentence"),
    [
        pytest.param(
            "chief",
            SECRET,
            "has no role 'chief' with the password given",
            marks=pytest.mark.exhaustive,
        ),
        (
            "chief:mostly@" + SECRET,
            "",
            "DATABASE_URL cannot be read reliably as a connection URL",
        ),
    ],
)
def test_a_target_that_refuses(
    migration: Migration, user: str, password: str, sentence: str
) -> None:
    address = f"postgresql://{user}:{password}@127.0.0.1:{migration.server.port}/bizy"
    done = failed(
        migration,
        sentence,
        DATABASE_URL=address,
        DAGSTER_POSTGRES_URL=history_of(migration.server),
    )
    assert "mostly" not in done.error


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        pytest.param(
            f"postgresql://chief:{SECRET}@127.0.0.1:1/dagster",
            "PostgreSQL at 127.0.0.1:1/dagster cannot be reached",
            marks=pytest.mark.exhaustive,
        ),
        (
            f"postgresql://chief:{SECRET}@127.0.0.1:PORT/dagster",
            "has no role 'chief' with the password given; correct role and password in "
            "DAGSTER_POSTGRES_URL.",
        ),
        pytest.param(
            f"mysql://chief:{SECRET}@127.0.0.1/dagster",
            "DAGSTER_POSTGRES_URL is not the connection URL of a PostgreSQL database",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_history_that_refuses(migration: Migration, address: str, sentence: str) -> None:
    address = address.replace("PORT", str(migration.server.port))
    done = failed(migration, sentence, DAGSTER_POSTGRES_URL=address)
    assert re.search(r"^Error: .*\.$", done.error, re.MULTILINE)
