"""How the project runs in Dagster: console output, failures, alerts, and the history of snapshots.

``dagster.yaml`` names ``run_storage``, which keeps Dagster's data in PostgreSQL, and
``run_launcher``, which detects runs whose process has died. ``webserver`` is a program, which
refuses requests of other web pages to the UI and serves its start page.
"""

from bizy_assets.runtime import snapshot_history
from bizy_assets.runtime.alerts import AlertSettings, alert_about, send_alert
from bizy_assets.runtime.console_logger import CONSOLE, FAILED_CHECKS, check_outcome, console
from bizy_assets.runtime.event_storage import collect_events
from bizy_assets.runtime.failures import user_errors
from bizy_assets.runtime.history_errors import fail_fast
from bizy_assets.runtime.interrupts import was_interrupted
from bizy_assets.runtime.messages import (
    Context,
    describe_target,
    log_details,
    log_lines,
    log_summary,
)
from bizy_assets.runtime.plain_output import log_checks
from bizy_assets.runtime.run_launcher import (
    ProcessHealth,
    fail_dead_runs,
    is_gone,
    name_process,
    named_process,
    process_name,
    this_process,
)
from bizy_assets.runtime.run_storage import HistoryError, history_url
from bizy_assets.runtime.run_tags import tag_run
from bizy_assets.runtime.start_page import START_PATH

__all__ = [
    "CONSOLE",
    "FAILED_CHECKS",
    "START_PATH",
    "AlertSettings",
    "Context",
    "HistoryError",
    "ProcessHealth",
    "alert_about",
    "check_outcome",
    "collect_events",
    "console",
    "describe_target",
    "fail_dead_runs",
    "fail_fast",
    "history_url",
    "is_gone",
    "log_checks",
    "log_details",
    "log_lines",
    "log_summary",
    "name_process",
    "named_process",
    "process_name",
    "send_alert",
    "snapshot_history",
    "tag_run",
    "this_process",
    "user_errors",
    "was_interrupted",
]
