"""A PostgreSQL that cannot be migrated into: what a user is told, and that nothing is written."""

import re
import socket

import psycopg2
import pytest
from psycopg2 import sql

from bizy_assets.core.common import user_command
from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backends import make_backend_tables
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import refused, sentence_of
from bizy_assets_tests.support.roles import ROLE_PASSWORD, administer, advice


def test_no_server(migration: Migration) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        migration.setenv(DATABASE_URL=f"postgresql://clerk:{ROLE_PASSWORD}@127.0.0.1:{port}/bizy")
        sentence = refused(migration)
    assert f"PostgreSQL at 127.0.0.1:{port}/bizy cannot be reached" in sentence
    assert "start the server, or correct host and port in DATABASE_URL" in sentence


def test_an_unknown_host(migration: Migration) -> None:
    migration.setenv(DATABASE_URL=f"postgresql://clerk:{ROLE_PASSWORD}@no-such-host.invalid/bizy")
    sentence = refused(migration)
    # A password may be in the place of the host.
    assert "no-such-host" not in sentence
    assert "cannot be reached, because the host in DATABASE_URL is unknown" in sentence


@pytest.mark.parametrize("user", ["chief", "no_such_role"])
def test_a_wrong_password_or_role(migration: Migration, user: str) -> None:
    migration.setenv(DATABASE_URL=migration.server.url(migration.database, user, ROLE_PASSWORD))
    sentence = refused(migration)
    where = f"127.0.0.1:{migration.server.port}/{migration.database}"
    assert f"PostgreSQL at {where} has no role '{user}' with the password given" in sentence
    assert "correct role and password in DATABASE_URL" in sentence


def test_no_password(migration: Migration) -> None:
    port = migration.server.port
    migration.setenv(DATABASE_URL=f"postgresql://chief@127.0.0.1:{port}/{migration.database}")
    assert "has no role 'chief' with the password given" in refused(migration)


def test_a_missing_database(migration: Migration) -> None:
    migration.setenv(DATABASE_URL=migration.server.url("password_of_nothing"))
    sentence = refused(migration)
    assert "The database 'password_of_nothing' does not exist" in sentence
    assert "create it (createdb password_of_nothing) or name another one in" in sentence


def test_a_role_that_is_not_let_in(migration: Migration, role: str) -> None:
    administer(migration, f"REVOKE CONNECT ON DATABASE {migration.database} FROM public")
    sentence = refused(migration)
    assert f"rejects role '{role}'" in sentence
    assert "permission denied for database" in sentence


@pytest.mark.core
def test_a_role_without_rights_is_told_each_one_and_then_succeeds(
    migration: Migration, role: str
) -> None:
    administer(migration, f"REVOKE TEMPORARY ON DATABASE {migration.database} FROM public")
    wanted = (
        f"may not create the tables {', '.join(t.name for t in PUBLIC_METADATA.sorted_tables)} "
        "in schema public",
        "may not create temporary tables",
        "may not create the schema bizy_migration",
    )
    for problem in wanted:
        sentence = refused(migration)
        assert f"The role '{role}' {problem}" in sentence
        assert ROLE_PASSWORD not in sentence
        administer(migration, advice(sentence))
    migration.prove()


def test_a_database_without_the_schema_public(migration: Migration, role: str) -> None:
    administer(migration, "DROP SCHEMA public")
    sentence = refused(migration)
    assert "has no schema public, where the backend's tables are" in sentence
    statement = re.search(r"run: (.*)\.$", sentence)
    assert statement is not None
    administer(migration, statement[1])
    administer(migration, f"GRANT CREATE ON DATABASE {migration.database} TO {role}")
    migration.prove("goals", "tasks")


def test_a_role_that_may_only_read(migration: Migration, role: str) -> None:
    administer(migration, f"GRANT ALL ON DATABASE {migration.database} TO {role}")
    administer(migration, f"GRANT ALL ON SCHEMA public TO {role}")
    administer(migration, f"ALTER ROLE {role} SET default_transaction_read_only = on")
    sentence = refused(migration)
    assert f"Transactions of the role '{role}' in 127.0.0.1" in sentence
    statement = re.search(r"run: (.*?);", sentence)
    assert statement is not None
    administer(migration, statement[1])
    migration.prove("goals", "tasks")


def test_a_standby(elsewhere: Migration) -> None:
    server = elsewhere.server
    server.stop()
    standby = server.data / "standby.signal"
    standby.touch()
    server.start("fsync=off")
    outcome = elsewhere.run()
    server.stop()
    standby.unlink()
    server.start("fsync=off")
    [sentence] = outcome.sentences
    assert "is a standby, which accepts no writes; set DATABASE_URL to the primary" in sentence


