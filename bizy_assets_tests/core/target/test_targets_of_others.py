"""Targets that others made and use: large, guarded otherwise, and locked by their sessions."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets_tests.core.target.test_errors_of_the_target import ROLE_PASSWORD, advice
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backends import make_backend_tables
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.migrations import Migration, Outcome
from bizy_assets_tests.support.refusals import refused
from bizy_assets_tests.support.roles import administer
from bizy_assets_tests.support.states import schema

KEY = (
    "SELECT conname, confrelid::regclass::text, confdeltype, condeferrable FROM pg_constraint "
    "WHERE conrelid = 'tasks'::regclass AND contype = 'f' ORDER BY conname"
)
MIGRATED = pytest.param(True, marks=pytest.mark.migrated)
PARENT = ("tasks_parent_goal_id_fkey", "goals", "n", False)


@contextmanager
def session(migration: Migration, statement: str) -> Iterator["psycopg2.extensions.connection"]:
    """Keeps a session of the backend in the transaction that a statement began."""
    connection = psycopg2.connect(
        migration.server.url(migration.database), application_name="the-backend"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
    try:
        yield connection
    finally:
        connection.close()


def replace_key(migration: Migration, definition: str) -> None:
    """Gives ``tasks.user_id`` another foreign key, under the name of the backend's."""
    administer(
        migration,
        "ALTER TABLE tasks DROP CONSTRAINT tasks_user_id_fkey; "
        "ALTER TABLE tasks ADD CONSTRAINT tasks_user_id_fkey FOREIGN KEY (user_id) " + definition,
    )


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_reference_into_a_large_table_that_points_nowhere_is_found(migration: Migration) -> None:
    migration.query(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "SELECT n, n || '@example.org', 'user' || n, '', now(), now() "
        "FROM generate_series(1000, 41000) AS n"
    )
    migration.query(
        "INSERT INTO tasks (id, user_id, title, created_at, updated_at) "
        "SELECT n, 38000 + n, 'theirs', now(), now() FROM generate_series(1000, 2500) AS n"
    )
    migration.query(
        "ALTER TABLE tasks DROP CONSTRAINT tasks_user_id_fkey; "
        "UPDATE tasks SET user_id = 39234 WHERE id = 12; "
        "DELETE FROM users WHERE id = 39234; ANALYZE"
    )
    event = migration.run("verify").checks()["pg_tasks", "orphan_fk"]
    assert "1 row has a user_id that does not exist (id 12)." in event.description


@pytest.mark.exhaustive
@pytest.mark.core
def test_a_deferrable_key_of_an_empty_table_stays(migration: Migration) -> None:
    make_backend_tables(migration)
    replace_key(migration, "REFERENCES users ON DELETE CASCADE DEFERRABLE")
    migration.prove("goals", "tasks")
    assert migration.query(KEY) == [PARENT, ("tasks_user_id_fkey", "users", "c", True)]


def test_a_plain_key_of_an_empty_table_is_made_after_the_data(migration: Migration) -> None:
    make_backend_tables(migration)
    outcome = migration.migrate("goals", "tasks")
    assert outcome.metadata("pg_tasks")["new_indexes_and_keys"] == "12"
    assert migration.query(KEY) == [PARENT, ("tasks_user_id_fkey", "users", "c", False)]


@pytest.mark.migrated
def test_an_index_that_is_missing_is_made_and_counted(migration: Migration) -> None:
    before = schema(migration)
    migration.query("DROP INDEX ix_tasks_goal_status, ix_goals_horizon")
    outcome = migration.migrate()
    made = [outcome.metadata(f"pg_{t}")["new_indexes_and_keys"] for t in ("goals", "tasks")]
    assert made == ["1", "1"]
    assert "new_indexes_and_keys" not in outcome.metadata("pg_metrics")
    assert sorted(schema(migration)) == sorted(before)


def said_by_check(outcome: Outcome) -> str:
    """Returns what the check of references, which must fail, says of tasks."""
    found = outcome.checks()["pg_tasks", "orphan_fk"]
    assert not outcome.success
    assert not found.passed
    return str(found.description)


@pytest.mark.parametrize("loaded", [False, MIGRATED])
def test_a_key_with_another_on_delete_is_an_error_and_stays(
    migration: Migration, loaded: bool
) -> None:
    if not loaded:
        make_backend_tables(migration)
    replace_key(migration, "REFERENCES users ON DELETE SET NULL")
    outcome = migration.run()
    assert not outcome.success
    # A load that has nothing to write leaves it to the check.
    [sentence] = [said_by_check(outcome)] if loaded else outcome.sentences
    assert (
        "The foreign key tasks_user_id_fkey of tasks.user_id has ON DELETE SET NULL, expected "
        "ON DELETE CASCADE; drop it, and the next load creates the right one." in sentence
    )
    assert migration.query(KEY) == [PARENT, ("tasks_user_id_fkey", "users", "n", False)]
    migration.query("ALTER TABLE tasks DROP CONSTRAINT tasks_user_id_fkey")
    migration.prove("goals", "tasks")
    assert migration.query(KEY) == [PARENT, ("tasks_user_id_fkey", "users", "c", False)]


