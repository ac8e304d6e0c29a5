"""The proofs: for every table the same checks, out of one factory.

Each reads PostgreSQL afresh whenever it runs, and holds it against the snapshot that the table
was loaded from, whose digest tells that it is still the same. All are blocking: an error fails
the run and keeps what comes after from loading.
"""

import inspect
from collections.abc import Iterator

import dagster as dg
import sqlalchemy as sa

from bizy_assets.assets import table_key
from bizy_assets.core import auditing, baseline, content, journal
from bizy_assets.core.auditing import Verdict
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.idsets import SHOWN, IdSet
from bizy_assets.core.journal import Load
from bizy_assets.core.urls import describe
from bizy_assets.failures import plainly_failing
from bizy_assets.resources import BizyTarget
from bizy_assets.tables import table

DESCRIPTIONS = {
    name: inspect.getdoc(judge)
    for name, judge in (*auditing.CHECKS.items(), (content.CONTENT, content.judge))
}
"""What each check of a table holds it to, by name."""

WARNS = {auditing.COUNT, auditing.TIMESTAMPS, content.CONTENT}
"""Which of them may merely warn."""


def table_checks(contract: Contract) -> dg.AssetChecksDefinition:
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
        with plainly_failing(context), target.checking() as connection:
            load = journal.require_latest(connection, contract.table)
            verdicts = list(_verdicts(connection, load, selected))
            where = describe(connection.engine.url)
        for verdict in verdicts:
            yield _result(asset, verdict, load, where)

    return check


def _verdicts(connection: sa.Connection, load: Load, selected: set[str]) -> Iterator[Verdict]:
    """Makes the selected checks, and reads no more for them than they need."""
    known = baseline.of(connection, load)
    if audits := [judge for name, judge in auditing.CHECKS.items() if name in selected]:
        case = auditing.gather(connection, known)
        yield from (judge(case) for judge in audits)
    if content.CONTENT in selected:
        yield content.judge(content.compare(connection, known), load)


def _result(asset: dg.AssetKey, verdict: Verdict, load: Load, where: str) -> dg.AssetCheckResult:
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
            **{name: table(rows) for name, rows in verdict.tables.items()},
            "target": where,
            "snapshot": dg.MetadataValue.path(str(load.snapshot.path)),
        },
    )


def _ids(ids: IdSet) -> dg.JsonMetadataValue:
    return dg.MetadataValue.json({"first": ids.first(), "more": max(0, len(ids) - SHOWN)})


CHECKS = [table_checks(contract) for contract in CONTRACTS]
