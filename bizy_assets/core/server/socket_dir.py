"""The embedded server's Unix socket: always in the cluster's own folder.

PostgreSQL keeps that folder private to the server's account, and a relative setting needs no
quoting whatever the path. Only a client depends on the path: libpq limits its length and splits it
at commas. Where libpq cannot take it, clients connect through a short symbolic link.
"""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from bizy_assets.core.errors import TargetError

_LONGEST = 103
"""Bytes of a socket's path: Linux allows 107, macOS 103."""

PORT = "5432"
"""Fixed, so that no variable of libpq changes it."""

_NAME = f".s.PGSQL.{PORT}"
_FILE = "bizy.conf"
_INCLUDE = f"include '{_FILE}'"
_ADDITION = f"\n# Written by bizy-assets.\nmax_wal_size = 4GB\n{_INCLUDE}\n"
_SETTINGS = f"""\
# Written by bizy-assets at every start of the server.
port = {PORT}
listen_addresses = ''
unix_socket_directories = '.'
unix_socket_permissions = 0700
"""


def require_usable_path(cluster: Path) -> None:
    """Require a path that PostgreSQL's line-based files and connection URLs can hold.

    Raises:
        TargetError: The path contains a line break or a byte that is not text.
    """
    for character in str(cluster):
        if _is_invalid(character):
            raise TargetError(
                f"The embedded PostgreSQL cannot use {str(cluster)!a}, because the path contains "
                f"the character {character!a}; set BIZY_HOME to a folder without it."
            )


def configure(cluster: Path) -> None:
    """Restrict the server of a stopped cluster to its private socket.

    The settings are in the cluster, so they also hold when a user starts the server by hand.
    """
    file = cluster / _FILE
    file.write_text(_SETTINGS)
    main = cluster / "postgresql.conf"
    if _INCLUDE.encode() not in main.read_bytes().splitlines():
        with main.open("a") as stream:
            stream.write(_ADDITION)


def client_path(folder: Path, server: str = "embedded PostgreSQL") -> Path:
    """Return a path through which clients can reach the server's socket in an existing folder.

    Raises:
        TargetError: The path needs a link, and the temporary directory cannot hold one.
    """
    if _can_hold_socket(folder):
        return folder
    # Named as the socket folder of earlier releases, so that their connection URLs stay valid.
    identity = os.fsencode(folder) + str(folder.stat().st_ino).encode()
    try:
        link = Path(tempfile.gettempdir()) / f"bizy-{hashlib.sha256(identity).hexdigest()[:16]}"
        if not _can_hold_socket(link):
            raise TargetError(
                f"The {server} in {folder} needs a link to its socket, but the path "
                f"{str(link)!r} is too long or contains a comma; set TMPDIR to a short path "
                "without special characters."
            )
        _ensure_link(link, folder, server)
    except OSError as error:
        raise TargetError(
            f"The {server} in {folder} needs a link to its socket in the temporary "
            f"directory, but cannot create it ({error.strerror}); set TMPDIR to a folder that you "
            "own."
        ) from None
    return link


def _can_hold_socket(folder: Path) -> bool:
    is_valid = not any(character == "," or _is_invalid(character) for character in str(folder))
    return is_valid and len(os.fsencode(folder / _NAME)) <= _LONGEST


def _is_invalid(character: str) -> bool:
    """Return True for line breaks, and for the surrogates of bytes that are not text."""
    return character in "\r\n" or "\ud800" <= character <= "\udfff"


def _ensure_link(link: Path, folder: Path, server: str) -> None:
    """Create a link unless it exists.

    Anything else there is refused: another account may have put it there, to receive our
    connections.
    """
    # Earlier releases left an empty folder here.
    with suppress(OSError):
        link.rmdir()
    with suppress(FileExistsError):
        link.symlink_to(folder)
    found = link.lstat()
    is_trusted = stat.S_ISLNK(found.st_mode) and found.st_uid in {0, os.geteuid()}
    if not is_trusted or link.readlink() != folder:
        raise TargetError(
            f"The {server} needs {link}, which is not this account's link to {folder}; "
            "remove it, or set TMPDIR to a folder that you own."
        )
