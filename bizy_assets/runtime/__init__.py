"""How the project runs in Dagster: console output, failures, and the history of snapshots.

``dagster.yaml`` names ``run_storage``, which keeps Dagster's data in PostgreSQL, and
``run_launcher``, which detects runs whose process has died. ``webserver`` is a program, which
refuses requests of other web pages to the UI.
"""

from bizy_assets.runtime import snapshot_history
from bizy_assets.runtime.console_logger import CONSOLE, check_line, check_outcome, console
from bizy_assets.runtime.event_storage import collect_events
from bizy_assets.runtime.failures import user_errors
from bizy_assets.runtime.history_errors import fail_fast
from bizy_assets.runtime.messages import Context, log_details, log_lines
from bizy_assets.runtime.run_launcher import (
    ProcessHealth,
    fail_dead_runs,
    is_gone,
    name_process,
    named_process,
    process_name,
    this_process,
)
from bizy_assets.runtime.run_storage import HistoryError

__all__ = [
    "CONSOLE",
    "Context",
    "HistoryError",
    "ProcessHealth",
    "check_line",
    "check_outcome",
    "collect_events",
    "console",
    "fail_dead_runs",
    "fail_fast",
    "is_gone",
    "log_details",
    "log_lines",
    "name_process",
    "named_process",
    "process_name",
    "snapshot_history",
    "this_process",
    "user_errors",
]
