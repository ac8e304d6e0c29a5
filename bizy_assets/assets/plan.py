"""The asset ``migration_plan``: a dry run of the migration."""

from collections.abc import Iterator

import dagster as dg

from bizy_assets.assets.inputs import load_summary, load_warnings
from bizy_assets.core import pipeline
from bizy_assets.core.common import AuditError, CheckResult, row_counts
from bizy_assets.core.load import DryRunResult
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import bizy_home
from bizy_assets.metadata import asset_options, beta_allowed, glossary, tables
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import log_checks, log_lines, user_errors

_DESCRIPTION = """\
The result that `migrate` would have now. Observe it, or run the job `dry_run`.

Runs the migration against the real target in one transaction that is always rolled back. It works
on temporary copies of the backend's tables, so that no other session waits. Neither a snapshot nor
a password file nor a materialization of the tables remains. Fails where the migration would fail,
with the same message.
"""

_SPEC = dg.AssetSpec(
    "migration_plan",
    kinds={"postgres"},
    description=_DESCRIPTION,
    **asset_options(glossary.REPORTING, glossary.PLAN),
)

# An observation: "Materialize all" migrates, and must not run the migration twice.
with beta_allowed():
    _observable = dg.multi_observable_source_asset(specs=[_SPEC], name="migration_plan")


@_observable  # type: ignore[untyped-decorator]
def migration_plan(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> Iterator[dg.ObserveResult]:
    """Runs the migration and rolls it back."""
    with user_errors(context):
        settings, owner, home = source.settings(), target.owner(), bizy_home()
        run_id = context.run.run_id
        with target.writing() as connection:
            plan = pipeline.dry_run(
                connection, settings, target.settings(), owner, home, run_id=run_id
            )
            target_name = describe_url(connection.engine.url)
        _log(context, plan)
        metadata: dict[str, dg.MetadataValue | str] = {"target": target_name, **_metadata(plan)}
        if plan.failure is not None:
            with user_errors(context, metadata):
                raise plan.failure
    yield dg.ObserveResult(asset_key=_SPEC.key, metadata=metadata)


def _log(context: dg.AssetExecutionContext, plan: DryRunResult) -> None:
    if plan.zone is not None:
        # Always shown: times as they will be read.
        log_lines(context, plan.zone.summary)
        log_checks(context, [plan.zone])
    if plan.owner is not None:
        state = "would be created" if plan.owner.created else "exists"
        log_lines(context, f"the owner account (user {plan.owner.user_id}) {state}")
    for result in plan.loads:
        log_lines(context, f"pg_{result.load.table}: {load_summary(result)}")
        for warning in load_warnings(result):
            log_lines(context, warning)
        log_checks(context, result.results)
    log_checks(context, _failed_audit(plan))
    log_lines(context, "rolled back; the target is unchanged")


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
        metadata |= tables.adopted_changes_table(result, f"{result.load.table}_")
    return metadata
