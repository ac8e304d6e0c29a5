"""The asset ``migration_plan``: a dry run of the migration."""

from collections.abc import Iterator

import dagster as dg

from bizy_assets.assets.inputs import load_summary, load_warnings
from bizy_assets.core import pipeline
from bizy_assets.core.common import AuditError, CheckResult, row_counts
from bizy_assets.core.load import DryRunResult
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import bizy_home
from bizy_assets.metadata import asset_options, glossary, tables
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import check_line, log_lines, user_errors


@dg.asset(key="migration_plan", kinds={"postgres"}, **asset_options(glossary.PLAN))
def migration_plan(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """The result that `migrate` would have now, from a dry run.

    Runs the migration against the real target in one transaction that is always rolled back. It
    works on temporary copies of the backend's tables, so that no other session waits. Neither a
    snapshot nor a password file nor a materialization of the tables remains. Fails where the
    migration would fail, with the same message.
    """
    with user_errors(context):
        settings, owner, home = source.settings(), target.owner(), bizy_home()
        run_id = context.run.run_id
        with target.writing() as connection:
            plan = pipeline.dry_run(
                connection, settings, target.settings(), owner, home, run_id=run_id
            )
            target_name = describe_url(connection.engine.url)
        for line in _lines(plan):
            log_lines(context, line)
        metadata: dict[str, dg.MetadataValue | str] = {"target": target_name, **_metadata(plan)}
        if plan.failure is not None:
            with user_errors(context, metadata):
                raise plan.failure
    return dg.MaterializeResult(metadata=metadata)


def _lines(plan: DryRunResult) -> Iterator[str]:
    if plan.zone is not None:
        yield _check_line(plan.zone)
    if plan.owner is not None:
        state = "would be created" if plan.owner.created else "exists"
        yield f"the owner account (user {plan.owner.user_id}) {state}"
    for result in plan.loads:
        yield f"pg_{result.load.table}: {load_summary(result)}"
        yield from load_warnings(result)
        yield from map(_check_line, result.results)
    yield from map(_check_line, _failed_audit(plan))
    yield "rolled back; the target is unchanged"


def _check_line(result: CheckResult) -> str:
    return check_line(result.outcome, result.check, result.text)


def _failed_audit(plan: DryRunResult) -> list[CheckResult]:
    """Return the results of the audit with which the migration would fail, if any."""
    return plan.failure.check_results if isinstance(plan.failure, AuditError) else []


def _metadata(plan: DryRunResult) -> dict[str, dg.MetadataValue]:
    metadata: dict[str, dg.MetadataValue] = {}
    if plan.zone is not None:
        metadata["zone"] = dg.MetadataValue.text(plan.zone.text)
    if plan.loads:
        metadata["plan"] = tables.markdown_metadata(
            {
                "table": result.load.table,
                **{row_counts.TITLES[n]: getattr(result.load.counts, n) for n in row_counts.COUNTS},
                "adjusted values": sum(result.repairs.values()),
                "new indexes and keys": len(result.created),
            }
            for result in plan.loads
        )
    audits = [(result.load.table, check) for result in plan.loads for check in result.results]
    audits += [("(failed)", check) for check in _failed_audit(plan)]
    if audits:
        metadata["audits"] = tables.markdown_metadata(
            {"table": table, "audit": check.check, "outcome": check.outcome, "result": check.text}
            for table, check in audits
        )
    for result in plan.loads:
        metadata |= tables.adopted_changes_table(result, f" in {result.load.table}")
    return metadata
