"""Which runs write to a target at a time; their locks go with their connections."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import connect, parse_url
from bizy_assets.core.postgres.advisory_locks import (
    acquire_lock,
    acquire_source_lock,
    allocation_lock,
    confirm_lock,
)
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.pausing import held
from bizy_assets_tests.support.poolers import pooled_url, pooler
from bizy_assets_tests.support.processes import PATIENCE, until
from bizy_assets_tests.support.servers import Server

SHORT = 0.05
HOLDER_PROCESS = """
import sys, time
from bizy_assets.core.postgres import advisory_locks, connect, parse_url
url = parse_url(sys.argv[1], variable="URL")
with connect(url, purpose="run 12345678") as connection:
    advisory_locks.acquire_lock(connection, url, wait_seconds=60, shared=True)
    advisory_locks.acquire_source_lock(connection, "a", wait_seconds=60)
    print("locked", flush=True)
    time.sleep(600)
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"
CANCEL = (
    "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity "
    "WHERE application_name = 'bizy-assets run alone'"
)
ADVISORY = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"

Open = Callable[[str], sa.Connection]


def lock(connection: sa.Connection, wait_seconds: float = SHORT, *, shared: bool = False) -> None:
    acquire_lock(connection, connection.engine.url, wait_seconds=wait_seconds, shared=shared)


def opened(url: str, purpose: str) -> AbstractContextManager[sa.Connection]:
    return connect(parse_url(url, variable="URL"), purpose=purpose)


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    """A database of these tests, whose locks end with each test's connections."""
    yield server.create_database("locks")
    server.drop_database("locks")


@pytest.fixture
def open_session(url: str) -> Iterator[Open]:
    with ExitStack() as sessions:
        yield lambda purpose: sessions.enter_context(opened(url, purpose))


@pytest.fixture
def count(server: Server, url: str) -> Iterator[Callable[[str], int]]:
    """What another session counts, also while a lock is waited for."""
    watcher = server.connect(str(make_url(url).database))

    def query(statement: str) -> int:
        with watcher.cursor() as cursor:
            cursor.execute(statement)
            [(found,)] = cursor.fetchall()
            return int(found)

    yield query
    watcher.close()


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


def test_runs_on_two_databases_of_a_server_do_not_wait(server: Server, open_session: Open) -> None:
    with opened(server.url("postgres"), "run 12345678") as other:
        connection = open_session("run b")
        for each in (other, connection):
            lock(each)
            acquire_source_lock(each, "a", wait_seconds=SHORT)


def test_runs_that_share_the_lock_exclude_one_that_needs_it_alone(open_session: Open) -> None:
    sharing = [open_session(f"run {number}") for number in range(5)]
    alone = open_session("run alone")
    for connection in sharing:
        lock(connection, shared=True)
    expected = r"writing to .*/locks \(bizy-assets run 0, .* 1, .* 2 and 2 more\) and did not end"
    with pytest.raises(TargetError, match=expected):
        lock(alone)
    for connection in sharing:
        connection.close()
    lock(alone)
    late = open_session("run late")
    with pytest.raises(TargetError, match=r"needs .*/locks for itself \(bizy-assets run alone\)"):
        lock(late, shared=True)


def test_a_run_that_needs_the_lock_alone_is_next_and_then_lets_others_go_on(
    open_session: Open, count: Callable[[str], int]
) -> None:
    first, alone, later = (open_session(name) for name in ("run a", "run alone", "run later"))
    lock(first, shared=True)
    with ThreadPoolExecutor(2) as threads:
        waiting: Future[None] = threads.submit(lock, alone, PATIENCE)
        until(lambda: count(WAITING) == 1)
        # Otherwise a stream of runs that share the lock would keep it waiting.
        with pytest.raises(TargetError, match=r"for itself \(bizy-assets run alone\)"):
            lock(later, shared=True)
        behind = threads.submit(lock, later, PATIENCE, shared=True)
        until(lambda: count(WAITING) == 2)
        first.close()
        waiting.result(PATIENCE)
        assert not behind.done()
        alone.close()
        behind.result(PATIENCE)


def test_a_run_that_gave_up_waiting_blocks_nobody(
    open_session: Open, count: Callable[[str], int]
) -> None:
    first, alone, later = (open_session(name) for name in ("run a", "run alone", "run later"))
    lock(first, shared=True)
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(lock, alone, PATIENCE)
        until(lambda: count(WAITING) == 1)
        behind = threads.submit(lock, later, PATIENCE, shared=True)
        until(lambda: count(WAITING) == 2)
        count(CANCEL)
        with pytest.raises(sa.exc.OperationalError, match="canceling statement"):
            waiting.result(PATIENCE)
        behind.result(PATIENCE)


