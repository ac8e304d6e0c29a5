"""The proofs: for every table the same checks, out of one factory.

Each reads the snapshot that the table was loaded from and PostgreSQL afresh, whenever it runs.
All are blocking: an error fails the run and keeps what comes after from loading.
"""

from collections.abc import Iterator

import dagster as dg

from bizy_assets.assets import table_key
from bizy_assets.core import auditing, journal
from bizy_assets.core.auditing import Verdict
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.idsets import SHOWN, IdSet
from bizy_assets.core.urls import describe
from bizy_assets.failures import plainly_failing
from bizy_assets.resources import BizyTarget


def table_checks(contract: Contract) -> dg.AssetChecksDefinition:
    """Makes the checks of one table, which can be run together or alone."""
    asset = table_key(contract.table)

    @dg.multi_asset_check(
        name=f"checks_of_pg_{contract.table}",
        specs=[
            dg.AssetCheckSpec(name, asset=asset, blocking=True, description=judge.__doc__)
            for name, judge in auditing.CHECKS.items()
        ],
        can_subset=True,
    )
    def check(
        context: dg.AssetCheckExecutionContext, target: BizyTarget
    ) -> Iterator[dg.AssetCheckResult]:
        with plainly_failing(), target.checking() as connection:
            load = journal.require_latest(connection, contract.table)
            case = auditing.gather(connection, load)
            where = describe(connection.engine.url)
        for key in sorted(context.selected_asset_check_keys, key=str):
            verdict = auditing.CHECKS[key.name](case)
            yield _result(asset, verdict, case, where)

    return check


def _result(
    asset: dg.AssetKey, verdict: Verdict, case: auditing.Case, where: str
) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if verdict.errors else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=verdict.check,
        passed=verdict.passed,
        severity=severity,
        description=verdict.text,
        metadata={
            **verdict.figures,
            **{f"ids {problem}": _ids(ids) for problem, ids in verdict.ids.items()},
            "target": where,
            "snapshot": dg.MetadataValue.path(str(case.load.snapshot.path)),
        },
    )


def _ids(ids: IdSet) -> dg.JsonMetadataValue:
    return dg.MetadataValue.json({"first": ids.first(), "more": max(0, len(ids) - SHOWN)})


CHECKS = [table_checks(contract) for contract in CONTRACTS]
