"""Preparation of a process: private files, and sufficient limits.

It imports nothing that needs much memory.
"""

import os
import resource

from bizy_assets.core.errors import ConfigurationError

PRIVATE_UMASK = 0o077
"""File mode creation mask with which only the owner can use new files and folders."""

MIN_OPEN_FILES = 128
MIN_MEMORY = 2**30
"""Bytes of address space, most of which the libraries reserve and do not use."""

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
