"""The errors of ``provision``: their messages, and that the server is unchanged."""

import re
import socket

import pytest
from sqlalchemy import make_url

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.connection import require_version
from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.support.backends import make_backend_tables
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.preparations import (
    SECRET,
    Preparation,
    failure_metadata,
    output_metadata,
    prepared,
    rows,
    sentence,
)
from bizy_assets_tests.support.roles import administer
from bizy_assets_tests.support.servers import Server


def advice(said: str) -> str:
    """Return the statement that an error message recommends."""
    found = re.search(r"run: (.*)\.$", said)
    assert found is not None
    return found[1].replace("{", "{{").replace("}", "}}")


def test_a_server_that_does_not_run(preparation: Preparation) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        said = preparation.refused(
            f"postgresql://chief:{preparation.server.password}@127.0.0.1:{port}/postgres",
            f"postgresql://clerk:otter-3141@localhost:{port}/bizy",
        )
    assert f"PostgreSQL at 127.0.0.1:{port}/postgres cannot be reached" in said
    assert "start the server, or correct host and port in BIZY_POSTGRES_ADMIN_URL." in said


def test_a_wrong_password_of_the_administrator(preparation: Preparation) -> None:
    said = preparation.refused(preparation.server.url("postgres", password="otter-3141"))
    assert "has no role 'chief' with the password given" in said
    assert "correct role and password in BIZY_POSTGRES_ADMIN_URL." in said


def test_a_missing_admin_url(migration: Migration) -> None:
    outcome = migration.run("provision")
    assert sentence(outcome, migration.server) == (
        "BIZY_POSTGRES_ADMIN_URL is not set; set it to the connection URL of a role that may "
        "create roles and databases, like postgresql://postgres:password@localhost:5432/postgres."
    )


