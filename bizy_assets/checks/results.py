"""Results of the core's checks as Dagster's."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from bizy_assets.core.common import IDS_SHOWN, CheckOutcome, CheckResult, IdSet, quantity
from bizy_assets.metadata import tables

Metadata = dict[str, Any]
Checked = tuple[CheckResult, Metadata]
"""The result of a check, and metadata besides its figures, ids and tables."""

_URGENCY = list(CheckOutcome)


def asset_check_result(
    result: CheckResult, metadata: Metadata, *, warnings_fail: bool = False
) -> dg.AssetCheckResult:
    """Return a result with its figures, ids and tables, and more metadata.

    ``warnings_fail`` makes a warning an error.
    """
    is_error = bool(result.errors) or warnings_fail
    severity = dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        check_name=result.check,
        passed=result.passed,
        severity=severity,
        description=result.text,
        metadata={
            **result.figures,
            **{f"ids {key}": _first_ids(ids) for key, ids in result.ids.items()},
            **{title: tables.metadata_table(rows) for title, rows in result.tables.items()},
            **metadata,
        },
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
