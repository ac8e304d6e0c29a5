"""What to do about the findings of checks, each a sentence."""

from bizy_assets.core.common import cures


def for_changed_rows() -> str:
    """Return what to do about rows that were edited in PostgreSQL since the load.

    A load that meets an edited row keeps it, and checks only warn of it from then on.
    """
    return (
        f"{_accept_edits()} Otherwise set the values of the snapshot again, which the check "
        "content shows."
    )


def for_changed_values() -> str:
    """Return what to do about values that were edited in PostgreSQL since the load."""
    return (
        f"{_accept_edits()} Otherwise set the values of the snapshot again: see 'first "
        "differences', or the row in the snapshot."
    )


def _accept_edits() -> str:
    return (
        f"If the edit was on purpose, start {cures.job('migrate')}: it keeps edits, and later "
        "checks only warn."
    )


def for_missing_rows() -> str:
    """Return what to do about rows that were deleted in PostgreSQL since the load.

    A load that meets a deleted row leaves it deleted. A rollback forgets that it was there.
    """
    return (
        f"If the deletion was on purpose, start {cures.job('migrate')}: it keeps deletions, and "
        f"later checks only warn. Otherwise undo the deletion: start {cures.job('rollback')}, then "
        "the job migrate."
    )


def for_dangling_rows() -> str:
    """Return what to do about rows that refer to no row."""
    return "Correct the reference in PostgreSQL, or set it to NULL; then start the job again."


def for_lost_records() -> str:
    """Return what to do if the migration's own records were changed."""
    return (
        "The records of the migration were changed; restore the schema bizy_migration from a "
        "backup of PostgreSQL."
    )


def for_rejected_rows() -> str:
    """Return what to do about rows that PostgreSQL cannot store."""
    return f"Fix the values in Bizy, then start {cures.job('migrate')} again."
