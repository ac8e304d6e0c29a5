"""One run at a time writes to a target; the lock goes with the run's connection."""

import pytest
from sqlalchemy import make_url

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres.connection import connect
from bizy_assets.core.postgres.locks import acquire_lock, confirm_lock
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.pausing import held


def test_a_second_run_says_who_is_writing_and_writes_nothing(migration: Migration) -> None:
    migration.setenv(BIZY_LOCK_WAIT_SECONDS="0.2")
    with held(migration):
        outcome = migration.run()
        assert not outcome.success
        assert "Another run is writing to" in outcome.sentences[0]
        assert "(bizy-assets run 12345678)" in outcome.sentences[0]
        assert migration.tables() == set()
        assert list(migration.source.parent.iterdir()) == [migration.source]
    migration.migrate("goals", "tasks")


def test_runs_on_two_databases_of_a_server_do_not_wait(migration: Migration) -> None:
    migration.setenv(BIZY_LOCK_WAIT_SECONDS="0.2")
    url = make_url(migration.server.url("postgres")).set(drivername="postgresql+psycopg2")
    with connect(url, purpose="run 12345678") as other:
        acquire_lock(other, url, wait_seconds=1)
        migration.migrate("goals", "tasks")


def test_a_load_without_the_lock_is_refused(migration: Migration) -> None:
    url = make_url(migration.server.url(migration.database)).set(drivername="postgresql+psycopg2")
    with connect(url, purpose="test") as connection:
        with pytest.raises(TargetError, match="no longer holds its lock"), connection.begin():
            confirm_lock(connection, url)
        acquire_lock(connection, url, wait_seconds=1)
        with connection.begin():
            confirm_lock(connection, url)


def test_time_limits_of_the_database_do_not_end_a_run(migration: Migration) -> None:
    for name in ("statement_timeout", "idle_session_timeout", "transaction_timeout",
                 "idle_in_transaction_session_timeout", "lock_timeout"):  # fmt: skip
        migration.query(f"ALTER DATABASE {migration.database} SET {name} = '150ms'")
    migration.migrate("goals", "tasks")
