"""Preparation of a process: private files, and enough of them."""

import os
import resource

from bizy_assets.core.common.files import PRIVATE_UMASK
from bizy_assets.core.errors import ConfigurationError

_MIN_OPEN_FILES = 128
"""More than a run was ever seen to have open."""

OUT_OF_MEMORY = (
    "There is not enough memory; end other programs or raise this process's limit (ulimit -v), "
    "then run again."
)


def prepare_process() -> None:
    """Make new files private, and raise the limit of open files as far as necessary.

    Raises:
        ConfigurationError: The process may not open enough files.
    """
    os.umask(PRIVATE_UMASK)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _MIN_OPEN_FILES:
        return
    if hard != resource.RLIM_INFINITY and hard < _MIN_OPEN_FILES:
        raise ConfigurationError(
            f"This process may open only {hard} files (ulimit -n), but needs {_MIN_OPEN_FILES}; "
            "raise the limit, then run again."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MIN_OPEN_FILES, hard))
