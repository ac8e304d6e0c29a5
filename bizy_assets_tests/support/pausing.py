"""Stops a run of its own process at an exact point, by what other sessions of its server hold.

Nothing here depends on how fast anything is: a run waits until it is let go on or killed.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import Popen

import psycopg2
from psycopg2 import sql
from sqlalchemy import make_url

from bizy_assets.core.postgres.advisory_locks import acquire_lock
from bizy_assets.core.postgres.connection import connect
from bizy_assets_tests.support.forking import Forked
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.processes import kill, started, until
from bizy_assets_tests.support.servers import Server, history_of

MIGRATE = ("dagster", "job", "execute", "-m", "bizy_assets.definitions", "-j", "migrate")

RUN = "datname = current_database() AND application_name LIKE 'bizy-assets run%%'"
HOLDER = "tests"
WAITING = (
    f"SELECT pid FROM pg_stat_activity WHERE {RUN} AND pg_blocking_pids(pid) && "
    f"ARRAY(SELECT pid FROM pg_stat_activity WHERE application_name = '{HOLDER}')"
)
CHECK_WAITING = f"{WAITING} AND application_name LIKE '%% check'"
GONE = f"SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE {RUN})"
BLOCKED = "SELECT 1 WHERE cardinality(pg_blocking_pids(%s)) > 0"

_GATE = 4711
_WAIT = sql.SQL(
    """
    CREATE SCHEMA gate;
    CREATE FUNCTION gate.wait() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
        PERFORM pg_advisory_xact_lock_shared({key});
        RETURN NEW;
    END$$;
    CREATE FUNCTION gate.passed() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN
        PERFORM pg_advisory_xact_lock_shared({key});
        RETURN true;
    END$$;
    """
).format(key=sql.Literal(_GATE))
# No trigger, since a run refuses tables with triggers that may change rows.
_AT_THE_ROW = "ALTER TABLE {} ADD CONSTRAINT gate CHECK (NOT ({}) OR gate.passed()) NOT VALID"
_AT_THE_COMMIT = (
    "CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW WHEN ({}) EXECUTE FUNCTION gate.wait()"
)


@contextmanager
def gate(
    migration: Migration, table: tuple[str, str], row: str = "true", *, at_commit: bool = False
) -> Iterator[Callable[[], None]]:
    """Keeps a run waiting that inserts a certain row, until the gate is opened or the block ends.

    Args:
        migration: Whose target it is in.
        table: Schema and name of the table, which must exist.
        row: The row, as a condition of a trigger.
        at_commit: Whether to wait where the row is committed, not where it is inserted.

    Yields:
        What opens the gate.
    """
    condition = row if at_commit else row.replace("NEW.", "")
    trigger = sql.SQL(_AT_THE_COMMIT if at_commit else _AT_THE_ROW).format(
        sql.Identifier(*table), sql.SQL(condition)
    )
    try:
        with session(migration) as holder:
            with holder.cursor() as cursor:
                cursor.execute(_WAIT + trigger)
                cursor.execute("SELECT pg_advisory_lock(%s)", [_GATE])
            holder.commit()
            yield holder.close
    finally:
        # Waits for what the run that was let go on still does with the table.
        migration.query("DROP SCHEMA gate CASCADE")


@contextmanager
def session(migration: Migration) -> Iterator["psycopg2.extensions.connection"]:
    """Opens a session that locks something in its transaction, and ends it with the block."""
    url = migration.server.url(migration.database)
    with closing(psycopg2.connect(url, application_name=HOLDER)) as holder:
        yield holder


@contextmanager
def paused(
    migration: Migration, tmp_path: Path, history: Server | None = None
) -> Iterator[Popen[bytes] | Forked]:
    """Runs the job in a process of its own, up to where it waits for another session."""
    with running(history or migration.server, tmp_path) as process:
        until_it(process, tmp_path, lambda: migration.query(WAITING))
        yield process


@contextmanager
def running(
    history: Server, tmp_path: Path, *prefix: str, **variables: str
) -> Iterator[Popen[bytes] | Forked]:
    """Runs the job in a process of its own, with Dagster's history on a server."""
    variables["DAGSTER_POSTGRES_URL"] = history_of(history)
    out, is_forked = tmp_path / "out", not prefix
    with started(*MIGRATE, prefix=prefix, output=out, is_forked=is_forked, **variables) as process:
        yield process


def until_it(process: Popen[bytes] | Forked, tmp_path: Path, does: Callable[[], object]) -> None:
    """Waits for what a run will do; gives up when it has ended."""

    def happened() -> bool:
        ended = process.poll() is not None
        found = bool(does())
        assert found or not ended, said(tmp_path)
        return found

    until(happened)


def said(tmp_path: Path) -> str:
    """Returns what the run has written to its terminal."""
    return (tmp_path / "out").read_text()


def killed_where_it_waits(migration: Migration, tmp_path: Path) -> None:
    """Runs the job up to where it waits for another session, and kills it there."""
    with paused(migration, tmp_path) as process:
        kill(process)


@contextmanager
def queueing(migration: Migration, statement: str) -> Iterator[Callable[[], None]]:
    """Has another session wait for a lock behind the run, and keep it once it has got it.

    Yields:
        What makes that session give it back.
    """
    with session(migration) as waiting, waiting.cursor() as cursor, ThreadPoolExecutor(1) as thread:
        locked = thread.submit(cursor.execute, statement)
        try:
            until(lambda: locked.done() or migration.query(BLOCKED, waiting.info.backend_pid))
            assert not locked.done()
            yield waiting.close
        finally:
            # The lock comes with the end of whoever holds it, which the block has seen to.
            locked.result()


@contextmanager
def paused_in_the_checks(
    migration: Migration, tmp_path: Path, table: str
) -> Iterator[tuple[Popen[bytes] | Forked, Callable[[], None]]]:
    """Runs the job up to where the checks of a table, just committed, begin to read it.

    Yields:
        The run, and what lets it go on.
    """
    loaded = f"NEW.table_name = '{table}'"
    lock = f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
    with (
        gate(migration, ("bizy_migration", "loads"), loaded) as open_gate,
        paused(migration, tmp_path) as process,
        queueing(migration, lock) as let_go,
    ):
        open_gate()
        until_it(process, tmp_path, lambda: migration.query(CHECK_WAITING))
        yield process, let_go


@contextmanager
def held(migration: Migration) -> Iterator[None]:
    """Holds the target's lock as another run."""
    url = make_url(migration.server.url(migration.database)).set(drivername="postgresql+psycopg2")
    with connect(url, purpose="run 12345678") as other:
        acquire_lock(other, url, wait_seconds=1)
        yield
