"""The owner: created once with a password that stands in one file, or found."""

import os
import stat
from pathlib import Path

import pytest
from passlib.hash import bcrypt

from bizy_assets.core.postgres.urls import describe_url, parse_url
from bizy_assets.core.target import passwords
from bizy_assets.core.target.passwords import BCRYPT_COST, file_name
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.owners import INSERT, password_in
from bizy_assets_tests.support.servers import Server


def test_the_user_is_what_the_backend_expects(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "BCRYPT_COST", BCRYPT_COST)
    migration.materialize("sqlite_backup", "admin_user")
    [row] = migration.query(
        "SELECT email, username, full_name, is_active, is_verified, is_superuser, "
        "last_login_at, email_verified_at, hashed_password FROM users"
    )
    assert row[:-1] == (
        "admin@bizy.local", "admin", "Default User (Migration)", True, True, True, None, None,
    )  # fmt: skip
    assert row[-1].startswith("$2b$12$")


def test_the_password_is_in_a_private_file_and_opens_the_account(migration: Migration) -> None:
    outcome = migration.materialize("sqlite_backup", "admin_user")
    file = Path(outcome.metadata("admin_user")["password_file"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Path(os.environ["BIZY_HOME"]) in file.parents
    [(hashed,)] = migration.query("SELECT hashed_password FROM users")
    assert bcrypt.verify(password_in(file), hashed)
    assert len(password_in(file)) >= 22


def test_a_second_run_changes_neither_user_nor_file(migration: Migration) -> None:
    first = migration.materialize("sqlite_backup", "admin_user")
    file = Path(first.metadata("admin_user")["password_file"])
    before = (file.read_bytes(), file.stat().st_mtime_ns, migration.query("SELECT * FROM users"))
    second = migration.materialize("sqlite_backup", "admin_user")
    assert second.metadata("admin_user")["created"] is False
    after = (file.read_bytes(), file.stat().st_mtime_ns, migration.query("SELECT * FROM users"))
    assert after == before


def test_the_id_can_be_set_and_the_sequence_follows(migration: Migration) -> None:
    migration.setenv(DEFAULT_USER_ID="4711")
    migration.prove("goals", "tasks")
    assert migration.query("SELECT id FROM users") == [(4711,)]
    assert migration.query("SELECT DISTINCT user_id FROM tasks") == [(4711,)]
    assert migration.query("SELECT nextval('users_id_seq')") == [(4712,)]


def test_another_email_and_username_can_be_set(migration: Migration) -> None:
    migration.setenv(DEFAULT_USER_EMAIL="me@example.org", DEFAULT_USER_USERNAME="me")
    migration.prove("goals", "tasks")
    assert migration.query("SELECT email, username FROM users") == [("me@example.org", "me")]


def test_an_existing_user_is_found_by_email(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    migration.query(INSERT, 50, "me@example.org", "someone")
    migration.setenv(DEFAULT_USER_EMAIL="me@example.org")
    migration.prove("goals", "tasks")
    assert migration.query("SELECT DISTINCT user_id FROM tasks") == [(50,)]
    assert migration.query("SELECT count(*) FROM users") == [(2,)]


def test_the_next_free_id_is_taken_where_the_sequence_lags(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    migration.query(INSERT, 50, "fifty@example.org", "fifty")
    migration.setenv(DEFAULT_USER_EMAIL="me@example.org", DEFAULT_USER_USERNAME="me")
    outcome = migration.migrate("goals", "tasks")
    assert outcome.metadata("admin_user")["user_id"] == "51"
    assert migration.query("SELECT nextval('users_id_seq')") == [(52,)]


def test_a_username_of_another_user_is_a_clear_error(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    migration.setenv(DEFAULT_USER_EMAIL="me@example.org")
    outcome = migration.run()
    assert not outcome.success
    [sentence] = outcome.sentences
    assert "'admin' belongs to admin@bizy.local" in sentence
    assert "DEFAULT_USER_USERNAME" in sentence
    assert migration.query("SELECT count(*) FROM users") == [(1,)]


def test_an_id_of_another_user_is_a_clear_error(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    migration.setenv(
        DEFAULT_USER_EMAIL="me@example.org", DEFAULT_USER_USERNAME="me", DEFAULT_USER_ID="1"
    )
    outcome = migration.run()
    assert not outcome.success
    assert "id 1 (DEFAULT_USER_ID) belongs to admin@bizy.local" in outcome.sentences[0]


def test_a_user_with_another_id_than_configured_is_a_clear_error(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    migration.setenv(DEFAULT_USER_ID="77")
    outcome = migration.run()
    assert not outcome.success
    assert "has id 1" in outcome.sentences[0]
    assert "DEFAULT_USER_ID is 77" in outcome.sentences[0]


def test_two_targets_have_two_password_files(migration: Migration) -> None:
    first = migration.materialize("sqlite_backup", "admin_user").metadata("admin_user")
    migration.setenv(DATABASE_URL=migration.server.create_database(f"{migration.database}_b"))
    second = migration.materialize("sqlite_backup", "admin_user").metadata("admin_user")
    assert first["password_file"] != second["password_file"]
    assert password_in(Path(first["password_file"])) != password_in(Path(second["password_file"]))


def test_a_home_that_cannot_be_written_is_a_clear_error(migration: Migration) -> None:
    home = migration.source.parent / "home"
    home.write_text("a file, where a folder should be")
    migration.setenv(BIZY_HOME=str(home))
    outcome = migration.run()
    assert not outcome.success
    assert "cannot be written (Not a directory)" in outcome.sentences[0]
    assert "BIZY_HOME" in outcome.sentences[0]
    assert migration.query("SELECT count(*) FROM users") == [(0,)]


def test_a_password_stays_where_nobody_knows_whether_the_user_was_committed(
    migration: Migration,
) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    migration.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE 'not now'; END$$; "
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    migration.setenv(DEFAULT_USER_EMAIL="me@example.org", DEFAULT_USER_USERNAME="me")
    assert not migration.run().success
    folder = Path(os.environ["BIZY_HOME"]) / "passwords"
    [file] = folder.glob("me@example.org*")
    void = password_in(file)
    migration.query("DROP TRIGGER refuse ON users")
    migration.prove("goals", "tasks")
    [(hashed,)] = migration.query("SELECT hashed_password FROM users WHERE username = 'me'")
    assert password_in(file) != void
    assert bcrypt.verify(password_in(file), hashed)


def test_a_user_that_was_not_made_leaves_no_password(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user")
    migration.query("ALTER TABLE users ADD CONSTRAINT few CHECK (id < 2)")
    migration.setenv(DEFAULT_USER_EMAIL="me@example.org", DEFAULT_USER_USERNAME="me")
    assert not migration.run().success
    assert not list((Path(os.environ["BIZY_HOME"]) / "passwords").glob("me@example.org*"))


def test_every_user_of_every_target_has_a_file_of_its_own() -> None:
    urls = [
        "postgresql://u@localhost/bizy", "postgresql://u@localhost:5433/bizy",
        "postgresql:///bizy?host=/a", "postgresql:///bizy?host=/b",
        "postgresql:///bizy?host=/a&port=5433", "postgresql://a,b:5433/bizy",
        "postgresql://u@localhost/bi zy", "postgresql://u@localhost/bi_zy",
    ]  # fmt: skip
    emails = ("a+b@x", "a_b@x", "a@x", "a" * 250 + "@x")
    names = {
        file_name(describe_url(parse_url(url, variable="")), email, f"{url} {identity}")
        for url in urls
        for email in emails
        for identity in ("1 5", "2 5")
    }
    assert len(names) == 2 * len(emails) * len(urls)
    assert all(len(name) < 240 for name in names)


def test_two_ports_of_one_socket_folder_have_two_password_files(
    migration: Migration, other_server: Server
) -> None:
    # Each is reached by the port of its socket in the folder of the other.
    socket = f".s.PGSQL.{other_server.port}"
    folder = migration.server.folder
    (folder / socket).symlink_to(other_server.folder / socket)
    other_server.create_database(migration.database)
    created = []
    for server in (migration.server, other_server):
        migration.setenv(
            DATABASE_URL=f"postgresql:///{migration.database}?host={folder}&port={server.port}"
            f"&user=chief&password={server.password}"
        )
        outcome = migration.materialize("sqlite_backup", "admin_user")
        assert outcome.success, outcome.sentences
        found = outcome.metadata("admin_user")
        assert found["target"] == f"{folder}:{server.port}/{migration.database}"
        created.append(found)
    (folder / socket).unlink()
    first, second = (Path(metadata["password_file"]) for metadata in created)
    assert first != second
    assert password_in(first) != password_in(second)


def test_a_password_file_survives_another_database_at_its_address(migration: Migration) -> None:
    """As where a tunnel ends at another server, or a database was created again."""
    first = migration.materialize("sqlite_backup", "admin_user").metadata("admin_user")
    before = Path(first["password_file"]).read_bytes()
    administrator = migration.server.connect()
    with administrator.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {migration.database} RENAME TO {migration.database}_kept")
    administrator.close()
    migration.server.create_database(migration.database)
    second = migration.materialize("sqlite_backup", "admin_user").metadata("admin_user")
    assert second["created"] is True
    assert Path(first["password_file"]).read_bytes() == before
    [(hashed,)] = migration.query("SELECT hashed_password FROM users")
    assert bcrypt.verify(password_in(Path(second["password_file"])), hashed)
    assert not bcrypt.verify(password_in(Path(first["password_file"])), hashed)


def test_a_password_file_of_the_last_release_is_found_changed_and_removed(
    migration: Migration,
) -> None:
    created = migration.materialize("sqlite_backup", "admin_user").metadata("admin_user")
    file = Path(created["password_file"])
    name = f"admin@bizy.local_127.0.0.1_{migration.server.port}_{migration.database}.txt"
    earlier = file.rename(file.with_name(name))
    lines = earlier.read_text().splitlines(keepends=True)
    earlier.write_text("".join(line for line in lines if not line.startswith("identity: ")))
    # Another target's file of the same email.
    other = earlier.with_name("admin@bizy.local_localhost_5432_bizy.txt")
    other.write_text("database: localhost:5432/bizy\nemail: admin@bizy.local\npassword: x\n")
    again = migration.materialize("sqlite_backup", "admin_user").metadata("admin_user")
    assert again["password_file"] == str(earlier)
    assert migration.run("reset_admin_password").success
    [(hashed,)] = migration.query("SELECT hashed_password FROM users")
    assert bcrypt.verify(password_in(earlier), hashed)
    assert migration.run("rollback").success
    assert [*file.parent.iterdir()] == [other]
