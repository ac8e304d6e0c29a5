"""What a load counts; the same figures in memory, in the target and in what users see."""

from dataclasses import dataclass, field, fields


def _of(rows: str) -> int:
    """Makes a count, of which it is said here what it counts, for readers and for users."""
    return field(default=0, metadata={"counts": rows})


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """How many rows of a table a load met, and what became of them."""

    source_rows: int = _of("rows of the snapshot: the sum of the next six")
    inserted: int = _of("rows that PostgreSQL did not have")
    updated: int = _of("rows that PostgreSQL had otherwise, and now has as Bizy does")
    unchanged: int = _of("rows that PostgreSQL had already as Bizy does")
    kept: int = _of("rows that were edited in PostgreSQL since they were written, and left so")
    left_deleted: int = _of("rows that were deleted in PostgreSQL since, and left so")
    quarantined: int = _of("rows kept out, as PostgreSQL cannot take them or the user said so")
    deleted: int = _of("rows that are gone from Bizy, and so from PostgreSQL")
    outlived: int = _of("rows that are gone from Bizy, but were edited in PostgreSQL, and stay")
    adopted: int = _of("rows that the ledger did not know, and that were taken over; counted above")

    @property
    def accounted(self) -> int:
        """The snapshot's rows of which it is known what became of them."""
        done = self.inserted + self.updated + self.unchanged
        return done + self.kept + self.left_deleted + self.quarantined


COUNT_MEANINGS = {count.name: str(count.metadata["counts"]) for count in fields(RowCounts)}
"""What each of them counts, by name."""

COUNTS = tuple(COUNT_MEANINGS)
"""Their names, in order."""
