"""The user who owns everything that is migrated.

Its password is random, is stored in PostgreSQL as a bcrypt hash only, and stands in one file
that nobody else may read. It passes through no log and no message.
"""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.errors import ConflictError, TargetError
from bizy_assets.core.postgres import (
    describe_url,
    is_dry_run,
    lock_for_writing,
    lock_timeout,
    table_columns,
    transaction,
)
from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS, OwnerSettings
from bizy_assets.core.target.created_objects import ObjectKind, record_created
from bizy_assets.core.target.ddl import ensure_indexes_and_keys, ensure_table, preflight
from bizy_assets.core.target.passwords import (
    hash_password,
    new_password,
    password_file,
    pending_file,
    promote_pending,
    settle_pending,
    write_password,
)
from bizy_assets.core.target.sequences import advance_sequence, next_free_id
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import USERS_TABLE

OWNER_FULL_NAME = "Default User (Migration)"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The owner of migrated rows.

    Attributes:
        user_id: Its ``users.id``.
        created: Whether this call made it.
        password_file: Where its password stands, if the migration made it from this machine.
    """

    user_id: int
    created: bool
    password_file: Path | None


def ensure_owner(
    connection: sa.Connection,
    settings: OwnerSettings,
    home: Path,
    *,
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS,
) -> Owner:
    """Finds the owner by email, or creates it with a random password.

    Args:
        connection: Outside a transaction, but for a rehearsal; the user is committed here.
        settings: Who it shall be.
        home: ``BIZY_HOME``, for the password file.
        lock_wait_seconds: How long to wait for sessions that lock the table of users.

    Raises:
        SchemaError: A table of the target is not what the backend's schema says.
        ConflictError: Username or id belong to another user, or the user has another id.
        TargetError: The role lacks a right, or another session did not give its lock back.
    """
    file = password_file(home, connection.engine.url, settings.email)
    with transaction(connection):
        preflight(connection, connection.engine.url.username)
        ensure_state_schema(connection)
        ensure_table(connection, USERS_TABLE)
        ensure_indexes_and_keys(connection, USERS_TABLE)
        _lock(connection, lock_wait_seconds)
        found = _find(connection, settings)
    if found is not None:
        if not is_dry_run(connection):
            with transaction(connection):
                _settle(connection, file, found)
        return Owner(user_id=found, created=False, password_file=file if file.exists() else None)
    password = new_password()
    hashed = hash_password(password)
    if not is_dry_run(connection):
        # A file that is there already belongs to a user that no longer exists.
        write_password(file, password, settings, connection.engine.url)
    with transaction(connection):
        try:
            _lock(connection, lock_wait_seconds)
            user_id = _insert(connection, settings, hashed)
        except BaseException:
            # Only here: where the commit's outcome is unknown, the password may be needed.
            file.unlink(missing_ok=True)
            raise
    return Owner(user_id=user_id, created=True, password_file=file)


def reset_owner_password(
    connection: sa.Connection,
    settings: OwnerSettings,
    home: Path,
    *,
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS,
) -> Owner:
    """Gives the owner a new random password, which replaces the old one in the file.

    The new password is written beside the old one before it is committed, and takes its place
    afterwards. Whenever this is interrupted, the valid one of the two is in one of two files;
    the next call, or the next run, finds out which it is.

    Args:
        connection: Outside a transaction, with the target's lock; the password is committed here.
        settings: Who the owner is.
        home: ``BIZY_HOME``, for the password file.
        lock_wait_seconds: How long to wait for sessions that lock the user.

    Raises:
        ConflictError: The user is not the one that the settings want, or not the migration's.
        TargetError: There is no such user, or another session did not give its lock back.
    """
    url = connection.engine.url
    file = password_file(home, url, settings.email)
    with connection.begin():
        user_id = find_owner_id(connection, settings)
        username = _username_if_ours(connection, user_id)
        _settle(connection, file, user_id)
    password = new_password()
    hashed = hash_password(password)
    written = settings.model_copy(update={"username": username})
    write_password(pending_file(file), password, written, url)
    with connection.begin():
        try:
            _change_password(connection, user_id, hashed, lock_wait_seconds)
        except BaseException:
            # Only here: where the commit's outcome is unknown, both passwords may be needed.
            pending_file(file).unlink(missing_ok=True)
            raise
    promote_pending(file)
    return Owner(user_id=user_id, created=False, password_file=file)


def _settle(connection: sa.Connection, file: Path, user_id: int) -> None:
    """Clears up after an interrupted change of the password."""
    hashed = connection.scalar(
        sa.select(USERS_TABLE.c.hashed_password).where(USERS_TABLE.c.id == user_id)
    )
    settle_pending(file, str(hashed))


def _username_if_ours(connection: sa.Connection, user_id: int) -> str:
    """Returns the name that a user has by now.

    Raises:
        ConflictError: The migration did not create the user.
    """
    user = connection.execute(sa.select(USERS_TABLE).where(USERS_TABLE.c.id == user_id)).one()
    if user.full_name != OWNER_FULL_NAME:
        raise ConflictError(
            f"User {user.email} (id {user_id}) in {describe_url(connection.engine.url)} was not "
            f"created by the migration (users.full_name is {user.full_name!r}, expected "
            f"{OWNER_FULL_NAME!r}), so its password is left alone; change it where the user was made, or "
            "name the migration's user with DEFAULT_USER_EMAIL."
        )
    return str(user.username)


def _change_password(
    connection: sa.Connection, user_id: int, hashed: str, lock_wait_seconds: float
) -> None:
    with lock_timeout(connection, USERS_TABLE, seconds=lock_wait_seconds):
        changed = connection.execute(
            sa.update(USERS_TABLE)
            .where(USERS_TABLE.c.id == user_id)
            .values(hashed_password=hashed, updated_at=sa.func.timezone("UTC", sa.func.now()))
        ).rowcount
    if changed != 1:
        raise TargetError(
            f"User {user_id} in {describe_url(connection.engine.url)} is gone since a moment ago; its "
            "password was not changed, run again."
        )


def _lock(connection: sa.Connection, seconds: float) -> None:
    """Keeps others from adding users until the transaction ends."""
    with lock_timeout(connection, USERS_TABLE, seconds=seconds):
        lock_for_writing(connection, USERS_TABLE)


def find_owner_id(connection: sa.Connection, settings: OwnerSettings) -> int:
    """Returns the owner's id.

    Raises:
        TargetError: There is no such user yet.
        ConflictError: It is not the one that the settings want.
    """
    user_id = _find(connection, settings) if table_columns(connection, "users") else None
    if user_id is None:
        raise TargetError(
            f"There is no user {settings.email} in {describe_url(connection.engine.url)} to own the "
            "rows; materialize admin_user first."
        )
    return user_id


def _find(connection: sa.Connection, settings: OwnerSettings) -> int | None:
    """Returns the user's id by email, or None where the user may be created.

    Raises:
        ConflictError: What the settings say contradicts the users that there are.
    """
    where = describe_url(connection.engine.url)
    user_id: int | None = connection.scalar(
        sa.select(USERS_TABLE.c.id).where(USERS_TABLE.c.email == settings.email)
    )
    if user_id is not None:
        if settings.user_id is not None and settings.user_id != user_id:
            raise ConflictError(
                f"User {settings.email} has id {user_id} in {where}, but DEFAULT_USER_ID is "
                f"{settings.user_id}; set DEFAULT_USER_ID to {user_id} or leave it unset, or name "
                "another user with DEFAULT_USER_EMAIL."
            )
        return user_id
    holder = connection.scalar(
        sa.select(USERS_TABLE.c.email).where(USERS_TABLE.c.username == settings.username)
    )
    if holder is not None:
        raise ConflictError(
            f"The username {settings.username!r} belongs to {holder} in {where}; set "
            f"DEFAULT_USER_EMAIL to {holder} to let that user own the rows, or "
            "DEFAULT_USER_USERNAME to a free name."
        )
    holder = connection.scalar(
        sa.select(USERS_TABLE.c.email).where(USERS_TABLE.c.id == settings.user_id)
    )
    if holder is not None:
        raise ConflictError(
            f"The id {settings.user_id} (DEFAULT_USER_ID) belongs to {holder} in {where}; set "
            f"DEFAULT_USER_EMAIL to {holder} to let that user own the rows, or choose another id."
        )
    return None


def _insert(connection: sa.Connection, settings: OwnerSettings, hashed: str) -> int:
    user_id = settings.user_id or next_free_id(connection, "users")
    now = sa.func.timezone("UTC", sa.func.now())
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
            created_at=now,
            updated_at=now,
        )
    )
    advance_sequence(connection, "users")
    record_created(connection, ObjectKind.USER, USERS_TABLE.name, [str(user_id)])
    return user_id
