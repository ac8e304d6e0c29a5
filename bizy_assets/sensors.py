"""The Bizy file as Dagster watches it: whether it has changed, and what follows from that.

Sensor and schedule are off until somebody turns them on in the UI.
"""

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
"""How long the file must have been left alone before it is migrated."""


@dg.sensor(
    job=migrate,
    minimum_interval_seconds=20,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Runs `migrate` once the Bizy file has changed and then been left alone for a "
    "minute. What the file holds when the sensor is turned on counts as known.",
)
def migrate_when_bizy_changed(
    context: dg.SensorEvaluationContext, source: BizySource
) -> dg.RunRequest | dg.SkipReason:
    """Asks for a run, or says why there is none."""
    try:
        signature = file_signature(source.settings().path)
    except BizyError as error:
        return dg.SkipReason(str(error))
    seen: dict[str, Any] = json.loads(context.cursor) if context.cursor else {"known": signature}
    now = time.time()
    if seen.get(SIGNATURE) != signature:
        seen |= {SIGNATURE: signature, "since": now}
    quiet = now - seen["since"]
    changed = signature != seen["known"]
    if changed and quiet >= QUIET_SECONDS:
        context.update_cursor(json.dumps(seen | {"known": signature}))
        return dg.RunRequest(run_key=signature)
    context.update_cursor(json.dumps(seen))
    if changed:
        return dg.SkipReason(f"The Bizy file was written to {quiet:.0f} s ago.")
    return dg.SkipReason("The Bizy file has not changed.")
