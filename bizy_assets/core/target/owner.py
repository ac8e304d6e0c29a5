"""The owner account: the user of the backend who owns every migrated row.

Its password is random. PostgreSQL stores only the bcrypt hash, and one file that only its owner can
read stores the password itself, which appears in no log and no message.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from psycopg2 import errors

from bizy_assets.core.errors import ConflictError, TargetError
from bizy_assets.core.postgres import (
    advisory_locks,
    catalog,
    describe_url,
    is_dry_run,
    locks,
    transaction,
)
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.target import passwords
from bizy_assets.core.target.created_objects import ObjectKind, record_created
from bizy_assets.core.target.ddl import ensure_indexes_and_keys, ensure_table, preflight
from bizy_assets.core.target.sequences import advance_sequence, reserve_id
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import USERS_TABLE

OWNER_FULL_NAME = "Default User (Migration)"
"""``users.full_name`` of an owner account that the migration created."""

_NOW = sa.func.timezone("UTC", sa.func.now())


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The owner account in the target.

    Its password file is known if the migration created it on this machine; ``created`` is
    true if this call did.
    """

    user_id: int
    created: bool
    password_file: Path | None


def ensure_owner(
    connection: sa.Connection,
    settings: OwnerSettings,
    home: Path,
    *,
    lock_wait_seconds: float,
    concurrent: bool = False,
) -> Owner:
    """Find the owner account by email, or create it with a random password, and commit it.

    In a run that is ``concurrent`` with others, nothing but the account is created: neither tables
    nor a password file. It is no superuser and its password is unknown. Sessions that add users
    meanwhile do not wait.

    The connection has no open transaction, except in a dry run.

    Raises:
        SchemaError: A table of the target does not match the backend's schema.
        ConflictError: Username or id belong to another user, or the account has another id.
        TargetError: The role lacks a privilege, another session did not release its lock, or the
            tables of a concurrent run do not exist.
    """
    if concurrent:
        return _ensure_concurrently(connection, settings, lock_wait_seconds)
    with transaction(connection):
        preflight(connection)
        ensure_state_schema(connection)
        ensure_table(connection, USERS_TABLE)
        ensure_indexes_and_keys(connection, USERS_TABLE)
        _lock_users(connection, lock_wait_seconds)
        user_id = find_owner(connection, settings)
        file = passwords.password_file(home, connection, settings.email)
    if user_id is None:
        user_id = _create(connection, settings, file, lock_wait_seconds)
        return Owner(user_id=user_id, created=True, password_file=file)
    if not is_dry_run(connection):
        with transaction(connection):
            resolve_pending_password(connection, file, user_id)
    return Owner(user_id=user_id, created=False, password_file=file if file.exists() else None)


def find_owner_id(connection: sa.Connection, settings: OwnerSettings) -> int:
    """Return the id of the owner account.

    Raises:
        TargetError: The account does not exist yet.
        ConflictError: The account contradicts the settings.
    """
    user_id = find_owner(connection, settings)
    if user_id is None:
        raise TargetError(
            f"The owner account {settings.email} does not exist in "
            f"{describe_url(connection.engine.url)}; materialize admin_user first."
        )
    return user_id


def find_owner(connection: sa.Connection, settings: OwnerSettings) -> int | None:
    """Return the account's id, or None if it does not exist and may be created.

    Raises:
        ConflictError: The account contradicts the settings.
    """
    if not catalog.has_table(connection, USERS_TABLE):
        return None
    where, users = describe_url(connection.engine.url), USERS_TABLE.c
    user_id: int | None = connection.scalar(
        sa.select(users.id).where(users.email == settings.email)
    )
    if user_id is not None:
        if settings.user_id not in (None, user_id):
            raise ConflictError(
                f"User {settings.email} has id {user_id} in {where}, but DEFAULT_USER_ID is "
                f"{settings.user_id}; set DEFAULT_USER_ID to {user_id} or leave it unset, or name "
                "another user with DEFAULT_USER_EMAIL."
            )
        return user_id
    _require_no_other_case(connection, settings)
    email = connection.scalar(sa.select(users.email).where(users.username == settings.username))
    if email is not None:
        raise ConflictError(
            f"The username {settings.username!r} belongs to {email} in {where}; set "
            f"DEFAULT_USER_EMAIL to {email} to make that user the owner account, or "
            "DEFAULT_USER_USERNAME to an unused name."
        )
    email = connection.scalar(sa.select(users.email).where(users.id == settings.user_id))
    if email is not None:
        raise ConflictError(
            f"The id {settings.user_id} (DEFAULT_USER_ID) belongs to {email} in {where}; set "
            f"DEFAULT_USER_EMAIL to {email} to make that user the owner account, or choose "
            "another id."
        )
    return None


