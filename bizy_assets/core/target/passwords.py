"""Passwords of users: random, hashed as the backend does, and each in one file of its own.

A file is only ever replaced by another once that one's password is valid.
"""

import hashlib
import os
import re
import secrets
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bizy_assets.core.common import sync_folder, write_private
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import OwnerSettings

if TYPE_CHECKING:
    from passlib.hash import bcrypt

BCRYPT_COST = 12
PASSWORD_BYTES = 24
"""192 bits of randomness."""


def new_password() -> str:
    """Returns a random password."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def hash_password(password: str) -> str:
    """Returns the hash that the backend's login checks."""
    return str(_bcrypt().using(rounds=BCRYPT_COST).hash(password))


def password_file(home: Path, url: sa.URL, email: str) -> Path:
    """Returns where the password of a user of a target stands: one file for each of them."""
    embedded = str(home) in str(url.query.get("host", ""))
    place = url.host or ("embedded" if embedded else "local")
    name = f"{email}_{place}_{url.port or 5432}_{url.database}"
    plain = re.sub(r"[^A-Za-z0-9._@-]", "_", name)
    if plain != name or place == "local":
        # Tells apart what looks the same once it is plain.
        plain += "_" + hashlib.sha256(f"{email} {describe_url(url)}".encode()).hexdigest()[:8]
    return home / "passwords" / f"{plain}.txt"


def pending_file(file: Path) -> Path:
    """Returns where the next password of a user stands until it is valid."""
    return file.with_name(file.name + ".new")


def write_password(file: Path, password: str, settings: OwnerSettings, url: sa.URL) -> None:
    """Writes a password, before its hash is committed, so that it can never be lost.

    Raises:
        ConfigurationError: The folder cannot be written, or is full.
    """
    with write_private(file) as stream:
        stream.write(
            f"database: {describe_url(url)}\nemail: {settings.email}\n"
            f"username: {settings.username}\npassword: {password}\n".encode()
        )


def settle_pending(file: Path, hashed: str) -> None:
    """Clears up after an interrupted change: the next password is the valid one, or it is void.

    Args:
        file: Where the user's password stands.
        hashed: Its hash in the target, which no other run is about to change.

    Raises:
        ConfigurationError: The files cannot be read or renamed.
    """
    coming = pending_file(file)
    try:
        if not coming.exists():
            return
        if _verifies(coming.read_text().rpartition("password: ")[2].strip(), hashed):
            promote_pending(file)
        else:
            coming.unlink()
    except OSError as error:
        raise _unusable(coming, error) from None


def promote_pending(file: Path) -> None:
    """Lets the next password, which is valid by now, take the place of the one in the file.

    Raises:
        ConfigurationError: It cannot; the valid password stays where it is.
    """
    try:
        pending_file(file).replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise _unusable(pending_file(file), error) from None


def _unusable(coming: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"{coming}, where a new password was written, cannot be read or renamed "
        f"({os.strerror(error.errno or 0)}); let this account do so and run again."
    )


def _verifies(password: str, hashed: str) -> bool:
    scheme = _bcrypt()
    return bool(scheme.identify(hashed) and scheme.verify(password, hashed))


def _bcrypt() -> "type[bcrypt]":
    with warnings.catch_warnings():
        # passlib looks for the module crypt, which Python 3.11 and 3.12 announce to remove.
        warnings.filterwarnings("ignore", message="'crypt' is deprecated")
        from passlib.hash import bcrypt

    return bcrypt