def test_one_run_at_a_time_loads_a_source(open_session: Open) -> None:
    first, second = open_session("run a"), open_session("run b")
    for connection in (first, second):
        lock(connection, shared=True)
    acquire_source_lock(first, "a", wait_seconds=SHORT)
    expected = r"loading this source, a, into .*/locks \(bizy-assets run a\) .* run again"
    with pytest.raises(TargetError, match=expected):
        acquire_source_lock(second, "a", wait_seconds=SHORT)
    acquire_source_lock(second, "b", wait_seconds=SHORT)


def test_a_run_that_was_killed_holds_no_lock(
    url: str, open_session: Open, count: Callable[[str], int]
) -> None:
    connection = open_session("run b")
    command = [sys.executable, "-c", HOLDER_PROCESS, url]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "locked\n"
            lock(connection, shared=True)
            with pytest.raises(TargetError, match=r"\(bizy-assets run 12345678\)"):
                acquire_source_lock(connection, "a", wait_seconds=SHORT)
        finally:
            process.kill()
    acquire_source_lock(connection, "a", wait_seconds=PATIENCE)
    until(lambda: count(ADVISORY) == 2)


def test_ids_are_allocated_by_one_run_until_its_transaction_ends(open_session: Open) -> None:
    first, second = open_session("run a"), open_session("run b")
    expected = r"allocating ids in .*/locks \(bizy-assets run a\)"
    for end in (sa.Transaction.commit, sa.Transaction.rollback):
        transaction = first.begin()
        allocation_lock(first, wait_seconds=SHORT)
        with second.begin(), pytest.raises(TargetError, match=expected):
            allocation_lock(second, wait_seconds=SHORT)
        end(transaction)
        with second.begin():
            allocation_lock(second, wait_seconds=SHORT)


@pytest.mark.parametrize(
    "acquire",
    [
        lock,
        lambda connection: lock(connection, shared=True),
        lambda connection: acquire_source_lock(connection, "a", wait_seconds=SHORT),
    ],
    ids=["alone", "shared", "source"],
)
def test_a_load_without_the_locks_of_its_run_is_refused(
    open_session: Open, acquire: Callable[[sa.Connection], None]
) -> None:
    connection, lost = open_session("run a"), "no longer holds its lock"
    with pytest.raises(TargetError, match=lost), connection.begin():
        confirm_lock(connection, connection.engine.url)
    acquire(connection)
    with connection.begin():
        confirm_lock(connection, connection.engine.url)
        connection.execute(sa.text("SELECT pg_advisory_unlock_all()"))
        with pytest.raises(TargetError, match=lost):
            confirm_lock(connection, connection.engine.url)


def test_all_locks_of_a_run_are_confirmed(open_session: Open) -> None:
    connection = open_session("run a")
    lock(connection, shared=True)
    acquire_source_lock(connection, "a", wait_seconds=SHORT)
    release = sa.text("SELECT pg_advisory_unlock_shared(:key)")
    with connection.begin():
        connection.execute(release, {"key": int.from_bytes(b"bizy-ast")})
        with pytest.raises(TargetError, match="no longer holds its lock"):
            confirm_lock(connection, connection.engine.url)


def test_a_pool_that_keeps_sessions_gets_them_back_without_locks(
    server: Server, count: Callable[[str], int]
) -> None:
    with pooler(server, "session", "server_reset_query =") as port:
        with opened(pooled_url(server, "locks", port), "run a") as connection:
            lock(connection, shared=True)
            acquire_source_lock(connection, "a", wait_seconds=SHORT)
            with connection.begin():
                confirm_lock(connection, connection.engine.url)
            assert count(ADVISORY) == 2
        until(lambda: count(ADVISORY) == 0)


def test_time_limits_of_the_database_do_not_end_a_run(migration: Migration) -> None:
    for name in ("statement_timeout", "idle_session_timeout", "transaction_timeout",
                 "idle_in_transaction_session_timeout", "lock_timeout"):  # fmt: skip
        migration.query(f"ALTER DATABASE {migration.database} SET {name} = '150ms'")
    migration.migrate("goals", "tasks")
