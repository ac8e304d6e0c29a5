"""Files under ``BIZY_HOME`` that nobody else may read."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from bizy_assets.core.errors import ConfigurationError


@contextmanager
def written(file: Path) -> Iterator[BinaryIO]:
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
