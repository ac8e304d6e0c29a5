"""Passwords of owner accounts: random, hashed like the backend's, each in a file of its own.

A file is replaced only by one whose password is already valid.
"""

import hashlib
import os
import re
import secrets
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bizy_assets.core.common import files
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import catalog, describe_url, urls
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.target.tables import USERS_TABLE

if TYPE_CHECKING:
    from passlib.handlers.bcrypt import bcrypt

BCRYPT_COST = 12
PASSWORD_BYTES = 24
"""192 bits of randomness."""

_PENDING = ".new"
_LONGEST_NAME = 200
"""File systems allow 255 bytes, of which some are used for suffixes."""

_MAY_READ_SYSTEM = sa.text(
    "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"
)
_SYSTEM = sa.text("SELECT system_identifier FROM pg_catalog.pg_control_system()")
_DATABASE = sa.text("SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()")


def prepare_password() -> None:
    """Begin to hash a random password in another thread, which takes a quarter of a second.

    ``new_password`` of this process returns it.
    """
    pool, handler = ThreadPoolExecutor(1), _bcrypt()
    _prepared[os.getpid()] = pool.submit(_hashed, handler)
    pool.shutdown(wait=False)


def new_password() -> tuple[str, str]:
    """Return a random password and the hash that the backend's login verifies."""
    prepared = _prepared.pop(os.getpid(), None)
    return prepared.result() if prepared else _hashed(_bcrypt())


def _hashed(handler: "type[bcrypt]") -> tuple[str, str]:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    return password, str(handler.using(rounds=BCRYPT_COST).hash(password))


_prepared: dict[int, Future[tuple[str, str]]] = {}
"""The prepared password by the number of the process, since a child has no thread of its parent."""


@cache
def hash_of_no_password() -> str:
    """Return the hash of a random password that nobody knows, the same in the whole process."""
    return new_password()[1]


def password_file(home: Path, connection: sa.Connection, email: str) -> Path:
    """Return the path of the password file of a user of the target, whether or not it exists.

    Files are distinguished by the address and by the database itself, because two databases can
    have one address: a new one in place of another, or those at two ends of a tunnel. A file of an
    earlier release does not record its database, so it must have the user's password.
    """
    folder = home / "passwords"
    identity = _identity(folder, connection)
    earlier = []
    for file in (*folder.glob("*.txt"), *folder.glob(f"*.txt{_PENDING}")):
        fields = _read_fields(file)
        if fields.get("email") != email:
            continue
        if fields.get("identity") == identity:
            return _without_pending(file)
        if "identity" not in fields and fields.get("database") in _earlier_names(connection):
            earlier.append((file, fields))
    # Comparing a password takes a quarter of a second.
    hashed = _hashed_password(connection, email) if earlier else None
    for file, fields in earlier:
        if hashed is not None and _is_password(fields.get("password", ""), hashed):
            return _without_pending(file)
    return folder / file_name(_address(folder, connection.engine.url), email, identity)


def file_name(address: str, email: str, identity: str) -> str:
    """Return the name of a new password file: readable, unique and short enough."""
    readable = re.sub(r"[^A-Za-z0-9.@-]+", "_", f"{email}_{address}")[:_LONGEST_NAME]
    return f"{readable}_{_digest(f'{email} {identity}')}.txt"


def _identity(folder: Path, connection: sa.Connection) -> str:
    """Return what distinguishes the database from all others, a copy of the server included."""
    # An administrator may have restricted the function.
    system = connection.scalar(_SYSTEM) if connection.scalar(_MAY_READ_SYSTEM) else None
    address = _address(folder, connection.engine.url)
    return _digest(f"{address} {system} {connection.scalar(_DATABASE)}")


def _address(folder: Path, url: sa.URL) -> str:
    """Return the address of the target; the folder of the embedded server may be moved."""
    address = describe_url(url)
    return f"embedded/{url.database}" if str(folder.parent) in address else address


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _earlier_names(connection: sa.Connection) -> set[str]:
    """Return the names that earlier releases gave the target; they ignored some of its address."""
    url = connection.engine.url
    parameters = urls.libpq_parameters(url)
    hosts = {str(parameters.get("host")), "localhost"}
    ports = {str(parameters.get("port")), "5432"}
    return {f"{host}:{port}/{url.database}" for host in hosts for port in ports}


def _read_fields(file: Path) -> dict[str, str]:
    with suppress(OSError, UnicodeError):
        lines = (line.partition(": ") for line in file.read_text().splitlines())
        return {name: value for name, _, value in lines}
    return {}


def _hashed_password(connection: sa.Connection, email: str) -> str | None:
    if not catalog.has_table(connection, USERS_TABLE):
        return None
    users = USERS_TABLE.c
    return connection.scalar(sa.select(users.hashed_password).where(users.email == email))


def _is_password(password: str, hashed: str) -> bool:
    return bool(_bcrypt().identify(hashed) and _bcrypt().verify(password, hashed))


def _without_pending(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(_PENDING))


def pending_file(file: Path) -> Path:
    """Return the path of the file that stores a new password until it is valid."""
    return file.with_name(file.name + _PENDING)


def write_password(
    file: Path, password: str, settings: OwnerSettings, connection: sa.Connection
) -> None:
    """Write a password to its file; before its hash is committed, so that it cannot be lost.

    Raises:
        ConfigurationError: The folder cannot be written, or is full.
    """
    with files.write_private(file) as stream:
        stream.write(
            f"database: {describe_url(connection.engine.url)}\n"
            f"identity: {_identity(file.parent, connection)}\n"
            f"email: {settings.email}\nusername: {settings.username}\n"
            f"password: {password}\n".encode()
        )


@contextmanager
def deleted_on_error(file: Path) -> Iterator[None]:
    """Delete the file of a new password if a block fails that ends before the commit.

    If the commit itself fails, its outcome may be unknown, and the password may be valid.
    """
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def resolve_pending(file: Path, hashed: str) -> None:
    """Complete an interrupted change if the new password is valid, otherwise discard it.

    The hash is that in the target, which no other run may be changing.

    Raises:
        ConfigurationError: The files cannot be read or renamed.
    """
    pending = pending_file(file)
    try:
        if not pending.exists():
            return
        password = pending.read_text().rpartition("password: ")[2].strip()
        if _is_password(password, hashed):
            promote_pending(file)
        else:
            pending.unlink()
    except OSError as error:
        raise _unusable(pending, error) from None


def promote_pending(file: Path) -> None:
    """Replace the password file by the file with the new password, which is now valid.

    Raises:
        ConfigurationError: The file cannot be renamed; it keeps the valid password.
    """
    try:
        pending_file(file).replace(file)
        files.sync_folder(file.parent)
    except OSError as error:
        raise _unusable(pending_file(file), error) from None


def _unusable(pending: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{pending}, which contains a new password, cannot be read or renamed "
        f"({os.strerror(error.errno or 0)}); permit this account to do so, then run again."
    )


def _bcrypt() -> "type[bcrypt]":
    with warnings.catch_warnings():
        # passlib imports the module crypt, which Python 3.11 and 3.12 deprecate.
        warnings.filterwarnings("ignore", message="'crypt' is deprecated")
        # passlib.hash replaces itself when imported, which fails in one of two threads at once.
        from passlib.handlers.bcrypt import bcrypt

    return bcrypt
