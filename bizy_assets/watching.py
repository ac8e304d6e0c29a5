"""The Bizy file as Dagster watches it: whether it has changed, and what follows from that.

Sensor and schedule are off until somebody turns them on in the UI.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import dagster as dg

from bizy_assets import describing, reported
from bizy_assets.core import watching
from bizy_assets.core.errors import BizyError
from bizy_assets.failures import plainly_failing
from bizy_assets.jobs import migrate, verify
from bizy_assets.resources import BizySource
from bizy_assets.snapshots import BIZY_FILE

QUIET_SECONDS = 60
"""How long the file must have been left alone before it is migrated."""

_SIGNATURE = "signature"


_FILE = dg.AssetSpec(
    BIZY_FILE,
    group_name=describing.GROUP,
    owners=describing.OWNERS,
    kinds={"sqlite"},
    description="The live Bizy file. Its data version changes when its content does. It is "
    "read only where the file system says that somebody has written to it since it was observed "
    "last.",
    metadata=reported.told(reported.FILE, describing.source_schema()),
)

with describing.beta():
    _observable = dg.multi_observable_source_asset(specs=[_FILE], name="observe_bizy_file")


@_observable  # type: ignore[untyped-decorator]
def bizy_file(context: dg.AssetExecutionContext, source: BizySource) -> Iterator[dg.ObserveResult]:
    """Observes the file."""
    with plainly_failing(context):
        path = source.settings().path
        signature = watching.signature(path)
        version = _known_version(context.instance, signature) or watching.digest(path)
    yield dg.ObserveResult(
        asset_key=BIZY_FILE,
        data_version=dg.DataVersion(version),
        metadata={
            "path": dg.MetadataValue.path(str(path)),
            "size": path.stat().st_size,
            _SIGNATURE: signature,
        },
    )


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
        signature = watching.signature(source.settings().path)
    except BizyError as error:
        return dg.SkipReason(str(error))
    seen: dict[str, Any] = json.loads(context.cursor) if context.cursor else {"known": signature}
    now = time.time()
    if seen.get(_SIGNATURE) != signature:
        seen |= {_SIGNATURE: signature, "since": now}
    quiet = now - seen["since"]
    changed = signature != seen["known"]
    if changed and quiet >= QUIET_SECONDS:
        context.update_cursor(json.dumps(seen | {"known": signature}))
        return dg.RunRequest(run_key=signature)
    context.update_cursor(json.dumps(seen))
    if changed:
        return dg.SkipReason(f"The Bizy file was written to {quiet:.0f} s ago.")
    return dg.SkipReason("The Bizy file has not changed.")


verify_every_night = dg.ScheduleDefinition(
    name="verify_every_night",
    job=verify,
    cron_schedule="0 3 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Runs `verify` every night at three (UTC).",
)


def _known_version(instance: dg.DagsterInstance, signature: str) -> str | None:
    """Returns the data version that was observed for the same signature last, if it was."""
    found = instance.fetch_observations(BIZY_FILE, limit=1).records
    observation = found[0].asset_observation if found else None
    if observation is None or observation.metadata[_SIGNATURE].value != signature:
        return None
    return observation.data_version
