"""Owner accounts made by runs beside each other and beside the backend, which never waits."""

import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa
from passlib.hash import bcrypt

from bizy_assets.core import pipeline
from bizy_assets.core.errors import ConflictError, TargetError
from bizy_assets.core.postgres import connect, dry_run_transaction, parse_url
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.target import USERS_TABLE, Owner, ensure_state_schema, passwords
from bizy_assets_tests.support.owners import INSERT, password_in
from bizy_assets_tests.support.processes import PATIENCE, until
from bizy_assets_tests.support.servers import Server

WAIT = 60.0
SIGN_UP = (
    "INSERT INTO users (email, username, hashed_password, created_at, updated_at) "
    "VALUES (%s, %s, 'x', now(), now()) RETURNING id"
)
MIGRATION = "(SELECT pid FROM pg_stat_activity WHERE application_name = 'bizy-assets run 1')"
BLOCKED = f"SELECT 1 FROM {MIGRATION} AS run WHERE cardinality(pg_blocking_pids(pid)) > 0"
# What more than one row of a table waits for: strong locks of relations, and advisory locks.
STRONG = (
    f"SELECT relation::regclass::text, mode FROM pg_locks WHERE pid IN {MIGRATION} "
    "AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock') "
    "AND locktype IN ('relation', 'advisory') ORDER BY 1"
)

_numbers = itertools.count(1)


class Target:
    """A database of the backend that a fleet's schema was prepared in."""

    def __init__(self, server: Server, name: str, home: Path, sessions: ExitStack) -> None:
        self.server, self.name, self.home, self._sessions = server, name, home, sessions
        self._backend = sessions.enter_context(self.session())
        self._backend.autocommit = True

    def session(self) -> "closing[psycopg2.extensions.connection]":
        return closing(psycopg2.connect(self.server.url(self.name)))

    def run(self, number: int) -> sa.Connection:
        url = parse_url(self.server.url(self.name), variable="URL")
        return self._sessions.enter_context(connect(url, purpose=f"run {number}"))

    def query(self, statement: str, *values: object) -> list[tuple]:
        with self._backend.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def sign_up(self, name: str) -> int:
        """Adds a user as the backend, which would not wait for more than a second."""
        [(number,)] = self.query(SIGN_UP, f"{name}@backend", name)
        return number

    def ensure(
        self,
        connection: sa.Connection,
        name: str = "a",
        *,
        concurrent: bool = True,
        **settings: object,
    ) -> Owner:
        return pipeline.ensure_owner(
            connection,
            OwnerSettings(email=f"{name}@example.org", username=name, **settings),
            self.home,
            lock_wait_seconds=WAIT,
            concurrent=concurrent,
        )


@pytest.fixture(scope="module")
def template(server: Server) -> Iterator[str]:
    """A database in which the backend's table of users and the migration's schema exist."""
    url = parse_url(server.create_database("prepared"), variable="URL")
    with connect(url, purpose="preparation") as connection, connection.begin():
        USERS_TABLE.create(connection)
        ensure_state_schema(connection)
    yield "prepared"
    server.drop_database("prepared")


@pytest.fixture
def target(server: Server, template: str, tmp_path: Path) -> Iterator[Target]:
    name = f"owners{next(_numbers)}"
    server.create_database(name, template=template)
    with ExitStack() as sessions:
        yield Target(server, name, tmp_path / "home", sessions)
    server.drop_database(name)


@pytest.fixture
def run(target: Target) -> sa.Connection:
    return target.run(1)


def test_the_account_is_no_superuser_and_nobody_knows_its_password(
    target: Target, run: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "BCRYPT_COST", 12)
    passwords.hash_of_no_password.cache_clear()
    first, second = target.ensure(run), target.ensure(run, "b", user_id=40)
    passwords.hash_of_no_password.cache_clear()
    assert first == Owner(user_id=1, created=True, password_file=None)
    assert second == Owner(user_id=40, created=True, password_file=None)
    assert target.ensure(run, "b") == Owner(user_id=40, created=False, password_file=None)
    assert target.query("SELECT DISTINCT full_name, is_active, is_superuser FROM users") == [
        ("Default User (Migration)", True, False)
    ]
    [(hashed,)] = target.query("SELECT DISTINCT hashed_password FROM users")
    assert hashed.startswith("$2b$12$")
    assert not target.home.exists()
    assert target.sign_up("next") == 41


def test_a_password_that_is_reset_gets_the_first_file(target: Target, run: sa.Connection) -> None:
    target.ensure(run)
    settings = OwnerSettings(email="a@example.org", username="ignored")
    owner = pipeline.reset_owner_password(run, settings, target.home, lock_wait_seconds=WAIT)
    assert owner.password_file is not None
    assert list(owner.password_file.parent.iterdir()) == [owner.password_file]
    [(hashed,)] = target.query("SELECT hashed_password FROM users")
    assert bcrypt.verify(password_in(owner.password_file), hashed)


def test_a_rollback_deletes_accounts_without_a_password_file(
    target: Target, run: sa.Connection
) -> None:
    target.sign_up("before")
    before = target.server.dump(target.name, "--schema=public")
    for name in ("a", "b"):
        target.ensure(run, name)
    result = pipeline.roll_back(run, target.home, keep_edited=False, lock_wait_seconds=WAIT)
    assert result.objects is not None
    assert "owner account b@example.org (id 3)" in result.objects.dropped
    assert target.server.dump(target.name, "--schema=public") == before


