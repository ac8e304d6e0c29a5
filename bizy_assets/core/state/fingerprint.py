"""Everything that decides what a snapshot's rows become, as one hash.

A load with the basis of the load before would make the very same rows again, so only rows that
somebody has touched since need to be looked at. They are found by the transactions that wrote
them (``fates.touched``), whose numbers mean nothing in another table or server; so the place of
the rows is part of it.
"""

# MERGED-DOC: """What earlier loads vouch for: bytes that were looked at before need no second look.
#
# A snapshot's digest tells that its bytes are those of an earlier one, which the target remembers.
# """
import functools
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib import metadata
from zoneinfo import ZoneInfo

import numpy as np

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.source import Snapshot
from bizy_assets.core.state.runs import TableLoad
from bizy_assets.core.validation import remember_valid

_DAYS = range(68 * 366)
"""From 1970 on: where the rules of a zone may differ from one zone database to another."""


def load_fingerprint(load: TableLoad, parents: Mapping[str, IdSet], place: str) -> str:
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


def same_release(load: TableLoad) -> bool:
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


def verified_digests(loads: Iterable[TableLoad]) -> set[str]:
    """Returns the digests of snapshots that were loaded, and so had been proved sound."""
    return {load.snapshot.sha256 for load in loads}


def remember_validation(chosen: Snapshot, loads: Iterable[TableLoad]) -> None:
    """Spares this process the census of bytes that this release loaded, every row of them.

    Args:
        chosen: The snapshot.
        loads: The last load of each table.
    """
    same = {
        load.table: load.counts
        for load in loads
        if load.snapshot.sha256 == chosen.sha256 and same_release(load)
    }
    if same.keys() == BY_TABLE.keys() and not any(c.quarantined for c in same.values()):
        remember_valid(chosen, {table: same[table].source_rows for table in BY_TABLE})