def test_tables_that_belong_to_another_role(migration: Migration, role: str) -> None:
    make_backend_tables(migration)
    administer(migration, f"GRANT CREATE ON DATABASE {migration.database} TO {role}")
    administer(migration, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    sentence = refused(migration)
    assert f"The role '{role}' does not own the table users" in sentence
    assert "run the migration as the role that the backend uses" in sentence


def test_a_schema_of_ours_that_belongs_to_another_role(migration: Migration, role: str) -> None:
    administer(migration, "CREATE SCHEMA bizy_migration")
    administer(migration, f"GRANT CREATE ON SCHEMA public TO {role}")
    sentence = refused(migration)
    assert (
        f"The schema bizy_migration of the target belongs to the role 'chief', not to '{role}'"
        in sentence
    )
    assert "run the migration as the role that ran it before" in sentence


@pytest.mark.parametrize(
    ("change", "problem", "remedy"),
    [
        (
            "ALTER TABLE tasks DROP COLUMN notes",
            "Table tasks of the target has no column notes (text)",
            "apply the backend's own migrations",
        ),
        (
            "ALTER TABLE users DROP COLUMN is_verified",
            "Table users of the target has no column is_verified (boolean)",
            "apply the backend's own migrations",
        ),
        (
            "ALTER TABLE goals ALTER COLUMN title TYPE text",
            "Column title of the target's table goals has type text, "
            "expected character varying(500)",
            "change the column or use an empty database",
        ),
        (
            "ALTER TABLE goals ALTER COLUMN created_at TYPE timestamptz",
            "has type timestamp with time zone, expected timestamp without time zone",
            "change the column or use an empty database",
        ),
        (
            "ALTER TABLE tasks ALTER COLUMN project_name TYPE varchar(20)",
            "Column project_name of the target's table tasks has type character varying(20)",
            "change the column or use an empty database",
        ),
        (
            "ALTER TABLE tasks ADD COLUMN weight integer NOT NULL",
            "Column weight of the target's table tasks is NOT NULL without a default",
            "give it a default",
        ),
        (
            "ALTER TABLE tasks DROP CONSTRAINT tasks_pkey",
            "Table tasks of the target has no primary key on id alone",
            "add it",
        ),
        (
            "DROP TABLE tasks; CREATE VIEW tasks AS SELECT * FROM goals",
            "public.tasks of the target is not a table",
            "use an empty database",
        ),
    ],
)
def test_a_table_that_is_something_else(
    migration: Migration, change: str, problem: str, remedy: str
) -> None:
    make_backend_tables(migration)
    administer(migration, change)
    sentence = refused(migration)
    assert problem in sentence
    assert remedy in sentence


def test_a_column_that_demands_what_bizy_does_not_have(migration: Migration) -> None:
    make_backend_tables(migration)
    administer(migration, "ALTER TABLE tasks ALTER COLUMN completed_at SET NOT NULL")
    outcome = migration.run()
    assert not outcome.success
    sentence = sentence_of(migration, outcome.sentences)
    assert 'null value in column "completed_at"' in sentence
    assert migration.query("SELECT count(*) FROM tasks") == [(0,)]


def test_an_unknown_column_that_may_be_left_out_is_no_problem(migration: Migration) -> None:
    make_backend_tables(migration)
    administer(migration, "ALTER TABLE tasks ADD COLUMN weight integer NOT NULL DEFAULT 7")
    administer(migration, "ALTER TABLE goals ADD COLUMN colour text")
    migration.prove("goals", "tasks")
    assert migration.query("SELECT DISTINCT weight FROM tasks") == [(7,)]


@pytest.mark.core
def test_the_columns_that_the_backend_lacks_are_added(migration: Migration) -> None:
    make_backend_tables(migration)
    for table in ("goals", "tasks"):
        administer(migration, f"ALTER TABLE {table} DROP COLUMN project_name")
        administer(migration, f"ALTER TABLE {table} DROP COLUMN repository_path")
    migration.prove("goals", "tasks")
    columns = ("id", "project_name", "repository_path")
    for table in ("goals", "tasks"):
        assert migration.rows(table, *columns) == bizy_files.rows(migration.source, table, *columns)


@pytest.mark.parametrize(("table", "number"), [("goals", 2), ("tasks", 5)])
def test_a_row_of_another_owner_under_the_same_id(
    migration: Migration, table: str, number: int
) -> None:
    make_backend_tables(migration)
    administer(
        migration,
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (99, 'eve@example.org', 'eve', '', now(), now())",
    )
    connection = psycopg2.connect(migration.server.url(migration.database))
    with connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO {} (id, user_id, title, created_at, updated_at) "
                "VALUES (%s, 99, 'hers', now(), now())"
            ).format(sql.Identifier(table)),
            [number],
        )
    connection.close()
    outcome = migration.run()
    assert not outcome.success
    [sentence] = set(outcome.sentences)
    assert f"Table {table} in 127.0.0.1" in sentence
    assert f"has rows of other users with ids that Bizy uses too: {number}." in sentence
    assert "Set BIZY_ID_POLICY=move to give the rows of Bizy free ids" in sentence
    assert migration.rows(table, "id", "title", "user_id") == [(number, "hers", 99)]
    assert migration.query(
        "SELECT count(*) FROM bizy_migration.loads WHERE table_name = %s", table
    ) == [(0,)]


def test_a_taken_username_writes_no_password(migration: Migration) -> None:
    make_backend_tables(migration)
    administer(
        migration,
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (99, 'eve@example.org', 'admin', '', now(), now())",
    )
    outcome = migration.run()
    [sentence] = outcome.sentences
    assert "The username 'admin' belongs to eve@example.org" in sentence
    assert "set DEFAULT_USER_EMAIL to eve@example.org" in sentence
    assert not list(migration.source.parent.parent.glob("home/**/*.txt"))
    assert migration.query("SELECT id FROM users") == [(99,)]


def test_a_verification_before_anything_was_loaded(migration: Migration) -> None:
    before = migration.server.dump(migration.database)
    outcome = migration.run("verify")
    assert not outcome.success
    [sentence] = outcome.sentences
    assert sentence.startswith("The Bizy file was never loaded into 127.0.0.1")
    command = user_command("migrate")
    assert sentence.endswith(f"Start the job migrate (command: {command}) first.")
    assert migration.server.password not in sentence
    assert migration.server.dump(migration.database) == before
