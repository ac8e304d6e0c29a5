"""PgBouncer between a run and its target: refused where it does not keep sessions."""

from contextlib import closing

import psycopg2
import pytest
import sqlalchemy as sa

from bizy_assets.core.postgres.session import open_sessions_of
from bizy_assets.core.postgres.urls import parse_url
from bizy_assets_tests.support.migrations import Migration, only
from bizy_assets_tests.support.poolers import pooled_url, pooler
from bizy_assets_tests.support.servers import SUPERUSER

SESSION = (
    "SELECT current_setting('search_path'), current_setting('row_security'), "
    "current_setting('TimeZone'), current_setting('idle_session_timeout'), "
    "current_setting('tcp_keepalives_idle'), current_setting('tcp_user_timeout'), "
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
)


def select(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("order", [0, 1], ids=["newest", "round robin"])
def test_a_pool_that_keeps_no_sessions_is_refused_and_left_as_it_was(
    migration: Migration, mode: str, order: int
) -> None:
    before = migration.server.dump(migration.database)
    with pooler(migration.server, mode, f"server_round_robin = {order}") as port:
        url = pooled_url(migration.server, migration.database, port)
        # Idle server connections, as a backend in use leaves them.
        clients = [psycopg2.connect(url) for _ in range(4)]
        for client in clients:
            client.autocommit = mode == "statement"
            with client.cursor() as cursor:
                cursor.execute("SELECT 1")
        [client.close() if mode == "statement" else client.rollback() for client in clients]
        fresh = select(migration.server.url(migration.database), SESSION)
        migration.setenv(DATABASE_URL=url)
        [sentence] = migration.run(asset_selection=only("goals")).sentences
        assert "lends server connections for single transactions or statements" in sentence
        assert f"127.0.0.1:{port}/{migration.database}" in sentence
        assert "Use the address of the PostgreSQL server itself" in sentence
        assert {row for _ in range(6) for row in select(url, SESSION)} == set(fresh)
    assert migration.server.dump(migration.database) == before


@pytest.mark.parametrize("reset", ["DISCARD ALL", ""], ids=["reset", "not reset"])
def test_a_pool_that_keeps_sessions_is_used_and_gets_them_back(
    migration: Migration, reset: str
) -> None:
    fresh = select(migration.server.url(migration.database), SESSION)
    with pooler(migration.server, "session", f"server_reset_query = {reset}") as port:
        url = pooled_url(migration.server, migration.database, port)
        migration.setenv(DATABASE_URL=url)
        migration.migrate("goals")
        pids = select(url, "SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        with_all = [psycopg2.connect(url) for _ in pids]
        for connection in with_all:
            with connection.cursor() as cursor:
                cursor.execute(SESSION)
                assert cursor.fetchall() == fresh
        [connection.close() for connection in with_all]


def test_parameters_that_a_pooler_does_not_accept_are_left_out(migration: Migration) -> None:
    with pooler(migration.server, "session") as port:
        url = pooled_url(migration.server, migration.database, port)
        engine = sa.create_engine(
            parse_url(url, variable="URL"), connect_args={"options": "-c search_path=pg_catalog"}
        )
        open_sessions_of(engine)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT current_user")) == SUPERUSER
        engine.dispose()
