"""The check ``count``: every row is accounted for, and rows that are not as in Bizy are named."""

from bizy_assets.core.common import CheckResult, label_ids, quantity, row_counts
from bizy_assets.core.reconcile import remedies
from bizy_assets.core.reconcile.evidence import NO_ROWS, TableEvidence, all_rows

COUNT = "count"


def check_count(evidence: TableEvidence) -> CheckResult:
    """Every row of the snapshot is accounted for and is in PostgreSQL.

    Warns of rows that were edited or deleted in PostgreSQL and of rejected rows.
    """
    counts, states = evidence.load.counts, evidence.states
    source, target = evidence.source.rows, evidence.target.rows
    result = evidence.result(
        COUNT,
        f"{all_rows(len(source))} of the snapshot {'is' if len(source) == 1 else 'are'} in "
        f"PostgreSQL: {counts.inserted:,} inserted, {counts.updated:,} updated, "
        f"{counts.unchanged:,} unchanged."
        if source
        else NO_ROWS,
        figures={
            "rows in snapshot": counts.source_rows,
            **{name: getattr(counts, name) for name in row_counts.COUNTS[1:]},
            "rows of the snapshot in PostgreSQL": len(source & target),
            "rows in PostgreSQL that are not in the snapshot": len(target - source),
        },
    )
    _compare_counts(evidence, result)
    result.add_rows(
        "missing in PostgreSQL",
        (source - target) - states.deleted,
        "is missing in PostgreSQL",
        cure=remedies.for_missing_rows,
    )
    result.add_rows(
        "missing in the records of the migration",
        source - states.entries,
        "is missing in the records of the migration",
        cure=remedies.for_lost_records,
    )
    _warn_of_edits(evidence, result)
    _warn_of_rejected(evidence, result)
    return result


def _warn_of_edits(evidence: TableEvidence, result: CheckResult) -> None:
    source, states = evidence.source.rows, evidence.states
    result.add_rows(
        "deleted in PostgreSQL, and left so",
        source & states.deleted,
        "was deleted in PostgreSQL",
        note="deletions are preserved",
        warning=True,
    )
    result.add_rows(
        "edited in PostgreSQL, and left so",
        source & states.edited,
        "was edited in PostgreSQL",
        note="edits are preserved",
        warning=True,
    )
    result.add_rows(
        "gone from Bizy, but edited in PostgreSQL, and left there",
        (states.edited - source) - evidence.context.table_ids.targets(evidence.rejected),
        "was deleted in Bizy but edited in PostgreSQL",
        note="edited rows are retained",
        warning=True,
    )


def _compare_counts(evidence: TableEvidence, result: CheckResult) -> None:
    counts, valid = evidence.load.counts, len(evidence.source.rows)
    if counts.source_rows != counts.accounted or valid != counts.source_rows - counts.rejected:
        items = ", ".join(
            f"{getattr(counts, name):,} {row_counts.TITLES[name]}" for name in row_counts.ACCOUNTED
        )
        result.errors.append(
            f"The snapshot has {quantity(counts.source_rows, 'row')}, {valid:,} of them valid, but "
            f"{counts.accounted:,} are accounted for: {items}."
        )
        result.add_cure(remedies.for_lost_records())
    if evidence.rejected_count != counts.rejected:
        result.errors.append(
            f"{quantity(counts.rejected, 'row was', 'rows were')} rejected, but "
            f"bizy_migration.rejected_rows records {evidence.rejected_count:,}."
        )
        result.add_cure(remedies.for_lost_records())


def _warn_of_rejected(evidence: TableEvidence, result: CheckResult) -> None:
    """Warn of the rows that were left out, by reason, with their ids in the source."""
    rejected, excluded = evidence.load.counts.rejected, evidence.excluded
    if excluded:
        result.ids["excluded by skip_ids"] = excluded
        result.warnings.append(
            f"{quantity(len(excluded), 'row was', 'rows were')} left out, as skip_ids excludes "
            f"{'it' if len(excluded) == 1 else 'them'} ({label_ids(excluded)})."
        )
    if number := rejected - len(excluded):
        ids = evidence.rejected - excluded
        result.ids["left out"] = ids
        without_id = number - len(ids)
        known = [label_ids(ids)] if ids else []
        known += [f"{without_id:,} without a valid id"] if without_id else []
        result.warnings.append(
            f"{quantity(number, 'row was', 'rows were')} left out, as PostgreSQL cannot store "
            f"{'it' if number == 1 else 'them'} ({', '.join(known)}); "
            "bizy_migration.rejected_rows has each row and the reason."
        )
        result.add_cure(remedies.for_rejected_rows())
