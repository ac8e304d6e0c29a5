"""Row counts of a load: their names, and how messages, reports and documents present them."""

from dataclasses import dataclass, field, fields


def _count(title: str, meaning: str, planned: str = "") -> int:
    """Define a count with the title and the meaning that users read, and its title in a plan."""
    texts = {"title": title, "meaning": meaning, "planned": planned or title}
    return field(default=0, metadata=texts)


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """Rows of a table that a load processed, by what became of them.

    The names are stored, in the target and in metadata; users read the titles.
    """

    source_rows: int = _count("source rows", "rows in the snapshot, the sum of the next six counts")
    inserted: int = _count("inserted", "rows that were missing in PostgreSQL", "to insert")
    updated: int = _count("updated", "rows that differed from Bizy and now match it", "to update")
    unchanged: int = _count("unchanged", "rows that already matched Bizy")
    preserved_edits: int = _count(
        "preserved edits",
        "rows edited in PostgreSQL since they were loaded; the edits remain",
        "edits to preserve",
    )
    preserved_deletions: int = _count(
        "preserved deletions",
        "rows deleted in PostgreSQL since they were loaded; they stay deleted",
        "deletions to preserve",
    )
    rejected: int = _count(
        "rejected rows",
        "rows that PostgreSQL cannot store or the settings skip; they are not loaded",
        "to reject",
    )
    deleted: int = _count(
        "deleted", "rows deleted in Bizy and therefore in PostgreSQL", "to delete"
    )
    retained: int = _count(
        "retained",
        "rows deleted in Bizy but edited in PostgreSQL; they remain there",
        "to retain",
    )
    adopted: int = _count(
        "adopted",
        "existing rows that the migration had no record of; also included in another count",
        "to adopt",
    )

    @property
    def accounted(self) -> int:
        """The sum of the counts that must add up to the rows of the snapshot."""
        return sum(getattr(self, name) for name in ACCOUNTED)

    @property
    def in_target(self) -> int:
        """The rows of this migration that are in PostgreSQL after the load."""
        return self.accounted - self.rejected - self.preserved_deletions + self.retained


TITLES = {count.name: str(count.metadata["title"]) for count in fields(RowCounts)}

PLANNED_TITLES = {count.name: str(count.metadata["planned"]) for count in fields(RowCounts)}
"""The titles in a plan, whose rows are not written."""

COUNT_MEANINGS = {count.name: str(count.metadata["meaning"]) for count in fields(RowCounts)}

COUNTS = tuple(TITLES)

ACCOUNTED = (
    "inserted",
    "updated",
    "unchanged",
    "preserved_edits",
    "preserved_deletions",
    "rejected",
)
"""The counts of the rows of the snapshot, each of which is in exactly one."""