@pytest.mark.parametrize("name", ["tasks_user_id_fkey", "theirs"])
@pytest.mark.migrated
def test_a_key_to_a_table_of_the_same_name_elsewhere_does_not_count(
    migration: Migration, name: str
) -> None:
    migration.query(
        "CREATE SCHEMA archive; CREATE TABLE archive.users (id integer PRIMARY KEY); "
        "INSERT INTO archive.users SELECT id FROM users"
    )
    replace_key(migration, "REFERENCES archive.users ON DELETE CASCADE")
    migration.query(f"ALTER TABLE tasks RENAME CONSTRAINT tasks_user_id_fkey TO {name}_")
    migration.query(f"ALTER TABLE tasks RENAME CONSTRAINT {name}_ TO {name}")
    event = migration.run("verify").checks()["pg_tasks", "orphan_fk"]
    assert event.description == (
        "The foreign key of tasks.user_id to users is missing; run the job migrate once, which "
        "creates it."
    )
    # Ours is made beside theirs, unless theirs has its name.
    assert migration.run().success == (name == "theirs")
    assert (name, "archive.users", "c", False) in migration.query(KEY)


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_key_that_is_not_enforced_counts_as_not_validated(migration: Migration) -> None:
    replace_key(migration, "REFERENCES users ON DELETE CASCADE NOT ENFORCED")
    sentence = said_by_check(migration.run())
    assert (
        "The foreign key tasks_user_id_fkey of tasks.user_id is not validated; drop it" in sentence
    )


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_every_key_of_a_column_is_validated_by_a_load(migration: Migration) -> None:
    for name in ("another", "one_more"):
        migration.query(
            f"ALTER TABLE tasks ADD CONSTRAINT {name} FOREIGN KEY (user_id) REFERENCES users "
            "ON DELETE CASCADE NOT VALID"
        )
    assert not migration.run("verify").success
    migration.prove("goals", "tasks")
    assert migration.query("SELECT count(*) FROM pg_constraint WHERE NOT convalidated") == [(0,)]


@pytest.mark.parametrize("loaded", [False, MIGRATED])
def test_an_index_of_our_name_on_other_columns_stays(migration: Migration, loaded: bool) -> None:
    if not loaded:
        make_backend_tables(migration)
    migration.query(
        "DROP INDEX ix_tasks_category; CREATE INDEX ix_tasks_category ON tasks (title); "
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_tasks_category'::regclass"
    )
    migration.prove("goals", "tasks")
    [(definition,)] = migration.query("SELECT pg_get_indexdef('ix_tasks_category'::regclass)")
    assert definition.endswith("(title)")


def test_a_role_that_may_no_longer_make_schemas_runs_again(migration: Migration, role: str) -> None:
    administer(migration, f"GRANT CREATE ON SCHEMA public TO {role}")
    administer(migration, f"GRANT CREATE ON DATABASE {migration.database} TO {role}")
    migration.load("goals", "tasks")
    administer(migration, f"REVOKE CREATE ON DATABASE {migration.database} FROM {role}")
    migration.prove("goals", "tasks")


@pytest.mark.parametrize(
    "table",
    [
        "tasks",
        *exhaustive("users", "goals"),
    ],
)
def test_ids_that_postgresql_insists_on_making_are_refused_with_a_remedy(
    migration: Migration, table: str
) -> None:
    make_backend_tables(migration)
    change = f"ALTER TABLE {table} ALTER id "
    administer(migration, f"{change} DROP DEFAULT; {change} ADD GENERATED ALWAYS AS IDENTITY")
    sentence = refused(migration)
    assert f"Column id of the target's table {table} is GENERATED ALWAYS" in sentence
    administer(migration, sentence.rpartition("run: ")[2].rstrip("."))
    migration.load()
    migration.prove("goals", "tasks")
    assert migration.run("verify").success


@pytest.mark.parametrize(
    "owned", ["NONE", "users.id", pytest.param("tasks.id", marks=pytest.mark.exhaustive)]
)
def test_ids_may_come_from_any_sequence(migration: Migration, owned: str) -> None:
    make_backend_tables(migration)
    administer(
        migration,
        "CREATE SCHEMA numbering; CREATE SEQUENCE numbering.all_ids INCREMENT 5; "
        "ALTER TABLE tasks ALTER id SET DEFAULT nextval('numbering.all_ids')",
    )
    if owned != "NONE":
        administer(migration, "DROP SEQUENCE tasks_id_seq; ALTER SEQUENCE numbering.all_ids "
                   "SET SCHEMA public; ALTER SEQUENCE all_ids OWNED BY " + owned)  # fmt: skip
    migration.prove("goals", "tasks")
    [(number,)] = migration.query(
        "INSERT INTO tasks (user_id, title, created_at, updated_at) "
        "SELECT id, 'new', now(), now() FROM users RETURNING id"
    )
    assert number == 150


