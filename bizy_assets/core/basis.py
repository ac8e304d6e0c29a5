"""Everything that decides what a snapshot's rows become, as one hash.

A load with the basis of the load before would make the very same rows again, so only rows that
somebody has touched since need to be looked at. They are found by the transactions that wrote
them (``fates.touched``), whose numbers mean nothing in another table or server; so the place of
the rows is part of it.
"""

import functools
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import metadata
from zoneinfo import ZoneInfo

import numpy as np

from bizy_assets.core.idsets import IdSet
from bizy_assets.core.journal import Load

_DAYS = range(68 * 366)
"""From 1970 on: where the rules of a zone may differ from one zone database to another."""


def of(load: Load, parents: Mapping[str, IdSet], place: str) -> str:
    """Returns the release and a hash of what a load stands on.

    Args:
        load: The load.
        parents: For each referenced table, the ids that can be parents.
        place: Which table of which server it loads.
    """
    run = load.run
    told = [
        place,
        str(run.snapshot.source),
        run.snapshot.sha256,
        run.zone,
        _offsets(run.zone),
        run.tasks_local_since,
        run.user_id,
        sorted(load.skipped),
    ]
    digest = hashlib.sha256(repr(told).encode())
    for table, ids in sorted(parents.items()):
        digest.update(table.encode())
        digest.update(np.sort(ids.array()).tobytes())
    return f"{_release()} {digest.hexdigest()}"


def same_release(load: Load) -> bool:
    """Tells whether this release did a load, and so would judge the same bytes alike."""
    return load.basis.partition(" ")[0] == _release()


def _release() -> str:
    return metadata.version("bizy-assets")


@functools.lru_cache(maxsize=4)
def _offsets(zone: str) -> str:
    """Returns a hash of a zone's offsets, day by day."""
    rules, start = ZoneInfo(zone), datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock's
    offsets = [rules.utcoffset(start + timedelta(days=day)) for day in _DAYS]
    return hashlib.sha256(repr(offsets).encode()).hexdigest()