def test_a_target_that_was_not_prepared_is_a_clear_error(
    target: Target, run: sa.Connection
) -> None:
    target.query("DROP TABLE users")
    with pytest.raises(TargetError, match=r"users does not exist in .*; materialize target_schema"):
        target.ensure(run)


def test_the_whole_of_it_locks_no_table(target: Target, run: sa.Connection) -> None:
    with dry_run_transaction(run):
        # Until its end this holds whatever the transactions of a run hold one after the other.
        target.ensure(run)
        assert target.query(STRONG) == [
            ("users_id_seq", "ShareRowExclusiveLock"),
            (None, "ExclusiveLock"),
        ]
        target.query(INSERT, 90, "x@backend", "x")


@pytest.mark.parametrize("outcome", ["same user", "same name", "rollback"])
def test_an_account_that_the_backend_adds_meanwhile_is_found(
    target: Target, run: sa.Connection, outcome: str
) -> None:
    email = "z@example.org" if outcome == "same name" else "a@example.org"
    with (
        ThreadPoolExecutor(1) as thread,
        target.session() as backend,
        backend.cursor() as cursor,
    ):
        cursor.execute(INSERT, [77, email, "a"])
        ensured: Future[Owner] = thread.submit(target.ensure, run)
        until(lambda: target.query(BLOCKED) or ensured.done())
        assert target.query(STRONG) == []
        first = target.sign_up("meanwhile")
        backend.rollback() if outcome == "rollback" else backend.commit()
        if outcome == "same name":
            with pytest.raises(ConflictError, match="'a' belongs to z@"):
                ensured.result(PATIENCE)
        elif outcome == "same user":
            assert ensured.result(PATIENCE).user_id == 77
        else:
            assert ensured.result(PATIENCE) == Owner(
                user_id=first - 1, created=True, password_file=None
            )


@pytest.mark.parametrize("concurrent", [True, False])
def test_an_email_in_another_case_creates_no_second_account(
    target: Target, run: sa.Connection, concurrent: bool
) -> None:
    target.query(INSERT, 7, "Ann.O'Hara@example.org", "ann")
    before = target.query("SELECT * FROM users")
    expected = (
        r"ann\.o'hara@example\.org differs only in case from that of user "
        r"Ann\.O'Hara@example\.org \(id 7\) .* set DEFAULT_USER_EMAIL to Ann\.O'Hara@example\.org "
    )
    with pytest.raises(ConflictError, match=expected):
        target.ensure(run, "ann.o'hara", concurrent=concurrent)
    settings = OwnerSettings(email="ann.o'hara@example.org", username="ann")
    with pytest.raises(ConflictError, match=expected):
        pipeline.reset_owner_password(run, settings, target.home, lock_wait_seconds=WAIT)
    assert target.query("SELECT * FROM users") == before
    # The account with exactly this email is the owner, even if there are others.
    target.query(INSERT, 8, "ann.o'hara@example.org", "other")
    owner = target.ensure(run, "ann.o'hara", concurrent=concurrent)
    assert (owner.user_id, owner.created) == (8, False)


def test_a_transaction_that_took_an_id_makes_nobody_else_wait(
    target: Target, run: sa.Connection
) -> None:
    with (
        ThreadPoolExecutor(1) as thread,
        target.session() as backend,
        backend.cursor() as cursor,
    ):
        # Until its end, the sequence cannot be moved.
        cursor.execute(SIGN_UP, ["slow@backend", "slow"])
        ensured = thread.submit(target.ensure, run)
        for number in range(5):
            until(lambda: target.query(BLOCKED) or ensured.done())
            target.sign_up(f"quick{number}")
        assert not ensured.done()
        backend.commit()
        assert ensured.result(PATIENCE).user_id == 7
    assert target.sign_up("next") == 8


def test_a_sequence_that_is_used_too_long_is_a_clear_error(
    target: Target, run: sa.Connection
) -> None:
    with target.session() as backend, backend.cursor() as cursor:
        cursor.execute(SIGN_UP, ["slow@backend", "slow"])
        with pytest.raises(TargetError, match=r"users_id_seq in .* was locked for 0.2 seconds by"):
            pipeline.ensure_owner(
                run, OwnerSettings(), target.home, lock_wait_seconds=0.2, concurrent=True
            )


def test_accounts_and_users_added_at_once_get_ids_of_their_own(target: Target) -> None:
    runs = [target.run(number) for number in range(2)]
    with ThreadPoolExecutor(3) as threads:

        def ensure(number: int) -> list[int]:
            # Ids that a manifest names lie far beyond the sequence.
            ids = [(2 * i + number + 1) * 1_000_000 if i % 4 == 0 else None for i in range(20)]
            return [
                target.ensure(runs[number], f"a{number}_{i}", user_id=user_id).user_id
                for i, user_id in enumerate(ids)
            ]

        migrated = [threads.submit(ensure, number) for number in range(2)]
        signed_up = []
        while not all(future.done() for future in migrated):
            signed_up.append(target.sign_up(f"user{len(signed_up)}"))
        created = [number for future in migrated for number in future.result()]
    assert len({*created, *signed_up}) == len(created) + len(signed_up) == 40 + len(signed_up)
