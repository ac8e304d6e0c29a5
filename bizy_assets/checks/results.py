"""Results of the core's checks as Dagster's."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import dagster as dg

from bizy_assets.core.common import IDS_SHOWN, CheckOutcome, CheckResult, IdSet, quantity
from bizy_assets.core.errors import printable
from bizy_assets.core.reconcile import checks
from bizy_assets.metadata import ACTION, metadata_name, tables
from bizy_assets.runtime import FAILED_CHECKS, check_outcome

Metadata = dict[str, Any]
Checked = tuple[CheckResult, Metadata]
"""The result of a check, and metadata besides its figures, ids and tables."""

_URGENCY = list(CheckOutcome)


def asset_check_result(
    result: CheckResult, metadata: Metadata, *, warnings_fail: bool = False
) -> dg.AssetCheckResult:
    """Return a result with what to do, its figures, ids and tables, and more metadata.

    ``warnings_fail`` makes a warning an error.
    """
    cures = printable(" ".join(result.cures))
    found: Metadata = {
        **result.figures,
        **{f"ids {key}": _first_ids(ids) for key, ids in result.ids.items()},
        **{title: tables.metadata_table(rows) for title, rows in result.tables.items()},
    }
    is_error = bool(result.errors) or warnings_fail
    severity = dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        check_name=result.check,
        passed=result.passed,
        severity=severity,
        description=result.text,
        metadata={
            **({ACTION: cures} if cures else {}),
            **{metadata_name(key): value for key, value in found.items()},
            **metadata,
        },
    )


def report_checks(
    asset: dg.AssetKey,
    checked: Iterable[Checked],
    *,
    warnings_fail: bool,
    never_block: Collection[str] = (),
) -> Iterator[dg.AssetCheckResult]:
    """Yield the results of an asset's checks, then fail the step if one of them failed.

    Dagster would fail it too, but with an error that only names the checks, and the page of a run
    shows that error last.

    Args:
        asset: The asset.
        checked: The results.
        warnings_fail: As for each result.
        never_block: The checks that never fail the step.

    Raises:
        dagster.Failure: A check failed.
    """
    may_block = []
    for result, metadata in checked:
        found = asset_check_result(result, metadata, warnings_fail=warnings_fail)
        found = found._replace(asset_key=asset)
        if result.check not in never_block:
            may_block.append(found)
        yield found
    fail_on_errors(may_block)


def fail_on_errors(results: Iterable[dg.AssetCheckResult | dg.AssetCheckEvaluation]) -> None:
    """Fail the step if there are failed checks, with what each found and what to do.

    Raises:
        dagster.Failure: A check failed.
    """
    failed = [result for result in results if check_outcome(result) is CheckOutcome.FAILED]
    if failed:
        reasons = (
            checks.check_failure(
                str(one.check_name),
                one.asset_key.to_user_string() if one.asset_key else "",
                one.description or "",
            )
            for one in failed
        )
        raise dg.Failure(
            "\n".join(reasons),
            metadata={FAILED_CHECKS: quantity(len(failed), "check")},
            allow_retries=False,
        )


def merge_results(
    asset: dg.AssetKey, check: str, checked: Iterable[Checked], *, warnings_fail: bool
) -> dg.AssetCheckResult:
    """Return the results of all checks of an asset as one; ``warnings_fail`` as for each.

    It fails if one of them fails, and names those that found something. Metadata of those is kept,
    and all results are in a table.
    """
    parts = sorted(checked, key=lambda each: _URGENCY.index(each[0].outcome))
    results = [result for result, _ in parts]
    found = [result for result in results if not result.passed]
    merged = CheckResult(
        check=check,
        summary=f"{quantity(len(results), 'check')} passed.",
        errors=[f"{result.check}: {result.text}" for result in found if result.errors],
        warnings=[f"{result.check}: {result.text}" for result in found if not result.errors],
    )
    rows = ({"check": r.check, "outcome": r.outcome.value, "finding": r.text} for r in results)
    metadata: Metadata = {"checks": tables.metadata_table(rows)}
    for result, more in parts:
        if not result.passed:
            detailed = asset_check_result(result, more).metadata
            metadata |= {f"{result.check}: {name}": value for name, value in detailed.items()}
    found_all = asset_check_result(merged, metadata, warnings_fail=warnings_fail)
    return found_all._replace(asset_key=asset)


def _first_ids(ids: IdSet) -> dg.JsonMetadataValue:
    return dg.MetadataValue.json({"first": ids.first(), "more": max(0, len(ids) - IDS_SHOWN)})
