"""Everything that decides what a snapshot's rows become, as one hash.

A load with the basis of the load before would make the very same rows again, so only rows that
somebody has touched since need to be looked at.
"""

import hashlib
from collections.abc import Mapping
from importlib import metadata
from zoneinfo import ZoneInfo

import numpy as np

from bizy_assets.core.clock import Clock
from bizy_assets.core.idsets import IdSet
from bizy_assets.core.journal import Load

_YEARS = range(1970, 2038)
"""In which the rules of a zone may differ from one zone database to another."""


def of(load: Load, parents: Mapping[str, IdSet]) -> str:
    """Returns the hash of what a load stands on.

    Args:
        load: The load.
        parents: For each referenced table, the ids that can be parents.
    """
    run = load.run
    clock = Clock(ZoneInfo(run.zone))
    told = [
        metadata.version("bizy-assets"),
        str(run.snapshot.source),
        run.snapshot.sha256,
        run.zone,
        [list(clock.transitions(year)) for year in _YEARS],
        run.tasks_local_since,
        run.user_id,
        sorted(load.skipped),
    ]
    digest = hashlib.sha256(repr(told).encode())
    for table, ids in sorted(parents.items()):
        digest.update(table.encode())
        digest.update(np.sort(ids.array()).tobytes())
    return digest.hexdigest()
