"""The checks of a snapshot: the one that this run took or loads, else the one loaded last."""

import functools
from collections.abc import Callable, Iterator

import dagster as dg

from bizy_assets.core import pipeline
from bizy_assets.core.common import IdSet, label_ids, quantity
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import printable
from bizy_assets.core.settings import OnBadRow, bizy_home
from bizy_assets.core.source import INTEGRITY_OK, Snapshot, check_integrity, verify_snapshot
from bizy_assets.core.state import validation_of
from bizy_assets.core.validation import ValidationResult, quarantine, validate
from bizy_assets.metadata import SQLITE_BACKUP, table_key, tables
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import snapshot_history, user_errors

INTEGRITY = "integrity"
VALIDATION = "census"
ORPHANS = "orphans"

DESCRIPTIONS = {
    INTEGRITY: "The snapshot is unmodified, and `PRAGMA integrity_check` finds no damage.",
    VALIDATION: "Source validation: PostgreSQL can store every value of the snapshot. Only warns "
    "if `BIZY_ON_BAD_ROW` is `quarantine`.",
    ORPHANS: "Every referenced goal exists. Warns of rows that will lose their parent.",
}
FROM_EARLIER_RUN = (
    "An earlier run took this snapshot. If you have changed the Bizy file since, start a new run."
)
SEVERITIES = {INTEGRITY: "ERROR", VALIDATION: "ERROR or WARN", ORPHANS: "WARN"}


@dg.multi_asset_check(
    name="checks_of_sqlite_backup",
    specs=[
        dg.AssetCheckSpec(
            name,
            asset=SQLITE_BACKUP,
            blocking=True,
            description=text,
            metadata={"severity": SEVERITIES[name]},
        )
        for name, text in DESCRIPTIONS.items()
    ],
    can_subset=True,
)
def snapshot_checks(
    context: dg.AssetCheckExecutionContext, source: BizySource, target: BizyTarget
) -> Iterator[dg.AssetCheckResult]:
    """Check a snapshot."""
    with user_errors(context):
        snapshot, is_loaded = _snapshot_to_check(context, source, target)
        policy = OnBadRow.QUARANTINE if is_loaded else source.settings().on_bad_row

        @functools.cache
        def validation() -> ValidationResult:
            if is_loaded:
                return validate(snapshot)
            with target.writing() as connection, connection.begin():
                return validation_of(connection, snapshot, source.settings().key)

        checks: dict[str, Callable[[], dg.AssetCheckResult]] = {
            INTEGRITY: lambda: _check_integrity(snapshot),
            VALIDATION: lambda: _check_values(validation(), policy),
            ORPHANS: lambda: _check_orphans(validation()),
        }
        for key in sorted(context.selected_asset_check_keys, key=str):
            result = checks[key.name]()
            if not (result.passed or is_loaded) and snapshot_history.is_from_earlier_run(context):
                result = result._replace(description=f"{result.description} {FROM_EARLIER_RUN}")
            yield result


def _snapshot_to_check(
    context: dg.AssetCheckExecutionContext, source: BizySource, target: BizyTarget
) -> tuple[Snapshot, bool]:
    """Return the snapshot to check, and whether it is already loaded."""
    settings = source.settings()
    path = settings.path
    if (snapshot := snapshot_history.snapshot_of_this_run(context, path)) is not None:
        return snapshot, False
    if not snapshot_history.will_load(context, {table_key(table) for table in BY_TABLE}):
        with target.checking() as connection:
            snapshot = pipeline.loaded_snapshot(connection, settings.key)
        if snapshot is not None:
            return snapshot, True
    return snapshot_history.snapshot_to_load(context, path), False


def _check_integrity(snapshot: Snapshot) -> dg.AssetCheckResult:
    verify_snapshot(snapshot)
    answer = check_integrity(snapshot.path, snapshot.sha256)
    found = "no damage" if answer == INTEGRITY_OK else answer
    return dg.AssetCheckResult(
        asset_key=SQLITE_BACKUP,
        check_name=INTEGRITY,
        passed=answer == INTEGRITY_OK,
        severity=dg.AssetCheckSeverity.ERROR,
        description=printable(f"PRAGMA integrity_check finds {found}."),
        metadata={"snapshot": dg.MetadataValue.path(str(snapshot.path)), "sha256": snapshot.sha256},
    )


def _check_values(validation: ValidationResult, policy: OnBadRow) -> dg.AssetCheckResult:
    rows = sum(table.rows for table in validation.tables.values())
    metadata: dict[str, dg.MetadataValue] = {
        "rows": dg.MetadataValue.int(rows),
        "bad values": dg.MetadataValue.int(validation.violation_count),
        "bad rows": dg.MetadataValue.int(validation.rejected_row_count),
        "snapshot": dg.MetadataValue.path(str(validation.snapshot.path)),
    }
    description = f"PostgreSQL can store every value of {quantity(rows, 'row')}."
    if validation.reused:
        description += " The file is unchanged since the last load."
    if validation.violation_count:
        file = quarantine.write_violations_csv(validation, bizy_home())
        description = quarantine.violation_summary(validation, file)
        metadata["all bad values"] = dg.MetadataValue.path(str(file))
        metadata |= tables.violations_table(validation)
    is_error = policy is OnBadRow.FAIL
    return dg.AssetCheckResult(
        asset_key=SQLITE_BACKUP,
        check_name=VALIDATION,
        passed=not validation.violation_count,
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        description=printable(description),
        metadata=metadata,
    )


def _check_orphans(validation: ValidationResult) -> dg.AssetCheckResult:
    orphans = pipeline.find_orphans(validation)
    sentences = [_orphans_sentence(name, ids) for name, ids in orphans.items() if ids]
    return dg.AssetCheckResult(
        asset_key=SQLITE_BACKUP,
        check_name=ORPHANS,
        passed=not sentences,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(sentences) or "Every referenced goal exists.",
        metadata={
            "snapshot": dg.MetadataValue.path(str(validation.snapshot.path)),
            **{name: dg.MetadataValue.int(len(ids)) for name, ids in orphans.items()},
        },
    )


def _orphans_sentence(name: str, ids: IdSet) -> str:
    """Describe the rows of a column ``table.column`` whose parent does not exist."""
    table = name.partition(".")[0]
    rows = quantity(len(ids), f"{table.removesuffix('s')} refers", f"{table} refer")
    effect = "its parent" if len(ids) == 1 else "their parents"
    return f"{rows} to a parent goal that does not exist; {effect} will be NULL ({label_ids(ids)})."