def test_the_embedded_server_needs_no_provisioning(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    [said] = migration.run("provision").sentences
    assert said.startswith("DATABASE_URL is not set, so the target is the embedded server")


def test_urls_that_are_invalid(preparation: Preparation) -> None:
    said = preparation.refused("mysql://chief:otter-3141@127.0.0.1/mysql")
    assert said.startswith(
        "BIZY_POSTGRES_ADMIN_URL is not the connection URL of a PostgreSQL database"
    )
    said = preparation.refused(url="mysql://chief:otter-3141@127.0.0.1/mysql")
    assert said.startswith("DATABASE_URL is not the connection URL of a PostgreSQL database")


@pytest.mark.parametrize("place", ["127.0.0.1:1", "db.example.org:PORT"])
def test_urls_of_two_servers(preparation: Preparation, place: str) -> None:
    port = preparation.server.port
    place = place.replace("PORT", str(port))
    said = preparation.refused(url=f"postgresql://clerk:otter-3141@{place}/bizy")
    assert said == (
        "BIZY_POSTGRES_ADMIN_URL and DATABASE_URL name different servers, but provision prepares "
        "the server that the migration uses; set the same host and port in both."
    )


@pytest.mark.parametrize("made", [False, True])
def test_a_socket_and_a_port_of_two_servers(
    preparation: Preparation, older_server: Server, made: bool
) -> None:
    if made:
        preparation.steps()
    # The port has the same number, but the socket is another server's.
    link = older_server.folder / f".s.PGSQL.{preparation.server.port}"
    link.symlink_to(f".s.PGSQL.{older_server.port}")
    where = f"host={older_server.folder}&port={preparation.server.port}"
    try:
        said = preparation.refused(f"postgresql://chief:{older_server.password}@/postgres?{where}")
    finally:
        link.unlink()
    assert said == (
        "BIZY_POSTGRES_ADMIN_URL and DATABASE_URL lead to two different servers; set the same "
        "host and port in both."
    )
    roles = [name for (name,) in rows(older_server, "postgres", "SELECT rolname FROM pg_roles")]
    assert (preparation.role in roles) is not made


@pytest.mark.parametrize(
    ("role", "database", "fault"),
    [
        ("", "bizy", "the role '', which PostgreSQL does not accept (it is empty)"),
        ("pg_bizy", "bizy", "(it is reserved)"),
        ("public", "bizy", "(it is reserved)"),
        ("ü" * 32, "bizy", "(it has 64 bytes, more than the maximum of 63)"),
        ("bizy", "b" * 64, "the database '" + "b" * 64 + "'"),
        ("bizy", "bi\nzy", "(it contains unprintable characters)"),
    ],
)
def test_a_name_that_postgresql_does_not_accept(
    preparation: Preparation, role: str, database: str, fault: str
) -> None:
    url = preparation.server.url(database, role, SECRET)
    said = preparation.refused(url=url)
    assert said.startswith("DATABASE_URL names the ")
    assert fault in said
    assert said.endswith("; choose another name.")


def test_the_longest_name_is_one(migration: Migration) -> None:
    name = "ü" * 28 + migration.database[-7:]
    Preparation(migration, name, name).steps()


def test_a_role_with_another_password(preparation: Preparation) -> None:
    preparation.administer("CREATE ROLE {role} LOGIN PASSWORD 'another'")
    said = preparation.refused()
    assert f"The role {preparation.role!r} exists at 127.0.0.1" in said
    assert "run provision with change_password: true to set that password" in said
    assert preparation.steps(change_password=True)["changes"] == 2


@pytest.mark.parametrize("change", [False, True])
def test_a_role_that_may_not_log_in(preparation: Preparation, change: bool) -> None:
    preparation.administer("CREATE ROLE {role} NOLOGIN")
    said = preparation.refused(change_password=change)
    assert "and may not log in (NOLOGIN); name another role in DATABASE_URL" in said
    preparation.administer(advice(said))
    preparation.steps(change_password=True)


def test_a_role_whose_password_has_expired(preparation: Preparation) -> None:
    preparation.steps()
    preparation.administer("ALTER ROLE {role} VALID UNTIL '2020-01-01'")
    said = preparation.refused(change_password=True)
    assert "has an expired password; name another role in DATABASE_URL" in said
    preparation.administer(advice(said))
    assert preparation.steps()["changes"] == 0


def test_a_role_without_a_password(preparation: Preparation) -> None:
    bare = make_url(preparation.url)._replace(password=None).render_as_string()
    outcome = preparation.run(url=bare)
    assert failure_metadata(outcome)["role"] == (
        f"created role {preparation.role!r} with no password"
    )
    assert f"requires a password for role {preparation.role!r}, but DATABASE_URL has none" in (
        sentence(outcome, preparation.server)
    )
    assert "change_password: true" in preparation.refused()
    assert preparation.steps(change_password=True)["changes"] == 1
    preparation.migration.migrate("goals", "tasks")


def test_an_administrator_who_may_not_create_roles_or_databases(preparation: Preparation) -> None:
    admin = preparation.assistant("")
    name = make_url(admin).username
    said = preparation.refused(admin)
    assert f"The role '{name}' of BIZY_POSTGRES_ADMIN_URL may not create roles at" in said
    assert advice(said) == f'ALTER ROLE "{name}" CREATEROLE'
    preparation.administer(advice(said))
    preparation.run(admin)
    said = preparation.refused(admin)
    assert f"The role '{name}' of BIZY_POSTGRES_ADMIN_URL may not create databases at" in said
    assert advice(said) == f'ALTER ROLE "{name}" CREATEDB'
    preparation.administer(advice(said))
    assert preparation.steps(admin)["changes"] == 1


def test_an_administrator_who_may_not_act_for_the_role(migration: Migration) -> None:
    preparation = prepared(migration)
    admin = preparation.assistant("CREATEROLE CREATEDB")
    preparation.administer("CREATE ROLE {role} LOGIN PASSWORD 'another'")
    said = preparation.refused(admin, change_password=True)
    assert "lacks a privilege on" in said
    assert "set another role in BIZY_POSTGRES_ADMIN_URL" in said
    made = output_metadata(preparation.run(change_password=True))
    assert made["changes"] == 2
    preparation.administer("DROP DATABASE {database}")
    said = preparation.refused(admin)
    assert f"may not make role {preparation.role!r} the owner of a database at" in said
    preparation.administer(advice(said))
    assert preparation.steps(admin)["changes"] == 1


def test_an_administrator_who_may_not_grant(preparation: Preparation) -> None:
    admin = preparation.assistant("CREATEROLE CREATEDB")
    preparation.administer("CREATE DATABASE {database}")
    outcome = preparation.run(admin)
    said = sentence(outcome, preparation.server)
    database = preparation.database.replace('"', '""')
    assert f"may not grant privileges on database {preparation.database!r} at" in said
    assert advice(said).startswith(f'GRANT CREATE ON DATABASE "{database}" TO ')
    assert preparation.refused(admin) == said
    preparation.administer(advice(said))
    said = preparation.refused(admin)
    assert "may not grant privileges on schema 'public' at" in said
    preparation.administer(advice(said), preparation.database)
    assert preparation.steps(admin)["changes"] == 0
    preparation.migration.migrate("goals", "tasks")


def test_a_database_of_another_encoding(preparation: Preparation) -> None:
    preparation.administer(
        "CREATE DATABASE {database} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    )
    said = preparation.refused()
    assert "stores text as SQL_ASCII, which cannot represent every character" in said


def test_a_template(preparation: Preparation) -> None:
    url = preparation.server.url("template1", preparation.role, SECRET)
    said = preparation.refused(url=url)
    assert "is a template for new databases; name another database in DATABASE_URL" in said


def test_tables_of_another_role(migration: Migration) -> None:
    preparation = Preparation(migration, f"clerk_{migration.database}", migration.database)
    make_backend_tables(migration)
    said = sentence(preparation.run(), migration.server)
    assert f"The role '{preparation.role}' does not own the table users" in said
    assert "run the migration as the role that the backend uses" in said
    for table in PUBLIC_METADATA.tables:
        administer(migration, f"ALTER TABLE {table} OWNER TO {preparation.role}")
    assert preparation.steps()["changes"] == 0
    migration.migrate("goals", "tasks")


def test_a_version_that_is_too_old() -> None:
    url = make_url("postgresql://chief:otter-3141@localhost/bizy")
    require_version(130000, url)
    with pytest.raises(TargetError) as caught:
        require_version(120022, url)
    assert str(caught.value) == (
        "PostgreSQL at localhost:5432/bizy is version 12; bizy-assets needs 13 or newer."
    )
