"""The proofs about the source, which keep everything downstream from running.

They look at this run's snapshot, else at the one that was loaded last, else at the source's
latest.
"""

from collections.abc import Callable, Iterator

import dagster as dg

from bizy_assets.core.common import format_ids
from bizy_assets.core.contracts import BY_TABLE, CONTRACTS
from bizy_assets.core.reconcile import source_keys
from bizy_assets.core.settings import OnBadRow, bizy_home
from bizy_assets.core.source import INTEGRITY_OK, Snapshot, check_integrity, verify_snapshot
from bizy_assets.core.state import latest_loads, newest_load, parents_in_snapshot
from bizy_assets.core.validation import (
    ValidationResult,
    validate,
    violation_summary,
    write_violations_csv,
)
from bizy_assets.metadata import SQLITE_BACKUP, violations_table
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import snapshot_of_this_run, snapshot_to_load, user_errors

INTEGRITY = "integrity"
VALIDATION = "census"
ORPHANS = "orphans"

DESCRIPTIONS = {
    INTEGRITY: "The snapshot is what was made, and `PRAGMA integrity_check` finds it sound.",
    VALIDATION: "PostgreSQL can take every value of the snapshot. With `BIZY_ON_BAD_ROW` set to "
    "`quarantine` this only warns.",
    ORPHANS: "Every goal that a row names is there; warns of rows that will lose their parent.",
}
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
    """Checks a snapshot."""
    with user_errors(context):
        chosen, loaded = _chosen(context, source, target)
        policy = OnBadRow.QUARANTINE if loaded else source.settings().on_bad_row
        judges: dict[str, Callable[[], dg.AssetCheckResult]] = {
            INTEGRITY: lambda: _integrity(chosen),
            VALIDATION: lambda: _census(validate(chosen), policy),
            ORPHANS: lambda: _orphans(validate(chosen)),
        }
        for key in sorted(context.selected_asset_check_keys, key=str):
            yield judges[key.name]()


def _chosen(
    context: dg.AssetCheckExecutionContext, source: BizySource, target: BizyTarget
) -> tuple[Snapshot, bool]:
    """Returns the snapshot to look at, and whether it was loaded already."""
    own = snapshot_of_this_run(context)
    if own is not None:
        return own, False
    with target.checking() as connection:
        done = latest_loads(connection, BY_TABLE)
    if done:
        return newest_load(done).snapshot, True
    return snapshot_to_load(context, source.settings().path), False


def _integrity(chosen: Snapshot) -> dg.AssetCheckResult:
    verify_snapshot(chosen)
    found = check_integrity(chosen.path, chosen.sha256)
    return dg.AssetCheckResult(
        asset_key=SQLITE_BACKUP,
        check_name=INTEGRITY,
        passed=found == INTEGRITY_OK,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"PRAGMA integrity_check says: {found}.",
        metadata={"snapshot": dg.MetadataValue.path(str(chosen.path)), "sha256": chosen.sha256},
    )


def _census(found: ValidationResult, policy: OnBadRow) -> dg.AssetCheckResult:
    rows = sum(table.rows for table in found.tables.values())
    metadata: dict[str, dg.MetadataValue] = {
        "rows": dg.MetadataValue.int(rows),
        "bad values": dg.MetadataValue.int(found.violation_count),
        "bad rows": dg.MetadataValue.int(found.rejected_row_count),
        "snapshot": dg.MetadataValue.path(str(found.snapshot.path)),
    }
    description = f"PostgreSQL can take every value of all {rows:,} rows."
    if found.reused:
        description += " They are the very bytes that were loaded last."
    if found.violation_count:
        file = write_violations_csv(found, bizy_home())
        description = violation_summary(found, file)
        metadata["all bad values"] = dg.MetadataValue.path(str(file))
        metadata |= violations_table(found)
    fails = policy is OnBadRow.FAIL
    return dg.AssetCheckResult(
        asset_key=SQLITE_BACKUP,
        check_name=VALIDATION,
        passed=not found.violation_count,
        severity=dg.AssetCheckSeverity.ERROR if fails else dg.AssetCheckSeverity.WARN,
        description=description,
        metadata=metadata,
    )


def _orphans(found: ValidationResult) -> dg.AssetCheckResult:
    sentences: list[str] = []
    metadata: dict[str, dg.MetadataValue] = {
        "snapshot": dg.MetadataValue.path(str(found.snapshot.path))
    }
    for contract in CONTRACTS:
        existing = parents_in_snapshot(found, contract)
        for column, ids in source_keys(found, contract, existing).orphans.items():
            name = f"{contract.table}.{column}"
            metadata[name] = dg.MetadataValue.int(len(ids))
            if len(ids):
                sentences.append(
                    f"{len(ids):,} rows of {contract.table} name a {column} that is not there and "
                    f"will have none: {format_ids(ids)}."
                )
    return dg.AssetCheckResult(
        asset_key=SQLITE_BACKUP,
        check_name=ORPHANS,
        passed=not sentences,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(sentences) or "Every parent that a row names is there.",
        metadata=metadata,
    )