def _require_no_other_case(connection: sa.Connection, settings: OwnerSettings) -> None:
    """Check that no account has the owner's email in another case.

    For PostgreSQL these are two emails. Usually they are one person's, who would not see the rows
    of a second account.

    Raises:
        ConflictError: There is one.
    """
    users = USERS_TABLE.c
    same = sa.func.lower(users.email) == sa.func.lower(settings.email)
    user = connection.execute(
        sa.select(users.id, users.email).where(same).order_by(users.id).limit(1)
    ).one_or_none()
    if user is not None:
        raise ConflictError(
            f"The email {settings.email} differs only in case from that of user {user.email} (id "
            f"{user.id}) in {describe_url(connection.engine.url)}; set DEFAULT_USER_EMAIL to "
            f"{user.email} to make that user the owner account, or to a different email."
        )


def _ensure_concurrently(
    connection: sa.Connection,
    settings: OwnerSettings,
    lock_wait_seconds: float,
    attempts: int = 3,
) -> Owner:
    """Find or create the account without a lock that other sessions wait for."""
    with transaction(connection):
        if not catalog.has_table(connection, USERS_TABLE):
            raise TargetError(
                f"Table {USERS_TABLE.name} does not exist in "
                f"{describe_url(connection.engine.url)}; materialize target_schema first."
            )
        user_id = find_owner(connection, settings)
    if user_id is not None:
        return Owner(user_id=user_id, created=False, password_file=None)
    try:
        user_id = _create_concurrently(connection, settings, lock_wait_seconds)
    except sa.exc.IntegrityError as error:
        # The backend took the email, the username or the id meanwhile.
        if attempts == 1 or not isinstance(error.orig, errors.UniqueViolation):
            raise
        return _ensure_concurrently(connection, settings, lock_wait_seconds, attempts - 1)
    return Owner(user_id=user_id, created=True, password_file=None)


def _create_concurrently(
    connection: sa.Connection, settings: OwnerSettings, lock_wait_seconds: float
) -> int:
    # Hashing takes a quarter of a second, in which other runs need not wait.
    hashed = passwords.hash_of_no_password()
    with transaction(connection):
        advisory_locks.allocation_lock(connection, wait_seconds=lock_wait_seconds)
        user_id = reserve_id(
            connection, USERS_TABLE, settings.user_id, lock_wait_seconds=lock_wait_seconds
        )
    # This may wait for a transaction that adds the same email, so the sequence is released before.
    with (
        transaction(connection),
        locks.lock_timeout(connection, USERS_TABLE, seconds=lock_wait_seconds),
    ):
        _insert(connection, settings, user_id, hashed, is_superuser=False)
    return user_id


def _create(
    connection: sa.Connection, settings: OwnerSettings, file: Path, lock_wait_seconds: float
) -> int:
    password, hashed = passwords.new_password()
    new_file: AbstractContextManager[None] = nullcontext()
    if not is_dry_run(connection):
        # An existing file belongs to a user that no longer exists.
        with transaction(connection):
            passwords.write_password(file, password, settings, connection)
        new_file = passwords.deleted_on_error(file)
    with transaction(connection), new_file:
        _lock_users(connection, lock_wait_seconds)
        user_id = reserve_id(connection, USERS_TABLE, settings.user_id)
        _insert(connection, settings, user_id, hashed, is_superuser=True)
        advance_sequence(connection, USERS_TABLE)
    return user_id


def _lock_users(connection: sa.Connection, seconds: float) -> None:
    """Prevent other sessions from adding users until the transaction ends."""
    with locks.lock_timeout(connection, USERS_TABLE, seconds=seconds):
        locks.lock_for_writing(connection, USERS_TABLE)


def _insert(
    connection: sa.Connection,
    settings: OwnerSettings,
    user_id: int,
    hashed: str,
    *,
    is_superuser: bool,
) -> None:
    connection.execute(
        sa.insert(USERS_TABLE).values(
            id=user_id,
            email=settings.email,
            username=settings.username,
            hashed_password=hashed,
            full_name=OWNER_FULL_NAME,
            is_active=True,
            is_verified=True,
            is_superuser=is_superuser,
            created_at=_NOW,
            updated_at=_NOW,
        )
    )
    record_created(connection, ObjectKind.USER, USERS_TABLE.name, [str(user_id)])


def resolve_pending_password(connection: sa.Connection, file: Path, user_id: int) -> None:
    """Complete or discard an interrupted change of the password."""
    hashed = sa.select(USERS_TABLE.c.hashed_password).where(USERS_TABLE.c.id == user_id)
    passwords.resolve_pending(file, str(connection.scalar(hashed)))
