"""The sensors, which are off until you turn them on in the UI."""

import json
import time
from typing import Any

import dagster as dg

from bizy_assets.assets import SIGNATURE
from bizy_assets.core.errors import BizyError
from bizy_assets.core.source import file_signature
from bizy_assets.jobs import migrate
from bizy_assets.resources import BizySource
from bizy_assets.runtime import AlertSettings, alert_about, send_alert

QUIET_SECONDS = 60
"""Time without changes after which the file is migrated."""


@dg.sensor(
    job=migrate,
    minimum_interval_seconds=20,
    description="Runs the job migrate when the Bizy file has changed and then been idle for a "
    "minute. Changes made before you turn the sensor on are ignored.",
)
def migrate_when_bizy_changed(
    context: dg.SensorEvaluationContext, source: BizySource
) -> dg.RunRequest | dg.SkipReason:
    """Request a run, or give the reason for skipping."""
    try:
        signature = file_signature(source.settings().path)
    except BizyError as error:
        return dg.SkipReason(str(error))
    cursor: dict[str, Any] = json.loads(context.cursor) if context.cursor else {"known": signature}
    now = time.time()
    if cursor.get(SIGNATURE) != signature:
        cursor |= {SIGNATURE: signature, "since": now}
    idle_seconds = now - cursor["since"]
    is_changed = signature != cursor["known"]
    if is_changed and idle_seconds >= QUIET_SECONDS:
        context.update_cursor(json.dumps(cursor | {"known": signature}))
        return dg.RunRequest(run_key=signature)
    context.update_cursor(json.dumps(cursor))
    if is_changed:
        return dg.SkipReason(
            f"The Bizy file has changed and been idle for {idle_seconds:.0f} s; `migrate` runs "
            f"after {QUIET_SECONDS} s."
        )
    return dg.SkipReason("The Bizy file has not changed.")


@dg.run_failure_sensor(
    minimum_interval_seconds=20,
    description="Reports each failed run of this code location: posts it to the webhook "
    "BIZY_ALERT_URL, or passes it to the command BIZY_ALERT_COMMAND. Failures before you turn "
    "the sensor on are ignored.",
)
def alert_on_failure(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """Send an alert, or give the reason for skipping; an alert that fails is not repeated.

    Raises:
        BizyError: A setting is invalid, or the alert could not be sent.
    """
    settings = AlertSettings.read()
    if settings.url is None and settings.command is None:
        return dg.SkipReason(
            "Neither BIZY_ALERT_URL nor BIZY_ALERT_COMMAND is set, so nobody is alerted of run "
            f"{context.dagster_run.run_id}; set one of them, and restart the UI."
        )
    send_alert(alert_about(context.instance, context.dagster_run), settings)
    return None
