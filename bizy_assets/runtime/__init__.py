"""TODO bizy_assets.runtime."""

from bizy_assets.runtime.console_logger import CONSOLE, console
from bizy_assets.runtime.failures import user_errors
from bizy_assets.runtime.run_launcher import name_process
from bizy_assets.runtime.snapshot_history import (
    loaded_snapshots,
    snapshot_of_this_run,
    snapshot_to_load,
    snapshots_of,
)

__all__ = [
    "CONSOLE",
    "console",
    "loaded_snapshots",
    "name_process",
    "snapshot_of_this_run",
    "snapshot_to_load",
    "snapshots_of",
    "user_errors",
]
