"""Passwords of owner accounts: random, hashed like the backend's, each in a file of its own.

A file is replaced only by one whose password is already valid.
"""

import hashlib
import os
import re
import secrets
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bizy_assets.core.common import files
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import OwnerSettings

if TYPE_CHECKING:
    from passlib.hash import bcrypt

BCRYPT_COST = 12
PASSWORD_BYTES = 24
"""192 bits of randomness."""

_MAX_NAME = 200
"""Characters; file systems allow 255 bytes, suffixes included."""


def new_password() -> str:
    """Return a random password."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def hash_password(password: str) -> str:
    """Return the hash that the backend's login verifies."""
    return str(_bcrypt().using(rounds=BCRYPT_COST).hash(password))


def password_file(home: Path, url: sa.URL, email: str) -> Path:
    """Return the path of the password file of a user of a target."""
    embedded = str(home) in str(url.query.get("host", ""))
    host = url.host or ("embedded" if embedded else "local")
    name = f"{email}_{host}_{url.port or 5432}_{url.database}"
    plain = re.sub(r"[^A-Za-z0-9._@-]", "_", name)
    if plain != name or host == "local" or len(plain) > _MAX_NAME:
        # The hash distinguishes names that look the same after the change.
        plain = (
            plain[:_MAX_NAME]
            + "_"
            + hashlib.sha256(f"{email} {describe_url(url)}".encode()).hexdigest()[:8]
        )
    return home / "passwords" / f"{plain}.txt"


def pending_file(file: Path) -> Path:
    """Return the path of the file that stores a new password until it is valid."""
    return file.with_name(file.name + ".new")


def write_password(file: Path, password: str, settings: OwnerSettings, url: sa.URL) -> None:
    """Write a password to its file; before its hash is committed, so that it cannot be lost.

    Raises:
        ConfigurationError: The folder cannot be written, or is full.
    """
    with files.write_private(file) as stream:
        stream.write(
            f"database: {describe_url(url)}\nemail: {settings.email}\n"
            f"username: {settings.username}\npassword: {password}\n".encode()
        )


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
        if _bcrypt().identify(hashed) and _bcrypt().verify(password, hashed):
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
        from passlib.hash import bcrypt

    return bcrypt
