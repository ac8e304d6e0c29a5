"""The sensor on the Bizy file, which is off until you turn it on in the UI."""

import json
import time
from typing import Any

import dagster as dg

from bizy_assets.assets import SIGNATURE
from bizy_assets.core.errors import BizyError
from bizy_assets.core.source import file_signature
from bizy_assets.jobs import migrate
from bizy_assets.resources import BizySource

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
