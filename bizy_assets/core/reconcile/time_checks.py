"""The check ``timestamps``: missing times, and times that indicate a wrong setting."""

from bizy_assets.core.common import CheckResult, IdSet
from bizy_assets.core.contracts import Rule
from bizy_assets.core.reconcile import remedies
from bizy_assets.core.reconcile.evidence import TableEvidence
from bizy_assets.core.transform import timestamps

TIMESTAMPS = "timestamps"

_UNCERTAIN = {
    timestamps.UNDECIDED_CUTOVER: "a created_at that may be UTC or local time, taken as UTC",
    timestamps.CUTOVER_BY_HOURS: "a created_at that may be UTC or local time, taken as the one "
    "that falls into the waking hours of the other rows",
    timestamps.UNDECIDED_UPDATE: "an updated_at that may be local time or UTC, taken as local time",
}
"""The problem of a row, by the rule that is recorded for it."""


def check_timestamps(evidence: TableEvidence) -> CheckResult:
    """No time is missing. Warns of times that indicate a wrong setting, and of uncertain ones.

    A time that indicates a wrong setting is completed before created, after the snapshot, or before
    the year 2000. An uncertain one may be UTC or local time.
    """
    zone = evidence.load.run.zone
    result = evidence.result(
        TIMESTAMPS,
        f"No time is missing, and none indicates a wrong time zone ({zone}).",
    )
    source = evidence.source
    for column in evidence.contract.timestamps:
        present = evidence.target.with_time[column.name]
        expected = source.rows if column.filled else source.with_time[column.name]
        result.figures[f"with {column.name}"] = len(present & source.rows)
        result.add_rows(
            f"without {column.name}",
            (expected & evidence.unedited) - present,
            f"has no {column.name}",
            cure=remedies.for_changed_rows,
        )
    _warn_of_suspects(evidence, result)
    _warn_of_uncertain(evidence, result)
    return result


def _warn_of_uncertain(evidence: TableEvidence, result: CheckResult) -> None:
    """Warn of times that may have been interpreted wrongly, which no setting can decide."""
    for rule, problem in _UNCERTAIN.items():
        if evidence.uncertain[rule]:
            result.add_rows(
                f"with {problem}",
                evidence.uncertain[rule] & evidence.unedited,
                f"has {problem}",
                note="bizy_migration.repairs has the original; if one is wrong, correct it in "
                "PostgreSQL, where edits are preserved",
                warning=True,
            )


def _warn_of_suspects(evidence: TableEvidence, result: CheckResult) -> None:
    """Warn of impossible times and name the setting that may be wrong."""
    zone, since = evidence.load.run.zone, evidence.load.run.tasks_local_since
    # The settings, as the stored key has them, and with their values, as the message has them.
    by_zone = (
        "look at BIZY_SOURCE_TIMEZONE",
        f"check BIZY_SOURCE_TIMEZONE (now {zone})",
    )
    by_cutover = (
        "look at BIZY_TASKS_LOCAL_SINCE",
        f"check BIZY_TASKS_LOCAL_SINCE (now {since:%Y-%m-%dT%H:%M:%SZ})",
    )
    for key, forms, ids, depends_on_cutover in _suspects(evidence):
        suspect = ids & evidence.unedited
        near = suspect & evidence.target.around_cutover if depends_on_cutover else IdSet()
        for (setting, advice), rows in (
            (by_zone, suspect - near),
            *([(by_cutover, near)] if depends_on_cutover else []),
        ):
            result.add_rows(f"{key}, {setting}", rows, *forms, note=advice, warning=True)
    result.add_rows(
        f"with a time before the year 2000, {by_zone[0]} and at these rows in Bizy",
        evidence.target.ancient & evidence.unedited,
        "has a time before the year 2000",
        note=f"{by_zone[1]}, and these rows in Bizy",
        warning=True,
    )


def _suspects(evidence: TableEvidence) -> list[tuple[str, tuple[str, str], IdSet, bool]]:
    """Return the kinds of impossible times.

    Each has a stored key, its wording for one row and for several, the rows, and whether the UTC
    cutover decides how the time is read.
    """
    columns = evidence.contract.columns
    around_cutover = {c.name for c in columns if c.rule is Rule.UTC_UNTIL_CUTOVER}
    # A time that the source lacks was filled in by the migration.
    given = evidence.source.with_time
    unfit = evidence.target.finished_before_start & given.get("created_at", IdSet())
    suspects = [
        (
            "completed before they were created",
            ("was completed before it was created", "were completed before they were created"),
            unfit,
            bool(around_cutover),
        )
    ]
    for name, ids in evidence.target.future.items():
        article = "an" if name[0] in "aeiou" else "a"
        problem = f"{article} {name} after the snapshot was taken"
        forms = (f"has {problem}", f"have {problem}")
        key = f"with a {name} after the snapshot was taken"
        suspects.append((key, forms, ids & given[name], name in around_cutover))
    return suspects
