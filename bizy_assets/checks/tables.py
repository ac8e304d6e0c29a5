"""The checks of the target's tables, the same for each.

Each check reads PostgreSQL again and compares the table with the snapshot it was loaded from, after
verifying the snapshot's digest.
"""

import inspect
from collections.abc import Callable, Iterator

import dagster as dg

from bizy_assets.core import pipeline
from bizy_assets.core.common import IDS_SHOWN, CheckResult, IdSet
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.reconcile import (
    BACKEND_ACCEPTS,
    CONTENT,
    TIMESTAMPS,
    check_backend_accepts,
    check_content,
    checks,
)
from bizy_assets.core.state import TableLoad
from bizy_assets.metadata import table_key, tables
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import user_errors

SEVERITIES = {
    **dict.fromkeys((checks.COUNT, TIMESTAMPS, CONTENT), "ERROR or WARN"),
    BACKEND_ACCEPTS: "WARN",
}
"""Severities of the checks that may warn; all others only fail."""


def make_table_checks(contract: Contract) -> dg.AssetChecksDefinition:
    """Create the checks of one table, which can be run together or separately."""
    asset = table_key(contract.table)

    @dg.multi_asset_check(
        name=f"checks_of_pg_{contract.table}",
        specs=[
            dg.AssetCheckSpec(
                name,
                asset=asset,
                # One that only warns never blocks.
                blocking=name != BACKEND_ACCEPTS,
                description=inspect.getdoc(check),
                metadata={"severity": SEVERITIES.get(name, "ERROR")},
            )
            for name, check in _checks_of(contract).items()
        ],
        can_subset=True,
    )
    def check(
        context: dg.AssetCheckExecutionContext, source: BizySource, target: BizyTarget
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name for key in context.selected_asset_check_keys}
        with user_errors(context), target.checking() as connection:
            load = pipeline.require_load(connection, contract.table, source.settings().key)
            results = pipeline.check_table(connection, load, selected, run_id=context.run.run_id)
            target_name = describe_url(connection.engine.url)
        for result in results:
            yield _asset_check_result(asset, result, load, target_name)

    return check


def _checks_of(contract: Contract) -> dict[str, Callable[..., CheckResult]]:
    """Return the checks of a table by name."""
    served = {BACKEND_ACCEPTS: check_backend_accepts} if contract.served else {}
    return {**checks.AUDITS, **served, CONTENT: check_content}


def _asset_check_result(
    asset: dg.AssetKey, result: CheckResult, load: TableLoad, target_name: str
) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if result.errors else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=result.check,
        passed=result.passed,
        severity=severity,
        description=result.text,
        metadata={
            **result.figures,
            **{f"ids {key}": _first_ids(ids) for key, ids in result.ids.items()},
            **{title: tables.metadata_table(rows) for title, rows in result.tables.items()},
            "target": target_name,
            "snapshot": dg.MetadataValue.path(str(load.snapshot.path)),
        },
    )


def _first_ids(ids: IdSet) -> dg.JsonMetadataValue:
    return dg.MetadataValue.json({"first": ids.first(), "more": max(0, len(ids) - IDS_SHOWN)})


TABLE_CHECKS = [make_table_checks(contract) for contract in CONTRACTS]
