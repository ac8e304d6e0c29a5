"""Tells whether the Bizy file has changed, without reading it while nothing points to that."""

import hashlib
from pathlib import Path

from bizy_assets.core.errors import SourceError

_PARTS = ("", "-wal")
"""What SQLite keeps content in: the file, and what has not been moved into it yet."""


def file_signature(path: Path) -> str:
    """Returns what the file system tells of the file; it changes with every write.

    Raises:
        SourceError: There is no such file, or it cannot be looked at.
    """
    told = []
    for part in _PARTS:
        try:
            found = Path(f"{path}{part}").stat()
        except OSError as error:
            if part:
                continue
            raise SourceError(
                f"The Bizy file {path} cannot be looked at ({error.strerror}); set SQLITE_DB_PATH "
                "to the file."
            ) from None
        # An empty side file is one that SQLite may leave where somebody has only read.
        if not part or found.st_size:
            told.append(f"{part}{found.st_ino}:{found.st_size}:{found.st_mtime_ns}")
    return " ".join(told)


def file_digest(path: Path) -> str:
    """Returns the SHA-256 of the file's content, in hexadecimal; reads all of it.

    Raises:
        SourceError: It cannot be read.
    """
    result = hashlib.sha256()
    for part in _PARTS:
        try:
            with Path(f"{path}{part}").open("rb") as file:
                hashlib.file_digest(file, lambda: result)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SourceError(f"The Bizy file {path} cannot be read ({error.strerror}).") from None
    return result.hexdigest()
