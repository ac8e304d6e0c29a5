"""Change the password of an owner account that the migration created."""

from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.errors import ConflictError, TargetError
from bizy_assets.core.postgres import describe_url, locks
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.target import passwords
from bizy_assets.core.target.owner import (
    OWNER_FULL_NAME,
    Owner,
    find_owner_id,
    resolve_pending_password,
)
from bizy_assets.core.target.tables import USERS_TABLE


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
        resolve_pending_password(connection, file, user_id)
    password, hashed = passwords.new_password()
    settings = settings.model_copy(update={"username": username})
    with connection.begin():
        passwords.write_password(passwords.pending_file(file), password, settings, connection)
    with connection.begin(), passwords.deleted_on_error(passwords.pending_file(file)):
        _change_password(connection, user_id, hashed, lock_wait_seconds)
    passwords.promote_pending(file)
    return Owner(user_id=user_id, created=False, password_file=file)


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
            .values(hashed_password=hashed, updated_at=sa.func.timezone("UTC", sa.func.now()))
        ).rowcount
    if changed != 1:
        raise TargetError(
            f"User {user_id} in {describe_url(connection.engine.url)} was deleted meanwhile; its "
            "password was not changed, run again."
        )
