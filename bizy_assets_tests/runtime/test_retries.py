"""What PostgreSQL refuses for the moment is tried again a few times; nothing else is."""

import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bizy_assets.core import pipeline
from bizy_assets.runtime.failures import RETRIES
from bizy_assets_tests.support import bizy_files, pausing, states
from bizy_assets_tests.support.backends import make_every_table
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.processes import PATIENCE, until
from bizy_assets_tests.support.servers import Server

AGAIN = "Retrying in"


def test_pauses_grow() -> None:
    assert [RETRIES.calculate_delay(n + 1) for n in range(RETRIES.max_retries)] == [1, 3, 7]


@pytest.mark.exhaustive
def test_a_server_that_starts_late_is_waited_for(
    elsewhere: Migration, server: Server, tmp_path: Path
) -> None:
    wanted = states.of_an_undisturbed_run(elsewhere)
    elsewhere.server.stop()
    with pausing.running(server, tmp_path) as process:
        pausing.until_it(process, tmp_path, lambda: AGAIN in pausing.said(tmp_path))
        # However long the server's start takes, no more than a moment passes for the run.
        process.send_signal(signal.SIGSTOP)
        elsewhere.server.start("fsync=off")
        process.send_signal(signal.SIGCONT)
        assert process.wait(PATIENCE) == 0, pausing.said(tmp_path)
    said = pausing.said(tmp_path)
    assert re.search(r"sqlite_backup +PostgreSQL at 127\.0\.0\.1", said)
    assert "(retry 1 of 3)" in said
    assert "Traceback" not in said
    assert "Run migrate succeeded" in said
    assert states.of(elsewhere) == wanted


@pytest.mark.exhaustive
def test_a_server_that_never_comes_is_tried_four_times(elsewhere: Migration) -> None:
    elsewhere.server.stop()
    outcome = elsewhere.run()
    elsewhere.server.start("fsync=off")
    assert outcome.retries() == ["sqlite_backup"] * 3
    [sentence] = outcome.sentences
    assert "cannot be reached" in sentence
    assert AGAIN not in sentence
    elsewhere.migrate("goals", "tasks")


def test_a_server_that_is_still_starting_is_tried_again(elsewhere: Migration) -> None:
    elsewhere.server.stop()
    # A standby that serves no readers is a server that never ends its start.
    standby = elsewhere.server.data / "standby.signal"
    standby.touch()
    elsewhere.server.start("fsync=off", "hot_standby=off")
    outcome = elsewhere.run()
    elsewhere.server.stop()
    standby.unlink()
    elsewhere.server.start("fsync=off")
    assert outcome.retries() == ["sqlite_backup"] * 3
    [sentence] = outcome.sentences
    assert "accepts no connections now" in sentence
    assert "the database system is" in sentence
    elsewhere.migrate("goals", "tasks")


@pytest.mark.parametrize(
    ("limit", "step"),
    [(0, "sqlite_backup"), (1, "checks_of_pg_goals")],
)
def test_a_server_with_too_many_connections_is_tried_again(
    migration: Migration, limit: int, step: str
) -> None:
    name = f"clerk_{migration.database}"
    migration.query(f"CREATE ROLE {name} LOGIN PASSWORD 'clerk' CONNECTION LIMIT {limit}")
    migration.query(f"ALTER DATABASE {migration.database} OWNER TO {name}")
    migration.setenv(DATABASE_URL=migration.server.url(migration.database, name, "clerk"))
    outcome = migration.materialize("sqlite_backup", "admin_user", "pg_goals")
    assert outcome.retries() == [step] * 3
    [sentence] = outcome.sentences
    assert "accepts no connections now" in sentence
    assert "too many connections for role" in sentence


@pytest.mark.parametrize(
    ("role", "password", "database"),
    [("chief", "wrong", None), ("nobody", "wrong", None), ("chief", None, "no_such_database")],
)
def test_a_wrong_password_role_or_database_is_tried_once(
    migration: Migration, role: str, password: str | None, database: str | None
) -> None:
    address = migration.server.url(database or migration.database, role, password)
    migration.setenv(DATABASE_URL=address)
    outcome = migration.run()
    assert not outcome.success
    assert outcome.retries() == []


