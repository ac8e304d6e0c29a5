"""Dagster's history: it replaces lost connections, and fails at once where that is no use."""

from contextlib import closing
from pathlib import Path

import pytest
from psycopg2 import sql

from bizy_assets.runtime import fail_fast
from bizy_assets.runtime.run_storage import EmbeddedRunStorage, HistoryError
from bizy_assets_tests.support import pausing
from bizy_assets_tests.support.backends import make_every_table
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.processes import PATIENCE
from bizy_assets_tests.support.servers import Server, history_of

SESSIONS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def test_a_lost_connection_is_replaced(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    url = history_of(server)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    runs = EmbeddedRunStorage.from_config_value(None, {}).run_storage
    with closing(server.connect(url.rsplit("/", 1)[1])) as watching, watching.cursor() as cursor:
        # In a transaction PostgreSQL would show the same sessions for ever.
        watching.autocommit = True

        def sessions() -> set[int]:
            cursor.execute(f"SELECT pid {SESSIONS}")
            return {pid for (pid,) in cursor.fetchall()}

        assert runs.get_runs_count() == 0
        kept = sessions()
        assert runs.get_runs_count() == 0
        assert sessions() == kept != set()
        cursor.execute(f"SELECT pg_terminate_backend(pid, 10000) {SESSIONS}")
        assert runs.get_runs_count() == 0
        assert sessions().isdisjoint(kept)


def test_a_role_that_may_not_create_tables_is_told_so(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = history_of(server).rsplit("/", 1)[1]
    with closing(server.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
        # As it is by default from PostgreSQL 15 on.
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM public")
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", server.url(name, "reader", "reader"))
        with pytest.raises(HistoryError, match=r"'reader' lacks a privilege .* DAGSTER_POSTGRES_U"):
            EmbeddedRunStorage.from_config_value(None, {})
        cursor.execute("DROP ROLE reader")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [("53100", r"refused a statement \(no room"), ("42501", "lacks a privilege .*no room")],
)
def test_an_error_that_lasts_is_not_tried_again(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: str,
    sentence: str,
) -> None:
    url = history_of(server)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    runs = EmbeddedRunStorage.from_config_value(None, {}).run_storage
    fail = sql.SQL(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE 'no room' USING ERRCODE = {}; END$$; "
        "CREATE TRIGGER fail BEFORE INSERT ON kvs FOR EACH ROW EXECUTE FUNCTION fail()"
    )
    with closing(server.connect(url.rsplit("/", 1)[1])) as connection:
        connection.cursor().execute(fail.format(sql.Literal(code)))
    fail_fast()
    with pytest.raises(HistoryError, match=f"^Dagster cannot save its history .*{sentence}"):
        runs.set_cursor_values({"a": "b"})
    assert "Retrying" not in caplog.text


def test_a_server_that_ends_in_the_middle_of_a_run_ends_the_run_with_a_sentence(
    migration: Migration, other_server: Server, tmp_path: Path
) -> None:
    make_every_table(migration)
    with (
        pausing.gate(migration, ("public", "users")) as open_gate,
        pausing.paused(migration, tmp_path, history=other_server) as process,
    ):
        other_server.stop("immediate")
        open_gate()
        try:
            assert process.wait(PATIENCE) == 1
        finally:
            other_server.start("fsync=off")
    said = pausing.said(tmp_path)
    assert "Error: Dagster cannot save its history of this run." in said
    assert "Retrying" not in said
    assert "Traceback" not in said
