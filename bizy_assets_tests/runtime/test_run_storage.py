"""Dagster's history keeps its connections, and does without the ones that it loses."""

from contextlib import closing

import pytest

from bizy_assets.runtime.run_storage import EmbeddedRunStorage
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
