"""Private files that appear under their final name only when complete.

Until then a file is partial: it is removed if writing fails. If the process is killed, the next
process that writes such a file removes it.
"""

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from bizy_assets.core.common.text import is_utf8
from bizy_assets.core.errors import ConfigurationError, SnapshotError

_SQLITE_SUFFIXES = ("", "-journal", "-wal", "-shm")
"""A SQLite file and the files that SQLite may create beside it."""


@contextmanager
def partial_file(source_path: Path, folder: Path) -> Iterator[Path]:
    """Create a private file with a hidden name for a snapshot, and remove it afterwards.

    The folder is created if missing. Its name follows that of the SQLite file to copy.

    Raises:
        SnapshotError: The folder is not writable or full.
    """
    path = folder / f".{source_path.stem}_backup_{secrets.token_hex(8)}.partial"
    try:
        make_folder(folder)
        _remove_leftovers(folder, source_path.stem)
        with _create_locked(path):
            yield path
    except OSError as error:
        raise SnapshotError(
            f"The backup folder {folder} cannot be written "
            f"({os.strerror(error.errno or 0)}); set BIZY_BACKUP_DIR to a folder with room for "
            f"a copy of {source_path}."
        ) from None
    finally:
        for suffix in _SQLITE_SUFFIXES:
            with suppress(OSError):
                path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _create_locked(path: Path) -> Iterator[None]:
    """Create a file and lock it, which distinguishes it from leftovers of killed processes.

    A process id in the name would not: in containers every run may have the same one.
    """
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with ExitStack() as stack:
            stack.callback(os.close, descriptor)
            # Some file systems have no locks; leftovers stay there.
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Another process may have removed it as a leftover before it was locked.
            if os.fstat(descriptor).st_nlink:
                yield
                return


def _remove_leftovers(folder: Path, stem: str) -> None:
    """Remove partial files left by killed processes."""
    suffixes = "|".join(_SQLITE_SUFFIXES)
    pattern = re.compile(rf"(\.{re.escape(stem)}_backup_[0-9a-f]+\.partial)({suffixes})")
    for path in folder.iterdir():
        if match := pattern.fullmatch(path.name):
            with suppress(OSError), _lock_if_exists(path.with_name(match[1])):
                path.unlink(missing_ok=True)


@contextmanager
def _lock_if_exists(path: Path) -> Iterator[None]:
    """Lock a file, if it exists; raises ``BlockingIOError`` if another process holds the lock."""
    with ExitStack() as stack:
        with suppress(FileNotFoundError):
            file = stack.enter_context(path.open("rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def publish_file(partial: Path, folder: Path, stem: str, taken_at: datetime) -> Path:
    """Flush a complete snapshot to disk, move it to its final name, and return its path.

    The name consists of the stem and the time, to the second; where that name exists, the first
    later second that is free.
    """
    with partial.open("rb") as stream:
        os.fsync(stream.fileno())
    moment = taken_at
    while True:
        path = folder / f"{stem}_backup_{moment:%Y%m%d_%H%M%S}.db"
        with suppress(FileExistsError):
            _move(partial, path)
            break
        moment += timedelta(seconds=1)
    sync_folder(folder)
    return path


def _move(partial: Path, path: Path) -> None:
    """Move a file to a new name atomically; raises ``FileExistsError`` if the name exists."""
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no hard links: reserve the name, then move over it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        partial.replace(path)


@contextmanager
def write_private(file: Path) -> Iterator[BinaryIO]:
    """Open a new file that only its owner can read, flush it to disk, and remove it on failure.

    An existing file is replaced, a missing folder is created.

    Raises:
        ConfigurationError: The folder is not writable or full.
    """
    try:
        make_folder(file.parent)
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - by descriptor
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(file.parent)
    except OSError as error:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        raise unwritable(file, error) from None


def resolve(path: str | Path) -> Path:
    """Return a path as an absolute one without symbolic links; it need not exist.

    Raises:
        ValueError: There is no such home folder, the links never end, or it is not UTF-8.
    """
    try:
        expanded = Path(path).expanduser()
    except RuntimeError:
        raise ValueError(
            f"is {str(path)!r}, but there is no such home folder; give the absolute path."
        ) from None
    try:
        expanded.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError(
                f"is {str(path)!r}, whose symbolic links lead back to themselves; remove the links "
                "or give another path."
            ) from None
    found = os.path.realpath(expanded)
    if not is_utf8(found):
        raise ValueError(f"is {found!r}, which is not valid UTF-8; rename the folder.")
    return Path(found)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Create a folder and its missing parents with exactly this mode, whatever the umask.

    An existing folder keeps its mode.
    """
    if not folder.exists():
        make_folder(folder.parent, mode)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            folder.chmod(mode)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def make_linked_folder(folder: Path, target: Path) -> Path:
    """Create a folder with a link to a file under its name, and return the folder.

    Raises:
        ConfigurationError: The folder is not writable or full.
    """
    link = folder / target.name
    try:
        make_folder(folder)
        if not link.is_symlink() or link.readlink() != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    except OSError as error:
        raise unwritable(folder, error) from None
    return folder


def require_own_folder(folder: Path, variable: str) -> None:
    """Require that no other account can replace the files of a folder, if it exists.

    Raises:
        ConfigurationError: It belongs to another account, or others may write to it.
    """
    try:
        status = folder.stat()
    except OSError:
        return
    if status.st_uid not in {0, os.geteuid()}:
        raise ConfigurationError(
            f"{variable} is {folder}, which belongs to another account (user id {status.st_uid}); "
            f"run as that account, or set {variable} to a folder of your own."
        )
    is_group_foreign = status.st_gid != os.getegid()
    if status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and is_group_foreign):
        raise ConfigurationError(
            f"{variable} is {folder}, to which other accounts may write; set {variable} to a "
            f"folder of your own, or take the permission away (chmod go-w {folder})."
        )


def unwritable(path: Path, error: OSError) -> ConfigurationError:
    """Return the error for a file or folder of ``BIZY_HOME`` that cannot be written."""
    return ConfigurationError(
        f"{path} cannot be written ({os.strerror(error.errno or 0)}); set BIZY_HOME to a "
        "writable folder with free space."
    )


def sync_folder(folder: Path) -> None:
    """Flush the names of a folder's files to disk, so that they survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems cannot do this for a folder.
        if error.errno not in {errno.EBADF, errno.EINVAL}:
            raise
    finally:
        os.close(descriptor)
