"""The job ``provision``: creates missing roles, databases and privileges, and tests them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.server.provisioning import ProvisionStep, provision
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.preparations import Preparation, as_role, prepared, rows
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server, binaries, running

VERSIONS = [version for version in (18, 16, 15, 14, 13) if binaries(version).exists()]
NEWEST, *BETWEEN, OLDEST = VERSIONS


@pytest.fixture(scope="module")
def servers(folder: Path, server: Server, older_server: Server) -> Iterator[dict[int, Server]]:
    """A server of every version that this machine has."""
    started = {version: Server(binaries(version), folder / f"provision-{version}")
               for version in VERSIONS if version not in (18, 16)}  # fmt: skip
    keepers = [running(other) for other in started.values()]
    for keeper in keepers:
        next(keeper)
    yield {18: server, 16: older_server, **started}
    for keeper in keepers:
        next(keeper, None)


@pytest.fixture(
    params=[
        *(NEWEST, OLDEST),
        *exhaustive(*BETWEEN),
    ]
)
def everywhere(
    request: pytest.FixtureRequest,
    servers: dict[int, Server],
    source: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Preparation:
    """A role and a database to be made, on a server of each version."""
    return prepared(Migration(servers[request.param], source, instance, monkeypatch))


@pytest.mark.parametrize("attributes", ["SUPERUSER", "CREATEROLE CREATEDB"])
def test_a_new_server_is_made_ready_and_again_nothing_changes(
    everywhere: Preparation, attributes: str
) -> None:
    admin = everywhere.assistant(attributes)
    role, database = everywhere.role, everywhere.database
    where = f"127.0.0.1:{everywhere.server.port}"
    made = everywhere.steps(admin)
    assert made.pop("server").endswith(f" answers at {where}/postgres")
    assert made == {
        "role": f"created role {role!r} with the password of DATABASE_URL",
        "database": f"created UTF8 database {database!r}, owned by {role!r}",
        "rights on the database": (
            f"role {role!r} has CONNECT, CREATE, TEMPORARY on database {database!r}"
        ),
        "rights on the schema": f"role {role!r} has USAGE, CREATE on schema 'public'",
        "connection": f"role {role!r} can connect to {where}/{database}; migrate can run",
        "changes": 2,
    }
    before = everywhere.state()
    again = everywhere.steps(admin)
    assert again["role"] == f"found role {role!r}"
    assert again["database"] == f"found database {database!r}, owned by {role!r}"
    assert again["changes"] == 0
    assert everywhere.state() == before
    everywhere.migration.migrate("goals", "tasks")
    assert everywhere.steps(admin)["changes"] == 0


def test_the_role_gets_no_more_than_it_needs(everywhere: Preparation) -> None:
    admin = everywhere.assistant("CREATEROLE CREATEDB")
    everywhere.steps(admin)
    assert as_role(
        everywhere.url,
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls "
        "FROM pg_roles WHERE rolname = current_user",
    ) == [(False, False, False, False, False)]
    # Whoever made the role may give it away from PostgreSQL 16 on, but does not act for it.
    way = "SET" if int(as_role(admin, "SHOW server_version_num")[0][0]) >= 160000 else "MEMBER"
    quoted = everywhere.role.replace("'", "''")
    assert as_role(admin, f"SELECT pg_has_role('{quoted}', '{way}')") == [(False,)]
    [(verifier,)] = rows(
        everywhere.server,
        "postgres",
        f"SELECT rolpassword FROM pg_authid WHERE rolname = '{quoted}'",
    )
    assert verifier.startswith("SCRAM-SHA-256$")


def test_privileges_on_a_database_of_another_role_are_granted(everywhere: Preparation) -> None:
    everywhere.administer("CREATE DATABASE {database}")
    everywhere.administer("REVOKE ALL ON DATABASE {database} FROM public")
    everywhere.administer("REVOKE ALL ON SCHEMA public FROM public", everywhere.database)
    made = everywhere.steps()
    role, database = everywhere.role, everywhere.database
    assert made["database"] == f"found database {database!r}, owned by 'chief'"
    assert made["rights on the database"] == (
        f"granted CONNECT, CREATE, TEMPORARY on database {database!r} to role {role!r}"
    )
    assert made["rights on the schema"] == (
        f"granted USAGE, CREATE on schema 'public' to role {role!r}"
    )
    assert made["changes"] == 3
    assert everywhere.steps()["changes"] == 0
    everywhere.migration.migrate("goals", "tasks")


def test_privileges_on_a_schema_of_another_role_are_granted(preparation: Preparation) -> None:
    preparation.steps()
    preparation.administer("ALTER SCHEMA public OWNER TO chief", preparation.database)
    made = preparation.steps()
    assert made["rights on the schema"] == (
        f"granted CREATE on schema 'public' to role {preparation.role!r}"
    )
    assert made["changes"] == 1
    preparation.migration.migrate("goals", "tasks")


def test_a_schema_that_was_dropped_is_made_again(preparation: Preparation) -> None:
    preparation.steps()
    preparation.administer("DROP SCHEMA public", preparation.database)
    assert preparation.steps()["rights on the schema"].startswith("granted USAGE, CREATE on")
    preparation.migration.migrate("goals", "tasks")


def test_a_database_that_shuts_its_administrator_out_needs_nothing(
    preparation: Preparation,
) -> None:
    admin = preparation.assistant("CREATEROLE CREATEDB")
    preparation.steps(admin)
    preparation.administer("REVOKE CONNECT ON DATABASE {database} FROM public")
    assert preparation.steps(admin)["changes"] == 0


def test_change_password_sets_the_password(everywhere: Preparation) -> None:
    admin = everywhere.assistant("CREATEROLE CREATEDB")
    everywhere.steps(admin)
    everywhere.administer("ALTER ROLE {role} PASSWORD 'another'")
    found = everywhere.steps(admin, change_password=True)
    assert found["password"] == f"changed the password of role {everywhere.role!r}"
    assert found["changes"] == 1
    before = everywhere.state()
    assert everywhere.steps(admin, change_password=True)["changes"] == 0
    assert everywhere.state() == before
    everywhere.migration.migrate("goals", "tasks")


def test_the_administrators_database_may_store_text_otherwise(preparation: Preparation) -> None:
    name = f"ascii_{preparation.migration.database}"
    preparation.administer(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    )
    assert preparation.steps(preparation.server.url(name))["changes"] == 2


@pytest.mark.exhaustive
def test_a_server_of_another_encoding_gets_a_database_for_utf8(
    folder: Path, source: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    ascii_server = Server(binaries(18), folder / "ascii", encoding="SQL_ASCII")
    for server in running(ascii_server):
        preparation = prepared(Migration(server, source, instance, monkeypatch))
        # As on a machine whose locale belongs to an encoding of its own.
        preparation.administer(
            "UPDATE pg_database SET datcollate = 'de_DE.ISO-8859-1', "
            "datctype = 'de_DE.ISO-8859-1' WHERE datname = 'template0'"
        )
        assert preparation.steps()["changes"] == 2
        preparation.migration.migrate("goals", "tasks")


def test_the_second_of_two_at_once_finds_what_the_first_made(preparation: Preparation) -> None:
    admin = parse_url(preparation.server.url("postgres"), variable="BIZY_POSTGRES_ADMIN_URL")
    wanted = parse_url(preparation.url, variable="DATABASE_URL")

    def provisioned() -> Iterator[ProvisionStep]:
        return provision(admin, wanted, change_password=False, lock_wait_seconds=60)

    found: list[ProvisionStep] = []
    first = provisioned()
    next(first)
    second = threading.Thread(target=lambda: found.extend(provisioned()))
    second.start()
    until(
        lambda: rows(
            preparation.server,
            "postgres",
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
        )
    )
    assert sum(step.changed for step in first) == 2
    second.join()
    assert found[-1].name == "connection"
    assert not any(step.changed for step in found)
