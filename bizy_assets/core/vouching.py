"""What earlier loads vouch for: bytes that were looked at before need no second look.

A snapshot's digest tells that its bytes are those of an earlier one, which the target remembers.
"""

from collections.abc import Iterable

from bizy_assets.core import basis, census
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.journal import Load
from bizy_assets.core.snapshot import Snapshot


def sound(loads: Iterable[Load]) -> set[str]:
    """Returns the digests of snapshots that were loaded, and so had been proved sound."""
    return {load.snapshot.sha256 for load in loads}


def remember_census(chosen: Snapshot, loads: Iterable[Load]) -> None:
    """Spares this process the census of bytes that this release loaded, every row of them.

    Args:
        chosen: The snapshot.
        loads: The last load of each table.
    """
    same = {
        load.table: load.counts
        for load in loads
        if load.snapshot.sha256 == chosen.sha256 and basis.same_release(load)
    }
    if same.keys() == BY_TABLE.keys() and not any(c.quarantined for c in same.values()):
        census.remember(chosen, {table: same[table].source_rows for table in BY_TABLE})
