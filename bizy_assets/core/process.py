"""Preparation of a process: private files, sufficient limits, little memory, and quick imports.

It imports nothing that needs much memory.
"""

import ctypes
import gc
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

from bizy_assets.core.errors import ConfigurationError

PRIVATE_UMASK = 0o077
"""File mode creation mask with which only the owner can use new files and folders."""

MIN_OPEN_FILES = 128
MIN_MEMORY = 2**30
"""Bytes of address space, most of which the libraries reserve and do not use."""

_LARGE_BUFFER = 2**20
"""Bytes of a buffer that gets pages of its own, which return to the system when it is freed."""

_M_MMAP_THRESHOLD = -3
"""That parameter's number in ``malloc.h`` of glibc."""

OUT_OF_MEMORY = (
    "There is not enough memory; end other programs or raise this process's limit (ulimit -v), "
    "then run again."
)


def prepare_process() -> None:
    """Make new files private, and raise limits as far as necessary.

    Raises:
        ConfigurationError: A limit of this process is too low.
    """
    os.umask(PRIVATE_UMASK)
    _return_large_buffers()
    if (files := _raised(resource.RLIMIT_NOFILE, MIN_OPEN_FILES)) < MIN_OPEN_FILES:
        raise ConfigurationError(
            f"This process may open only {files} files (ulimit -n), but needs {MIN_OPEN_FILES}; "
            "raise the limit, then run again."
        )
    if (memory := _raised(resource.RLIMIT_AS, MIN_MEMORY)) < MIN_MEMORY:
        raise ConfigurationError(
            f"This process may use only {int(memory) >> 20} MiB of memory (ulimit -v), but needs "
            f"{MIN_MEMORY >> 20} MiB; raise the limit, then run again."
        )


def _return_large_buffers() -> None:
    """Have large buffers returned to the system when they are freed.

    By default, glibc gives larger and larger ones no pages of their own, and keeps the gaps that
    they leave. Other C libraries have no such function.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BUFFER)


@contextmanager
def uncollected_imports() -> Iterator[None]:
    """Import modules without looking for garbage among their objects, then or later.

    Modules are no garbage, but make so many objects that the search takes a fifth of the time of
    their import.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _raised(kind: int, minimum: int) -> float:
    """Return a limit, raised to the minimum if this process may do so."""
    soft, hard = (
        float("inf") if limit == resource.RLIM_INFINITY else limit
        for limit in resource.getrlimit(kind)
    )
    if soft < minimum <= hard:
        resource.setrlimit(kind, (minimum, resource.getrlimit(kind)[1]))
        return minimum
    return soft
