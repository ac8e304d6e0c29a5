"""What a load counts; the same figures in memory, in the target and in what users see."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many rows of a table a load met, and what became of them.

    Attributes:
        source_rows: Rows of the snapshot: the sum of the next six.
        inserted, updated, unchanged: As PostgreSQL now has them from Bizy.
        kept: Edited in PostgreSQL since they were written, and left so.
        left_deleted: Deleted in PostgreSQL since they were written, and left so.
        quarantined: Kept out, since PostgreSQL cannot take them or the user said so.
        deleted: Gone from Bizy and so from PostgreSQL.
        outlived: Gone from Bizy, kept since they were edited in PostgreSQL.
        adopted: There before without an entry in the ledger, and taken over; counted above too.
    """

    source_rows: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    left_deleted: int = 0
    quarantined: int = 0
    deleted: int = 0
    outlived: int = 0
    adopted: int = 0

    @property
    def accounted(self) -> int:
        """The snapshot's rows of which it is known what became of them."""
        done = self.inserted + self.updated + self.unchanged
        return done + self.kept + self.left_deleted + self.quarantined


COUNTS = tuple(field.name for field in fields(Counts))
"""Their names, in order."""