def test_a_wrong_password_at_one_of_several_addresses_is_tried_once(migration: Migration) -> None:
    hosts = f"127.0.0.1:1,127.0.0.1:{migration.server.port}"
    migration.setenv(DATABASE_URL=f"postgresql://chief:wrong@{hosts}/{migration.database}")
    outcome = migration.run()
    assert "has no role 'chief' with the password given" in outcome.sentences[0]
    assert outcome.retries() == []


@pytest.mark.migrated
@pytest.mark.exhaustive
def test_a_deadlock_undoes_the_load_and_it_is_tried_again(
    migration: Migration, tmp_path: Path
) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET title = title || ' changed'")
    with (
        pausing.session(migration) as other,
        pausing.session(migration) as gate,
        other.cursor() as held,
        gate.cursor() as kept,
    ):
        # The run alone shall notice the deadlock, and be what ends.
        held.execute("SET deadlock_timeout TO '1h'")
        held.execute("SELECT FROM tasks WHERE id = 149 FOR UPDATE")
        kept.execute("LOCK TABLE tasks IN ROW EXCLUSIVE MODE")
        with pausing.paused(migration, tmp_path) as process, ThreadPoolExecutor(1) as thread:
            change = "UPDATE tasks SET priority = priority WHERE id = 1"
            waiting = thread.submit(held.execute, change)
            until(lambda: migration.query(pausing.BLOCKED, other.info.backend_pid))
            # Now the run gets the table, waits for the row 149, and is waited for.
            gate.rollback()
            waiting.result(PATIENCE)
            other.rollback()
            assert process.wait(PATIENCE) == 0, pausing.said(tmp_path)
    said = pausing.said(tmp_path)
    assert "(deadlock detected, code 40P01)" in said
    assert said.count(AGAIN) == 1
    assert states.of(migration) == states.of_an_undisturbed_run(migration)


@pytest.mark.migrated
def test_a_serialization_failure_undoes_the_load_and_it_is_tried_again(
    migration: Migration,
) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET title = title || ' changed'")
    # A sequence remembers the first attempt, which is undone.
    migration.query(
        "CREATE SEQUENCE attempts; CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN IF nextval('public.attempts') = 1 THEN RAISE 'conflict' USING ERRCODE = '40001'; "
        "END IF; RETURN NEW; END$$; "
        "CREATE TRIGGER fail_once BEFORE INSERT ON bizy_migration.loads "
        "FOR EACH ROW WHEN (NEW.table_name = 'tasks') EXECUTE FUNCTION fail_once()"
    )
    outcome = migration.run()
    assert outcome.success, outcome.sentences
    assert outcome.retries() == ["pg_tasks"]
    migration.query("DROP FUNCTION fail_once CASCADE; DROP SEQUENCE attempts")
    assert states.of(migration) == states.of_an_undisturbed_run(migration)


def test_an_error_that_nobody_foresaw_is_shown_whole_and_not_tried_again(
    migration: Migration, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def divide_by_zero(*_: object) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr(pipeline, "take_snapshot", divide_by_zero)
    outcome = migration.run()
    assert not outcome.success
    assert outcome.retries() == []
    assert outcome.result.failure_data_for_node("sqlite_backup").error.cause.stack
    said = capsys.readouterr().err
    assert "ZeroDivisionError: nobody foresaw this" in said
    assert f'File "{__file__}"' in said


def test_a_run_that_its_user_interrupts_ends(migration: Migration, tmp_path: Path) -> None:
    make_every_table(migration)
    with (
        pausing.gate(migration, ("public", "users")) as open_gate,
        pausing.paused(migration, tmp_path) as process,
    ):
        # The statement that the run waits for comes to its end first.
        process.send_signal(signal.SIGINT)
        open_gate()
        assert process.wait(PATIENCE) == 1
    said = pausing.said(tmp_path)
    assert "The run was interrupted; start it again." in said
    assert "Stack Trace" not in said
    assert migration.query("SELECT FROM goals") == []
