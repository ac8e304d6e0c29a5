"""The proofs: for every table the same checks, out of one factory.

Each reads PostgreSQL afresh whenever it runs, and holds it against the snapshot that the table
was loaded from, whose digest tells that it is still the same. All are blocking: an error fails
the run and keeps what comes after from loading.
"""

import inspect
from collections.abc import Iterator

import dagster as dg

from bizy_assets.core import pipeline
from bizy_assets.core.common import IDS_SHOWN, CheckResult, IdSet
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.reconcile import (
    AUDITS,
    CONTENT,
    COUNT,
    TIMESTAMPS,
    check_content,
)
from bizy_assets.core.state import TableLoad, require_load
from bizy_assets.metadata import metadata_table, table_key
from bizy_assets.resources import BizyTarget
from bizy_assets.runtime import user_errors

DESCRIPTIONS = {
    name: inspect.getdoc(judge) for name, judge in (*AUDITS.items(), (CONTENT, check_content))
}
"""What each check of a table holds it to, by name."""

WARNS = {COUNT, TIMESTAMPS, CONTENT}
"""Which of them may merely warn."""


def make_table_checks(contract: Contract) -> dg.AssetChecksDefinition:
    """Makes the checks of one table, which can be run together or alone."""
    asset = table_key(contract.table)

    @dg.multi_asset_check(
        name=f"checks_of_pg_{contract.table}",
        specs=[
            dg.AssetCheckSpec(
                name,
                asset=asset,
                blocking=True,
                description=description,
                metadata={"severity": "ERROR or WARN" if name in WARNS else "ERROR"},
            )
            for name, description in DESCRIPTIONS.items()
        ],
        can_subset=True,
    )
    def check(
        context: dg.AssetCheckExecutionContext, target: BizyTarget
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name for key in context.selected_asset_check_keys}
        with user_errors(context), target.checking() as connection:
            load = require_load(connection, contract.table)
            verdicts = list(pipeline.check_table(connection, load, selected))
            where = describe_url(connection.engine.url)
        for verdict in verdicts:
            yield _result(asset, verdict, load, where)

    return check


def _result(
    asset: dg.AssetKey, verdict: CheckResult, load: TableLoad, where: str
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
            **{name: metadata_table(rows) for name, rows in verdict.tables.items()},
            "target": where,
            "snapshot": dg.MetadataValue.path(str(load.snapshot.path)),
        },
    )


def _ids(ids: IdSet) -> dg.JsonMetadataValue:
    return dg.MetadataValue.json({"first": ids.first(), "more": max(0, len(ids) - IDS_SHOWN)})


TABLE_CHECKS = [make_table_checks(contract) for contract in CONTRACTS]
