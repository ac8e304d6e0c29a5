"""Puts a file in its place only when it is complete, under a name that nothing else has.

Until then it has a hidden name, which is gone at the end in any case; what a killed process
left of such a file, the next one removes.
"""

# MERGED-DOC: """Files under ``BIZY_HOME`` that nobody else may read."""
import errno
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from bizy_assets.core.errors import ConfigurationError, SnapshotError


@contextmanager
def partial_file(source_path: Path, folder: Path) -> Iterator[Path]:
    """Provides a private file under a hidden name, which is gone at the end in any case.

    Raises:
        SnapshotError: The folder cannot be written, or is full.
    """
    path = folder / f".{source_path.stem}_backup_{secrets.token_hex(8)}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(folder, source_path.stem)
        with _claimed(path):
            yield path
    except OSError as error:
        raise SnapshotError(
            f"The backup folder {folder} cannot be written "
            f"({os.strerror(error.errno or 0)}); set BIZY_BACKUP_DIR to a folder with room for "
            f"a copy of {source_path}."
        ) from None
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _claimed(path: Path) -> Iterator[None]:
    """Makes a file and keeps it locked, which tells it from what a killed process left.

    The number of a process would not tell: in containers every run may have the same one.
    """
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with ExitStack() as stack:
            stack.callback(os.close, descriptor)
            # Some file systems know no locks; there, leftovers stay.
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Another process may have taken it for a leftover before it was locked.
            if os.fstat(descriptor).st_nlink:
                yield
                return


def _remove_leftovers(folder: Path, stem: str) -> None:
    """Removes what killed processes left half-written."""
    pattern = re.compile(rf"(\.{re.escape(stem)}_backup_[0-9a-f]+\.partial)(-journal|-wal|-shm)?")
    for path in folder.iterdir():
        if match := pattern.fullmatch(path.name):
            main = path.with_name(match[1])
            with suppress(OSError), _locked_if_there(main):
                path.unlink(missing_ok=True)


@contextmanager
def _locked_if_there(path: Path) -> Iterator[None]:
    """Locks a file that nobody else has locked.

    Raises:
        BlockingIOError: Somebody has.
    """
    with ExitStack() as stack:
        with suppress(FileNotFoundError):
            file = stack.enter_context(path.open("rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def publish_file(partial: Path, folder: Path, stem: str, taken_at: datetime) -> Path:
    """Gives the finished copy the first free name from its second on."""
    _sync(partial)
    moment = taken_at
    while True:
        path = folder / f"{stem}_backup_{moment:%Y%m%d_%H%M%S}.db"
        with suppress(FileExistsError):
            _link(partial, path)
            break
        moment += timedelta(seconds=1)
    _sync(folder)
    return path


def _link(partial: Path, path: Path) -> None:
    """Moves a file to a name that must be free, in one step.

    Raises:
        FileExistsError: The name is taken.
    """
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no hard links: take the name first, then move over it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        partial.replace(path)


def _sync(path: Path) -> None:
    with ExitStack() as stack:
        descriptor = os.open(path, os.O_RDONLY)
        stack.callback(os.close, descriptor)
        os.fsync(descriptor)


@contextmanager
def write_private(file: Path) -> Iterator[BinaryIO]:
    """Opens a file to write it anew; at the end it is on disk, or gone if something failed.

    Raises:
        ConfigurationError: The folder cannot be written, or is full.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
        raise ConfigurationError(
            f"{file} cannot be written ({os.strerror(error.errno or 0)}); set BIZY_HOME to a "
            "folder of yours with some room."
        ) from None


def sync_folder(folder: Path) -> None:
    """Makes sure that the names of files in a folder outlast a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems cannot do so for a folder.
        if error.errno not in {errno.EBADF, errno.EINVAL}:
            raise
    finally:
        os.close(descriptor)
