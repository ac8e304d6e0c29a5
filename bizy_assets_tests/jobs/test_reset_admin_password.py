"""The job ``reset_admin_password``: a new password in the file, and never none that is valid."""

import re
import stat
from pathlib import Path

import psycopg2
import pytest
from passlib.hash import bcrypt

from bizy_assets_tests.support.commands import run_job
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.owners import INSERT, password_in
from bizy_assets_tests.support.preparations import output_metadata, sentence
from bizy_assets_tests.support.processes import kill, started, until
from bizy_assets_tests.support.servers import history_of

JOB = "reset_admin_password"
WAITS_AT_COMMIT = """
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NULL; END$$;
    CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION wait()
"""
FAILS = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not now'; END$$;
    CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON users {}
    FOR EACH ROW EXECUTE FUNCTION refuse()
"""


@pytest.fixture
def file(migration: Migration) -> Path:
    """The password file of a user that the migration made."""
    made = migration.materialize("sqlite_backup", "admin_user").metadata("admin_user")
    return Path(made["password_file"])


def opens(migration: Migration, password: str) -> bool:
    """Tells whether a password is the user's."""
    [(hashed,)] = migration.query("SELECT hashed_password FROM users WHERE username = 'admin'")
    return bool(bcrypt.verify(password, hashed))


def test_the_new_password_opens_the_account_and_the_old_one_is_void(
    migration: Migration, file: Path
) -> None:
    old = password_in(file)
    before = migration.query("SELECT updated_at, created_at, email, full_name FROM users")
    outcome = migration.run(JOB)
    assert outcome.success, outcome.sentences
    assert output_metadata(outcome)["password_file"] == str(file)
    new = password_in(file)
    assert opens(migration, new)
    assert not opens(migration, old)
    assert len(new) >= 22
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    after = migration.query("SELECT updated_at, created_at, email, full_name FROM users")
    assert after[0][0] > before[0][0]
    assert after[0][1:] == before[0][1:]
    migration.migrate("goals", "tasks")
    assert opens(migration, password_in(file))


def test_the_file_says_the_username_that_the_user_has_by_now(
    migration: Migration, file: Path
) -> None:
    migration.query("UPDATE users SET username = 'chief'")
    assert migration.run(JOB).success
    assert "\nusername: chief\n" in file.read_text()


def test_a_file_that_is_gone_is_written_again(migration: Migration, file: Path) -> None:
    file.unlink()
    assert migration.run(JOB).success
    assert opens(migration, password_in(file))


def test_a_user_that_the_migration_did_not_create_is_left_alone(
    migration: Migration, file: Path
) -> None:
    migration.query(INSERT, 50, "me@example.org", "me")
    migration.setenv(DEFAULT_USER_EMAIL="me@example.org")
    before = migration.query("SELECT * FROM users ORDER BY id")
    said = sentence(migration.run(JOB), migration.server)
    assert said.startswith("User me@example.org (id 50) in 127.0.0.1")
    assert "was not created by the migration (users.full_name is None, expected" in said
    assert migration.query("SELECT * FROM users ORDER BY id") == before
    assert list(file.parent.iterdir()) == [file]


def test_a_user_that_does_not_exist(migration: Migration) -> None:
    said = sentence(migration.run(JOB), migration.server)
    assert said.startswith("The owner account admin@bizy.local does not exist in 127.0.0.1")
    assert said.endswith("materialize admin_user first.")


def test_a_session_that_locks_the_user_is_waited_for_and_named(
    migration: Migration, file: Path
) -> None:
    migration.setenv(BIZY_LOCK_WAIT_SECONDS="0.2")
    old = password_in(file)
    backend = psycopg2.connect(
        migration.server.url(migration.database), application_name="the-backend"
    )
    with backend.cursor() as cursor:
        cursor.execute("SELECT FROM users FOR UPDATE")
    said = sentence(migration.run(JOB), migration.server)
    backend.close()
    assert "was locked for 0.2 seconds by the-backend (pid " in said
    assert password_in(file) == old
    assert opens(migration, old)
    assert list(file.parent.iterdir()) == [file]


def test_a_password_that_is_refused_leaves_the_old_one(migration: Migration, file: Path) -> None:
    migration.query(FAILS.format(""))
    old = file.read_bytes()
    assert not migration.run(JOB).success
    assert file.read_bytes() == old
    assert opens(migration, password_in(file))
    assert list(file.parent.iterdir()) == [file]


def test_both_passwords_stay_where_the_commit_failed(migration: Migration, file: Path) -> None:
    migration.query(FAILS.format("DEFERRABLE INITIALLY DEFERRED"))
    old = password_in(file)
    assert not migration.run(JOB).success
    assert opens(migration, old)
    assert password_in(file) == old
    coming = file.with_name(file.name + ".new")
    assert stat.S_IMODE(coming.stat().st_mode) == 0o600
    void = password_in(coming)
    migration.query("DROP TRIGGER refuse ON users")
    migration.load("goals", "tasks")
    assert list(file.parent.iterdir()) == [file]
    assert password_in(file) == old
    assert migration.run(JOB).success
    assert password_in(file) not in {old, void}
    assert opens(migration, password_in(file))


@pytest.mark.exhaustive
@pytest.mark.parametrize("then", [JOB, "migrate"])
def test_a_process_killed_while_it_commits_loses_no_password(
    migration: Migration, file: Path, tmp_path: Path, then: str
) -> None:
    old = password_in(file)
    migration.query(WAITS_AT_COMMIT)
    gate = migration.server.connect(migration.database)
    with gate.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(77)")
    waiting = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'COMMIT' "
    command = ("dagster", "job", "execute", "-m", "bizy_assets.definitions", "-j", JOB)
    history = history_of(migration.server)
    with started(*command, output=tmp_path / "said", DAGSTER_POSTGRES_URL=history) as process:
        until(lambda: migration.query(waiting + "AND wait_event = 'advisory'"))
        kill(process)
    gate.close()
    until(lambda: not opens(migration, old))
    assert password_in(file) == old
    coming = file.with_name(file.name + ".new")
    valid = password_in(coming)
    assert opens(migration, valid)
    # Even one that is killed again, or refused, must not lose it.
    migration.query("DROP TRIGGER wait ON users; " + FAILS.format(""))
    assert not migration.run(JOB).success
    assert password_in(file) == valid
    migration.query("DROP TRIGGER refuse ON users")
    assert migration.run(then).success
    assert list(file.parent.iterdir()) == [file]
    assert opens(migration, password_in(file))
    assert (password_in(file) == valid) is (then == "migrate")


def test_it_says_on_the_terminal_where_the_password_is(migration: Migration, file: Path) -> None:
    ran = run_job(JOB, DAGSTER_POSTGRES_URL=history_of(migration.server))
    assert ran.status == 0, ran.error
    assert "admin@bizy.local (id 1) in 127.0.0.1" in ran.error
    assert f"has a new password; it is in {file}" in ran.error
    assert re.search(rf"Run {JOB} succeeded in \d+\.\d s\.$", ran.error.rstrip())
    assert password_in(file) not in ran.error + ran.out
