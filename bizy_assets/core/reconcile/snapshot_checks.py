"""Checks of a snapshot before its load, by what its validation found."""

from pathlib import Path

from bizy_assets.core.common import CheckResult, IdSet, OnBadRow, label_ids, quantity
from bizy_assets.core.reconcile.evidence import find_orphans
from bizy_assets.core.validation import ValidationResult, quarantine

VALIDATION = "census"
ORPHANS = "orphans"


def check_values(
    validation: ValidationResult, policy: OnBadRow, home: Path
) -> tuple[CheckResult, Path | None]:
    """Return whether PostgreSQL can store every value, and the file that lists those it cannot."""
    rows = sum(table.rows for table in validation.tables.values())
    summary = f"PostgreSQL can store every value of {quantity(rows, 'row')}."
    if validation.reused:
        summary += " The file is unchanged since the last load."
    figures = {
        "rows": rows,
        "rejected values": validation.violation_count,
        "rejected rows": validation.rejected_row_count,
    }
    result = CheckResult(check=VALIDATION, summary=summary, figures=figures)
    if not validation.violation_count:
        return result, None
    file = quarantine.write_violations_csv(validation, home)
    messages = result.errors if policy is OnBadRow.FAIL else result.warnings
    messages.append(quarantine.violation_summary(validation, file, policy))
    return result, file


def check_orphans(validation: ValidationResult) -> CheckResult:
    """Warn of rows whose parent does not exist; the snapshot is read again."""
    orphans = find_orphans(validation)
    return CheckResult(
        check=ORPHANS,
        summary="Every referenced goal exists.",
        warnings=[_orphans_sentence(name, ids) for name, ids in orphans.items() if ids],
        figures={name: len(ids) for name, ids in orphans.items()},
    )


def _orphans_sentence(name: str, ids: IdSet) -> str:
    """Describe the rows of a column ``table.column`` whose parent does not exist."""
    table = name.partition(".")[0]
    rows = quantity(len(ids), f"{table.removesuffix('s')} refers", f"{table} refer")
    effect = "its parent" if len(ids) == 1 else "their parents"
    return f"{rows} to a parent goal that does not exist; {effect} will be NULL ({label_ids(ids)})."
