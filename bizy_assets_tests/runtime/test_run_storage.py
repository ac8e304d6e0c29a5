"""Dagster's history: it replaces lost connections, and fails at once where that is no use."""

import atexit
import gc
import logging
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dagster._daemon import controller
from dagster._daemon.backfill import execute_backfill_iteration_loop
from psycopg2 import sql

from bizy_assets.runtime import fail_fast
from bizy_assets.runtime.run_storage import EmbeddedRunStorage, HistoryError
from bizy_assets_tests.support import pausing
from bizy_assets_tests.support.backends import make_every_table
from bizy_assets_tests.support.dagster_history import open_history
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.preparations import rows
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


def test_two_instances_share_a_database_and_no_table(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = history_of(server, template="template1")
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    for settings in ({}, {"schema": "bizy_fleet"}, {"schema": "bizy_fleet"}):
        assert (
            EmbeddedRunStorage.from_config_value(None, settings).run_storage.get_runs_count() == 0
        )
    with (
        closing(server.connect(url.rsplit("/", 1)[1])) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'runs' ORDER BY 1")
        assert cursor.fetchall() == [("bizy_fleet",), ("public",)]


def test_a_process_of_dagster_ends_without_a_search_for_garbage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    at_the_end: list[object] = []
    monkeypatch.setattr(atexit, "register", at_the_end.append)
    with pytest.raises(HistoryError):
        EmbeddedRunStorage.from_config_value(None, {})
    assert gc.freeze in at_the_end


def test_the_daemon_looks_for_backfills_as_often_as_configured(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    interval = controller.DEFAULT_DAEMON_INTERVAL_SECONDS
    monkeypatch.setattr(controller, "DEFAULT_DAEMON_INTERVAL_SECONDS", interval)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", history_of(server))
    pauses: list[float | None] = []

    class Shutdown(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout)
            return False

    for settings in ({}, {"backfill_interval_seconds": 600}):
        storage = EmbeddedRunStorage.from_config_value(None, settings)
        with open_history(storage) as instance:
            daemon: Any = SimpleNamespace(instance=instance)
            next(
                pauses
                for _ in execute_backfill_iteration_loop(daemon, logging.getLogger(), Shutdown())
                if len(pauses) > bool(settings)
            )
    # Less the time that it took to look for them.
    assert 0 <= (pauses[0] or 0) <= interval < (pauses[1] or 0) <= 600


def test_a_role_that_may_not_create_tables_is_told_so(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = history_of(server, template="template1").rsplit("/", 1)[1]
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


@pytest.fixture
def history(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty database for the history."""
    url = history_of(server, template="template1")
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    return url.rsplit("/", 1)[1]


def schemas(server: Server, database: str) -> list[tuple[str]]:
    """Open the history, and return the schemas that hold its tables."""
    assert EmbeddedRunStorage.from_config_value(None, {}).run_storage.get_runs_count() == 0
    tables = "SELECT schemaname FROM pg_tables WHERE tablename IN ('runs', 'event_logs', 'jobs')"
    return sorted(set(rows(server, database, tables)))


def refusal() -> str:
    with pytest.raises(HistoryError) as caught:
        EmbeddedRunStorage.from_config_value(None, {})
    return str(caught.value)


def test_a_new_history_is_where_no_other_role_may_create_objects(
    server: Server, history: str
) -> None:
    rows(server, history, "GRANT CREATE ON SCHEMA public TO PUBLIC")
    assert schemas(server, history) == [("bizy_dagster",)]
    rows(server, history, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    assert schemas(server, history) == [("bizy_dagster",)]
    rows(server, history, "GRANT CREATE ON SCHEMA bizy_dagster TO pg_monitor")
    remedy = 'REVOKE CREATE ON SCHEMA "bizy_dagster" FROM "pg_monitor"'
    assert refusal().endswith(f"have the schema's owner run: {remedy}.")


def test_a_history_in_public_is_refused_while_others_could_have_functions_called(
    server: Server, history: str
) -> None:
    assert schemas(server, history) == [("public",)]
    rows(server, history, "GRANT CREATE ON SCHEMA public TO PUBLIC, pg_monitor")
    sentence = refusal()
    assert f"the schema public of 127.0.0.1:{server.port}/{history}, which holds" in sentence
    rows(server, history, "SET ROLE pg_monitor; CREATE FUNCTION public.lower(name) RETURNS text "
         "LANGUAGE sql AS $$SELECT 'theirs'$$")  # fmt: skip
    rows(server, history, sentence.rpartition("run: ")[2].rstrip("."))
    assert "(function lower of pg_monitor)" in refusal()
    rows(server, history, "DROP FUNCTION public.lower(name)")
    assert schemas(server, history) == [("public",)]


def test_settings_of_the_database_do_not_concern_the_history(server: Server, history: str) -> None:
    for setting in ("quote_all_identifiers TO on",
                    "search_path TO nowhere", "statement_timeout TO 150"):  # fmt: skip
        rows(server, "postgres", f"ALTER DATABASE {history} SET {setting}")
    assert EmbeddedRunStorage.from_config_value(None, {}).run_storage.get_runs_count() == 0
