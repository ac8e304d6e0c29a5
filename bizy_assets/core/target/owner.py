"""The owner account: the user of the backend who owns every migrated row.

Its password is random. PostgreSQL stores only the bcrypt hash, and one file that only its owner can
read stores the password itself, which appears in no log and no message.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.errors import ConflictError, TargetError
from bizy_assets.core.postgres import catalog, describe_url, is_dry_run, locks, transaction
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.target import passwords
from bizy_assets.core.target.created_objects import ObjectKind, record_created
from bizy_assets.core.target.ddl import ensure_indexes_and_keys, ensure_table, preflight
from bizy_assets.core.target.sequences import advance_sequence, next_free_id
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
    connection: sa.Connection, settings: OwnerSettings, home: Path, *, lock_wait_seconds: float
) -> Owner:
    """Find the owner account by email, or create it with a random password, and commit it.

    The connection has no open transaction, except in a dry run.

    Raises:
        SchemaError: A table of the target does not match the backend's schema.
        ConflictError: Username or id belong to another user, or the account has another id.
        TargetError: The role lacks a privilege, or another session did not release its lock.
    """
    with transaction(connection):
        preflight(connection)
        ensure_state_schema(connection)
        ensure_table(connection, USERS_TABLE)
        ensure_indexes_and_keys(connection, USERS_TABLE)
        _lock_users(connection, lock_wait_seconds)
        user_id = _find(connection, settings)
        file = passwords.password_file(home, connection, settings.email)
    if user_id is None:
        user_id = _create(connection, settings, file, lock_wait_seconds)
        return Owner(user_id=user_id, created=True, password_file=file)
    if not is_dry_run(connection):
        with transaction(connection):
            _resolve_pending(connection, file, user_id)
    return Owner(user_id=user_id, created=False, password_file=file if file.exists() else None)


def reset_owner_password(
    connection: sa.Connection, settings: OwnerSettings, home: Path, *, lock_wait_seconds: float
) -> Owner:
    """Generate a new random password for the owner account, and replace its password file.

    The new password is written to a second file before its hash is committed; that file replaces
    the first one afterwards. After an interruption the valid password is therefore in one of the
    two files; the next call or the next run finds out in which. The connection holds the target's
    lock and has no open transaction.

    Raises:
        ConflictError: The account contradicts the settings, or the migration did not create it.
        TargetError: The account does not exist, or another session did not release its lock.
    """
    with connection.begin():
        user_id = find_owner_id(connection, settings)
        username = _require_created(connection, user_id)
        file = passwords.password_file(home, connection, settings.email)
        _resolve_pending(connection, file, user_id)
    password = passwords.new_password()
    hashed = passwords.hash_password(password)
    settings = settings.model_copy(update={"username": username})
    with connection.begin():
        passwords.write_password(passwords.pending_file(file), password, settings, connection)
    with connection.begin(), _deleted_on_error(passwords.pending_file(file)):
        _change_password(connection, user_id, hashed, lock_wait_seconds)
    passwords.promote_pending(file)
    return Owner(user_id=user_id, created=False, password_file=file)


def find_owner_id(connection: sa.Connection, settings: OwnerSettings) -> int:
    """Return the id of the owner account.

    Raises:
        TargetError: The account does not exist yet.
        ConflictError: The account contradicts the settings.
    """
    user_id = (
        _find(connection, settings) if catalog.table_columns(connection, USERS_TABLE) else None
    )
    if user_id is None:
        raise TargetError(
            f"The owner account {settings.email} does not exist in "
            f"{describe_url(connection.engine.url)}; materialize admin_user first."
        )
    return user_id


def _find(connection: sa.Connection, settings: OwnerSettings) -> int | None:
    """Return the account's id, or None if it does not exist and may be created."""
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


def _create(
    connection: sa.Connection, settings: OwnerSettings, file: Path, lock_wait_seconds: float
) -> int:
    password = passwords.new_password()
    hashed = passwords.hash_password(password)
    new_file: AbstractContextManager[None] = nullcontext()
    if not is_dry_run(connection):
        # An existing file belongs to a user that no longer exists.
        with transaction(connection):
            passwords.write_password(file, password, settings, connection)
        new_file = _deleted_on_error(file)
    with transaction(connection), new_file:
        _lock_users(connection, lock_wait_seconds)
        return _insert(connection, settings, hashed)


@contextmanager
def _deleted_on_error(file: Path) -> Iterator[None]:
    """Delete the file of a new password if a block fails that ends before the commit.

    If the commit itself fails, its outcome may be unknown, and the password may be valid.
    """
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _lock_users(connection: sa.Connection, seconds: float) -> None:
    """Prevent other sessions from adding users until the transaction ends."""
    with locks.lock_timeout(connection, USERS_TABLE, seconds=seconds):
        locks.lock_for_writing(connection, USERS_TABLE)


def _insert(connection: sa.Connection, settings: OwnerSettings, hashed: str) -> int:
    user_id = settings.user_id or next_free_id(connection, USERS_TABLE)
    connection.execute(
        sa.insert(USERS_TABLE).values(
            id=user_id,
            email=settings.email,
            username=settings.username,
            hashed_password=hashed,
            full_name=OWNER_FULL_NAME,
            is_active=True,
            is_verified=True,
            is_superuser=True,
            created_at=_NOW,
            updated_at=_NOW,
        )
    )
    advance_sequence(connection, USERS_TABLE)
    record_created(connection, ObjectKind.USER, USERS_TABLE.name, [str(user_id)])
    return user_id


def _resolve_pending(connection: sa.Connection, file: Path, user_id: int) -> None:
    """Complete or discard an interrupted change of the password."""
    hashed = sa.select(USERS_TABLE.c.hashed_password).where(USERS_TABLE.c.id == user_id)
    passwords.resolve_pending(file, str(connection.scalar(hashed)))


def _require_created(connection: sa.Connection, user_id: int) -> str:
    """Require that the migration created an account, and return its current username."""
    user = connection.execute(sa.select(USERS_TABLE).where(USERS_TABLE.c.id == user_id)).one()
    if user.full_name != OWNER_FULL_NAME:
        raise ConflictError(
            f"User {user.email} (id {user_id}) in {describe_url(connection.engine.url)} was not "
            f"created by the migration (users.full_name is {user.full_name!r}, expected "
            f"{OWNER_FULL_NAME!r}), so its password was not changed; change it where the user was "
            "created, or set DEFAULT_USER_EMAIL to an account that the migration created."
        )
    return str(user.username)


def _change_password(
    connection: sa.Connection, user_id: int, hashed: str, lock_wait_seconds: float
) -> None:
    with locks.lock_timeout(connection, USERS_TABLE, seconds=lock_wait_seconds):
        changed = connection.execute(
            sa.update(USERS_TABLE)
            .where(USERS_TABLE.c.id == user_id)
            .values(hashed_password=hashed, updated_at=_NOW)
        ).rowcount
    if changed != 1:
        raise TargetError(
            f"User {user_id} in {describe_url(connection.engine.url)} was deleted meanwhile; its "
            "password was not changed, run again."
        )
