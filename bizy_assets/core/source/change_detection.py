"""Detect changes of the Bizy file, reading its content only if its metadata has changed."""

import hashlib
from pathlib import Path

from bizy_assets.core.errors import SourceError
from bizy_assets.core.source.sqlite import read_header

_SUFFIXES = ("", "-wal")
"""The files that hold SQLite's content: the database, and changes not yet written to it."""


def file_signature(path: Path) -> str:
    """Return the file's inode, size and modification time, which change with every write.

    Raises:
        SourceError: The file does not exist or cannot be accessed.
    """
    parts = []
    for suffix in _SUFFIXES:
        try:
            status = Path(f"{path}{suffix}").stat()
        except OSError as error:
            if suffix:
                continue
            # Its message says what to do, if the file cannot be opened either.
            read_header(path)
            raise SourceError(
                f"The Bizy file {path} cannot be accessed ({error.strerror}); set SQLITE_DB_PATH "
                "to the file."
            ) from None
        # SQLite may leave an empty -wal file after a program has only read.
        if not suffix or status.st_size:
            parts.append(f"{suffix}{status.st_ino}:{status.st_size}:{status.st_mtime_ns}")
    return " ".join(parts)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the file's whole content, in hexadecimal.

    Raises:
        SourceError: The file cannot be read, or is not a SQLite file.
    """
    read_header(path)
    result = hashlib.sha256()
    for suffix in _SUFFIXES:
        try:
            with Path(f"{path}{suffix}").open("rb") as file:
                hashlib.file_digest(file, lambda: result)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SourceError(f"The Bizy file {path} cannot be read ({error.strerror}).") from None
    return result.hexdigest()
