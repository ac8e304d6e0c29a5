"""Settings of roles and databases, which change neither what a job writes nor what it reads."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
import sqlalchemy as sa

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.connection import connect, raw_connection
from bizy_assets.core.postgres.copy_out import fetch_batches
from bizy_assets.core.postgres.urls import parse_url
from bizy_assets_tests.support import states
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.preparations import rows
from bizy_assets_tests.support.roles import administer

MANY = 1_000_000
"""Rows that another driver reads."""

SETTINGS = {
    "quote_all_identifiers": "on",
    "search_path": "nowhere",
    "standard_conforming_strings": "off",
    "backslash_quote": "off",
    "transform_null_equals": "on",
    "array_nulls": "off",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "row_security": "on",
    "check_function_bodies": "off",
    "default_table_access_method": "another",
    "default_tablespace": "forbidden",
    "temp_tablespaces": "forbidden",
    "client_encoding": "LATIN1",
    "TimeZone": "Asia/Kathmandu",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
    "xmlbinary": "hex",
    "xmloption": "document",
    "default_text_search_config": "pg_catalog.german",
    "lc_messages": "POSIX",
    "lc_monetary": "POSIX",
    "lc_numeric": "POSIX",
    "lc_time": "POSIX",
    "statement_timeout": "150",
    "lock_timeout": "1",
    "idle_in_transaction_session_timeout": "150",
}
"""A value of each that differs from what a session needs, or from PostgreSQL's default."""

LOST_CLIENT = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""What the server's socket of a session has, as PostgreSQL reads it from the socket itself."""


@pytest.fixture
def owner(migration: Migration, role: str) -> Iterator[str]:
    """A role that may migrate, and what some of the settings name."""
    url = migration.server.url(migration.database)
    with closing(psycopg2.connect(url, options="-c allow_in_place_tablespaces=on")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLESPACE forbidden LOCATION ''")
    administer(
        migration,
        "CREATE ACCESS METHOD another TYPE TABLE HANDLER heap_tableam_handler; "
        f"GRANT CREATE ON SCHEMA public TO {role}; "
        f"GRANT CREATE ON DATABASE {migration.database} TO {role}",
    )
    yield role
    administer(migration, "DROP TABLESPACE forbidden")


@contextmanager
def configured(migration: Migration, holder: str, settings: dict[str, str]) -> Iterator[None]:
    """Give a role or a database settings for a block."""
    statements = [
        f"ALTER {holder} SET {name} TO " + (value if "," in value else f"'{value}'")
        for name, value in settings.items()
    ]
    rows(migration.server, "postgres", "; ".join(statements))
    try:
        yield
    finally:
        rows(migration.server, "postgres", f"ALTER {holder} RESET ALL")


@pytest.mark.parametrize("settings", [pytest.param(SETTINGS, id="all"), *(
    pytest.param({name: value}, id=name, marks=pytest.mark.exhaustive)
    for name, value in SETTINGS.items()
)])  # fmt: skip
@pytest.mark.parametrize(
    "holder", ["ROLE {role}", pytest.param("DATABASE {database}", marks=pytest.mark.exhaustive)]
)
def test_settings_of_others_change_no_result(
    migration: Migration, owner: str, holder: str, settings: dict[str, str]
) -> None:
    holder = holder.format(role=owner, database=migration.database)
    with configured(migration, holder, settings):
        migration.load()
        outcome = migration.migrate()
        assert outcome.metadata("pg_tasks")["unchanged"] == 149
        assert migration.run("verify").success
    # The other database does not have the grant.
    administer(migration, f"REVOKE CREATE ON SCHEMA public FROM {owner}")
    assert states.of(migration) == states.of_an_undisturbed_run(migration)
    with configured(migration, holder, settings):
        assert migration.run("rollback").success
    assert migration.tables() == set()


def test_a_role_without_triggers_and_keys_is_refused(migration: Migration, role: str) -> None:
    administer(migration, f"ALTER ROLE {role} SET session_replication_role TO replica")
    url = parse_url(os.environ["DATABASE_URL"], variable="DATABASE_URL")
    with (
        pytest.raises(TargetError, match="ALTER ROLE … RESET session_replication_role"),
        connect(url, purpose="test"),
    ):
        pytest.fail("The connection was opened.")


@pytest.mark.migrated
def test_a_superuser_without_triggers_and_keys_gets_them(migration: Migration) -> None:
    migration.query(
        "INSERT INTO tasks (id, user_id, title, parent_goal_id, created_at, updated_at) "
        "SELECT 5000, id, 'theirs', 1, now(), now() FROM users"
    )
    database = migration.database
    administer(migration, f"ALTER DATABASE {database} SET session_replication_role TO replica")
    assert migration.run("rollback").success
    assert migration.rows("tasks", "id", "parent_goal_id") == [(5000, None)]


@pytest.mark.usefixtures("migration")
@pytest.mark.parametrize("place", ["URL", "PGOPTIONS"])
def test_options_of_the_user_reach_every_session_but_not_its_settings(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    options = "-c work_mem=5MB -c search_path=nowhere -c quote_all_identifiers=on"
    if place == "PGOPTIONS":
        monkeypatch.setenv("PGOPTIONS", options)
    url = parse_url(os.environ["DATABASE_URL"], variable="DATABASE_URL")
    if place == "URL":
        url = url.update_query_dict({"options": options})
    query = sa.select(
        sa.func.current_setting("work_mem").label("work_mem"),
        sa.func.current_setting("quote_all_identifiers").label("quoted"),
        sa.cast(sa.func.current_schemas(True), sa.Text).label("schemas"),
    )
    expected = {"work_mem": "5MB", "quoted": "off", "schemas": "{pg_catalog}"}
    with connect(url, purpose="test") as connection, connection.begin():
        assert connection.execute(query).mappings().one() == expected
        [batch] = fetch_batches(connection, query, expected_rows=MANY)
        assert batch.to_pylist() == [expected]


@pytest.mark.parametrize("place", ["TCP", "Unix socket"])
def test_the_server_notices_that_a_client_is_gone(migration: Migration, place: str) -> None:
    url = parse_url(os.environ["DATABASE_URL"], variable="DATABASE_URL")
    expected = LOST_CLIENT
    if place == "Unix socket":
        url = url.update_query_dict({"host": str(migration.server.folder)})
        # Its end is always noticed.
        expected = dict.fromkeys(LOST_CLIENT, "0")
    query = sa.select(*(sa.func.current_setting(name).label(name) for name in LOST_CLIENT))
    with connect(url, purpose="test") as connection, connection.begin():
        assert connection.execute(query).mappings().one() == expected
        assert raw_connection(connection).notices == []
        [batch] = fetch_batches(connection, query, expected_rows=MANY)
        assert batch.to_pylist() == [expected]


def test_text_is_quoted_as_the_session_reads_it(migration: Migration, role: str) -> None:
    administer(migration, f"ALTER ROLE {role} SET standard_conforming_strings TO off")
    url = parse_url(os.environ["DATABASE_URL"], variable="DATABASE_URL")
    text = "a\\b 'c' \\\\ \N{SNOWMAN}"
    with connect(url, purpose="test") as connection, connection.begin():
        assert connection.scalar(sa.select(sa.literal(text))) == text
        query = sa.select(sa.literal(text).label("text"))
        [batch] = fetch_batches(connection, query, expected_rows=MANY)
        assert batch.to_pylist() == [{"text": text}]
