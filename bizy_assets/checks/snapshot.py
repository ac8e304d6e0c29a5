"""The checks of a snapshot: the one that this run took or loads, else the one loaded last."""

import functools
from collections.abc import Callable, Collection, Iterator

import dagster as dg

from bizy_assets.checks.results import Checked, report_checks
from bizy_assets.checks.strictness import warnings_fail_now
from bizy_assets.core import pipeline
from bizy_assets.core.common import CheckResult, OnBadRow, ZoneChoice
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.reconcile import ORPHANS, VALIDATION, check_orphans, check_values
from bizy_assets.core.settings import bizy_home
from bizy_assets.core.source import INTEGRITY_OK, Snapshot, check_integrity, verify_snapshot
from bizy_assets.core.state import Run, runs, validation_of
from bizy_assets.core.validation import ValidationResult, quarantine, time_zone, validate
from bizy_assets.metadata import ACTION, REPORT, SINGLE_FILE, Scope, tables
from bizy_assets.resources import BizySource, BizyTarget, SourceResource, TargetResource
from bizy_assets.runtime import Context, snapshot_history, tag_run, user_errors

INTEGRITY = "integrity"
TIME_ZONE = time_zone.TIME_ZONE

SNAPSHOT_CHECKS = {
    INTEGRITY: "The snapshot is unmodified, and `PRAGMA integrity_check` finds no damage.",
    VALIDATION: "Source validation: PostgreSQL can store every value of the snapshot. Only warns "
    "if `BIZY_ON_BAD_ROW` is `quarantine`.",
    ORPHANS: "Every referenced goal exists. Warns of rows that will lose their parent.",
    TIME_ZONE: "The time zone of local times was chosen, and the times of the file do not "
    "contradict it. Shows three of them as they are read.",
}
FROM_EARLIER_RUN = (
    "An earlier run took this snapshot. If you have changed the Bizy file since, start a new run."
)
SEVERITIES = {INTEGRITY: "ERROR", VALIDATION: "ERROR or WARN", ORPHANS: "WARN", TIME_ZONE: "WARN"}


def check_snapshot(
    context: Context,
    scope: Scope,
    source: SourceResource,
    target: TargetResource,
    names: Collection[str] = tuple(SNAPSHOT_CHECKS),
) -> Iterator[Checked]:
    """Run checks of a snapshot by name."""
    with user_errors(context):
        snapshot, loaded = _snapshot_to_check(context, scope, source, target)
        is_loaded = loaded is not None
        policy = OnBadRow.QUARANTINE if is_loaded else source.settings().on_bad_row

        @functools.cache
        def validation() -> ValidationResult:
            if is_loaded:
                return validate(snapshot)
            with target.writing() as connection, connection.begin():
                return validation_of(connection, snapshot, source.settings().key)

        checks: dict[str, Callable[[], Checked]] = {
            INTEGRITY: lambda: _check_integrity(snapshot),
            VALIDATION: lambda: _check_values(validation(), policy),
            ORPHANS: lambda: (check_orphans(validation()), {}),
            TIME_ZONE: lambda: _check_time_zone(snapshot, loaded or source.settings()),
        }
        path = dg.MetadataValue.path(str(snapshot.path))
        results = []
        for name in sorted(names):
            result, metadata = checks[name]()
            if not (result.passed or is_loaded) and snapshot_history.is_from_earlier_run(
                context, scope
            ):
                (result.errors or result.warnings).append(FROM_EARLIER_RUN)
            results.append(result)
            yield result, {"snapshot": path, **metadata}
        target.record_results(
            scope.sqlite_backup.path[-1], results, run=loaded.number if loaded else None
        )


@dg.multi_asset_check(
    name="checks_of_sqlite_backup",
    specs=[
        dg.AssetCheckSpec(
            name,
            asset=SINGLE_FILE.sqlite_backup,
            blocking=True,
            description=text,
            metadata={"severity": SEVERITIES[name]},
        )
        for name, text in SNAPSHOT_CHECKS.items()
    ],
    can_subset=True,
)
def snapshot_checks(
    context: dg.AssetCheckExecutionContext, source: BizySource, target: BizyTarget
) -> Iterator[dg.AssetCheckResult]:
    """Check a snapshot."""
    selected = {key.name for key in context.selected_asset_check_keys}
    warnings_fail = warnings_fail_now(context, target, [REPORT])
    yield from report_checks(
        SINGLE_FILE.sqlite_backup,
        check_snapshot(context, SINGLE_FILE, source, target, selected),
        warnings_fail=warnings_fail,
    )


def _snapshot_to_check(
    context: Context,
    scope: Scope,
    source: SourceResource,
    target: TargetResource,
) -> tuple[Snapshot, Run | None]:
    """Return the snapshot to check, and the run that loaded it, if it is already loaded."""
    settings = source.settings()
    path = settings.path
    if (snapshot := snapshot_history.snapshot_of_this_run(context, scope, path)) is not None:
        return snapshot, None
    if not snapshot_history.will_materialize(context, set(map(scope.table, BY_TABLE))):
        with target.checking() as connection:
            loaded = pipeline.loaded_run(connection, settings.key, only=settings.is_in_fleet)
            target_name = describe_url(connection.engine.url)
            tag_run(context, target_name, loaded.snapshot if loaded else None)
            if loaded is not None:
                return loaded.snapshot, loaded
            if next(snapshot_history.snapshots_of(context, scope, path), None) is None:
                raise runs.nothing_to_verify(connection)
    return snapshot_history.snapshot_to_load(context, scope, path), None


def _check_integrity(snapshot: Snapshot) -> Checked:
    verify_snapshot(snapshot)
    answer = check_integrity(snapshot.path, snapshot.sha256)
    result = CheckResult(check=INTEGRITY, summary="PRAGMA integrity_check finds no damage.")
    if answer != INTEGRITY_OK:
        result.errors.append(f"PRAGMA integrity_check finds {answer}.")
    return result, {"sha256": snapshot.sha256}


def _check_values(validation: ValidationResult, policy: OnBadRow) -> Checked:
    result, file = check_values(validation, policy, bizy_home())
    if file is None:
        return result, {}
    return result, {
        ACTION: quarantine.remedy(policy),
        "all_rejected_values": dg.MetadataValue.path(str(file)),
        **tables.violations_table(validation),
    }


def _check_time_zone(snapshot: Snapshot, choice: ZoneChoice) -> Checked:
    shown = time_zone.show_local_times(snapshot, choice)
    return time_zone.check_time_zone(snapshot, choice), {"zone": str(choice.zone), "times": shown}
