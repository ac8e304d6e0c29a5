"""What a job's launchpad opens with: its options, each at the value that changes nothing.

An option that is ``null`` is left to its environment variable, or else has its default.
"""

from collections.abc import Mapping
from typing import Any

from bizy_assets.runtime import CONSOLE

SOURCE_OPTIONS = ("path", "timezone", "on_bad_row")
"""The settings of the Bizy file that users change for one run."""


def launchpad(source: tuple[str, ...] = (), **ops: Mapping[str, Any]) -> dict[str, Any]:
    """Return the default configuration of a job.

    Args:
        source: Options of the resource ``source``.
        **ops: The options of each op, with their defaults.
    """
    config = {name: {"config": dict(options)} for name, options in ops.items()}
    unset = {"source": {"config": dict.fromkeys(source)}}
    return {
        **({"ops": config} if config else {}),
        **({"resources": unset} if source else {}),
        **CONSOLE,
    }
