"""The checks of the target's tables, the same for each.

Each check reads PostgreSQL again and compares the table with the snapshot it was loaded from, after
verifying the snapshot's digest.
"""

import inspect
from collections.abc import Callable, Collection, Iterator

import dagster as dg

from bizy_assets.checks.results import Checked, report_checks
from bizy_assets.checks.strictness import warnings_fail_now
from bizy_assets.core import pipeline
from bizy_assets.core.common import CheckResult
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.reconcile import (
    BACKEND_ACCEPTS,
    CONTENT,
    COUNT,
    TIMESTAMPS,
    check_backend_accepts,
    check_content,
    checks,
)
from bizy_assets.metadata import REPORT, SINGLE_FILE
from bizy_assets.resources import BizySource, BizyTarget, SourceResource, TargetResource
from bizy_assets.runtime import Context, user_errors

SEVERITIES = {
    **dict.fromkeys((COUNT, TIMESTAMPS, CONTENT), "ERROR or WARN"),
    BACKEND_ACCEPTS: "WARN",
}
"""Severities of the checks that may warn; all others only fail."""


def check_table(
    context: Context,
    contract: Contract,
    source: SourceResource,
    target: TargetResource,
    names: Collection[str],
) -> list[Checked]:
    """Run checks of a table by name."""
    with user_errors(context), target.checking() as connection:
        settings = source.settings()
        load = pipeline.require_load(
            connection, contract.table, settings.key, only=settings.is_in_fleet
        )
        results = pipeline.check_table(connection, load, names, run_id=context.run.run_id)
        target_name = describe_url(connection.engine.url)
        target.record_results(contract.table, results, run=load.run.number)
    snapshot = dg.MetadataValue.path(str(load.snapshot.path))
    return [(result, {"target": target_name, "snapshot": snapshot}) for result in results]


def checks_of(contract: Contract) -> dict[str, Callable[..., CheckResult]]:
    """Return the checks of a table by name."""
    served = {BACKEND_ACCEPTS: check_backend_accepts} if contract.served else {}
    return {**checks.AUDITS, **served, CONTENT: check_content}


def _make_table_checks(contract: Contract) -> dg.AssetChecksDefinition:
    """Create the checks of one table, which can be run together or separately."""

    @dg.multi_asset_check(
        name=f"checks_of_pg_{contract.table}",
        specs=[
            dg.AssetCheckSpec(
                name,
                asset=SINGLE_FILE.table(contract.table),
                # One that only warns never blocks.
                blocking=name != BACKEND_ACCEPTS,
                description=inspect.getdoc(check),
                metadata={"severity": SEVERITIES.get(name, "ERROR")},
            )
            for name, check in checks_of(contract).items()
        ],
        can_subset=True,
    )
    def check(
        context: dg.AssetCheckExecutionContext, source: BizySource, target: BizyTarget
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name for key in context.selected_asset_check_keys}
        warnings_fail = warnings_fail_now(context, target, [REPORT])
        yield from report_checks(
            SINGLE_FILE.table(contract.table),
            check_table(context, contract, source, target, selected),
            warnings_fail=warnings_fail,
            never_block=[BACKEND_ACCEPTS],
        )

    return check


TABLE_CHECKS = [_make_table_checks(contract) for contract in CONTRACTS]
