"""The sensor on the manifest of a fleet and its files, which is off until you turn it on."""

import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import dagster as dg

from bizy_assets.core.errors import BizyError
from bizy_assets.core.fleet import Manifest, ManifestEntry, read_manifest
from bizy_assets.fleet.assets import FILES
from bizy_assets.fleet.jobs import fleet_migrate

QUIET_SECONDS = 60
"""Age of a file from which it is migrated, so that one that is being copied is not."""

MAX_REQUESTS = 200
"""Runs to request at once; each takes Dagster's daemon some tenths of a second."""


@dg.sensor(
    name="fleet_files",
    job=fleet_migrate,
    minimum_interval_seconds=60,
    description="Adds a partition for each file of the manifest, removes those of files that are "
    "no longer in it, and runs `fleet_migrate` for each file that was added or changed and then "
    "been idle for a minute.",
)
def fleet_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Request the changes of partitions and the runs, or give the reason for skipping."""
    try:
        manifest = read_manifest()
    except BizyError as error:
        return dg.SkipReason(str(error))
    present = set(context.instance.get_dynamic_partitions(str(FILES.name)))
    added = [key for key in manifest.entries if key not in present]
    removed = sorted(present - manifest.entries.keys())
    known: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    known = {key: digest for key, digest in known.items() if key in manifest.entries}
    changed = list(_changed(manifest, known))
    requested = dict(changed[:MAX_REQUESTS])
    partitions: list[Any] = [FILES.build_add_request(added)] if added else []
    partitions += [FILES.build_delete_request(removed)] if removed else []
    return dg.SensorResult(
        run_requests=[dg.RunRequest(partition_key=key) for key in requested],
        skip_reason=None if requested else _skip_reason(manifest),
        dynamic_partitions_requests=partitions,
        cursor=json.dumps(known | requested, separators=(",", ":")),
    )


def _changed(manifest: Manifest, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the key and the digest of each file to migrate."""
    for key, entry in manifest.entries.items():
        digest = _digest(entry)
        if digest is not None and digest != known.get(key):
            yield key, digest


def _digest(entry: ManifestEntry) -> str | None:
    """Return a short digest of a file's entry and state, or None while it is being written."""
    try:
        age = time.time() - entry.path.stat().st_mtime
        signature = entry.signature()
    except (BizyError, OSError):
        # It disappeared since the manifest was read, which reports that next time.
        return None
    return None if 0 <= age < QUIET_SECONDS else hashlib.sha256(signature.encode()).hexdigest()[:12]


def _skip_reason(manifest: Manifest) -> str:
    return f"None of the {len(manifest.entries):,} files has changed."