LOCKS = {
    "goals-row": (True, {"goals"}, "UPDATE goals SET title = title WHERE id = 1"),
    "tasks-all": (True, {"tasks"}, "LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE"),
    "tasks-read": (False, {"tasks"}, "LOCK TABLE tasks IN ACCESS SHARE MODE"),
    # Tasks wait for goals, which are not loaded then.
    "users-read": (False, set(BY_TABLE) - {"tasks"}, "LOCK TABLE users IN ACCESS SHARE MODE"),
}
"""Whether the target was migrated, the tables that cannot be loaded, and what locks them."""


def locks() -> Iterator[Any]:
    """Yields each lock with each wait; one of the two waits is enough for every day."""
    for number, (name, (loaded, *lock)) in enumerate(LOCKS.items()):
        for place, wait in enumerate(("0", "0.3")):
            marks = [pytest.mark.migrated] if loaded else []
            if (number + place) % 2:
                marks.append(pytest.mark.exhaustive)
            yield pytest.param(loaded, *lock, wait, marks=marks, id=f"{name}-{wait}")


@pytest.mark.parametrize(("loaded", "tables", "statement", "wait"), list(locks()))
def test_a_session_that_keeps_a_table_locked_is_named(
    migration: Migration, loaded: bool, tables: set[str], statement: str, wait: str
) -> None:
    if not loaded:
        make_backend_tables(migration)
    migration.setenv(BIZY_LOCK_WAIT_SECONDS=wait)
    with session(migration, statement) as other:
        sentences = sorted(migration.run().sentences)
        for table, sentence in zip(sorted(tables), sentences, strict=True):
            where = f"127.0.0.1:{migration.server.port}/{migration.database}"
            assert f"Table {table}, or one that it references, in {where} was" in sentence
            assert (
                f"was locked for {wait} seconds by the-backend (pid {other.info.backend_pid}); end "
                "that session's transaction, then run again" in sentence
            )
    migration.prove("goals", "tasks")


@pytest.mark.migrated
def test_a_session_that_only_reads_stops_no_second_load(migration: Migration) -> None:
    migration.setenv(BIZY_LOCK_WAIT_SECONDS="0.3")
    with session(migration, "SELECT FROM goals, tasks, users"):
        migration.prove("goals", "tasks")


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_merge_waits_longer_for_a_row(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE goals SET title = 'changed' WHERE id = 1")
    migration.setenv(BIZY_LOCK_WAIT_SECONDS="0.1")
    with session(migration, "SELECT FROM goals WHERE id = 1 FOR UPDATE") as other:
        end = threading.Thread(target=end_when_waited_for, args=(migration, other))
        end.start()
        migration.prove("goals", "tasks")
        end.join()
    assert migration.query("SELECT title FROM goals WHERE id = 1") == [("changed",)]


def end_when_waited_for(migration: Migration, other: "psycopg2.extensions.connection") -> None:
    """Ends a session's transaction once another has waited for it for half a second."""
    waited = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity "
        "WHERE %s = ANY(pg_blocking_pids(pid)) AND now() - query_start > interval '0.5 s')"
    )
    deadline = time.monotonic() + 60
    waiter = [(False,)]
    while waiter == [(False,)] and time.monotonic() < deadline:
        waiter = migration.query(waited, other.info.backend_pid)
    other.rollback()


@pytest.mark.core
@pytest.mark.parametrize("table", ["tasks", pytest.param("users", marks=pytest.mark.exhaustive)])
def test_row_level_security_that_binds_the_owner_is_refused_up_front(
    migration: Migration, role: str, table: str
) -> None:
    administer(migration, f"GRANT CREATE ON SCHEMA public TO {role}")
    administer(migration, f"GRANT CREATE ON DATABASE {migration.database} TO {role}")
    migration.load("goals", "tasks")
    administer(migration, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    migration.prove("goals", "tasks")
    administer(migration, f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    sentence = migration.run().sentences[0]
    assert (
        f"Row-level security of the target's table {table} also applies to the role '{role}'"
        in sentence
    )
    administer(migration, sentence.rpartition("run: ")[2].rstrip("."))
    migration.prove("goals", "tasks")


@pytest.mark.exhaustive
def test_a_role_that_the_address_does_not_name_is_named_all_the_same(
    migration: Migration, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGUSER", role)
    monkeypatch.setenv("PGPASSWORD", ROLE_PASSWORD)
    where = f"127.0.0.1:{migration.server.port}/{migration.database}"
    migration.setenv(DATABASE_URL=f"postgresql://{where}")
    for problem in ("may not create the tables", "may not create the schema"):
        [sentence] = migration.run().sentences
        assert f"The role '{role}' {problem}" in sentence
        administer(migration, advice(sentence))
    migration.prove()
