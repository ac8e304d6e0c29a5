"""The asset ``migration_plan``: a dry run of the migration."""

from collections.abc import Iterator

import dagster as dg

from bizy_assets.assets.inputs import load_summary, load_warnings
from bizy_assets.checks import fail_on_warnings
from bizy_assets.core import pipeline
from bizy_assets.core.common import AuditError, CheckOutcome, CheckResult, row_counts
from bizy_assets.core.errors import SourceError
from bizy_assets.core.load import DryRunResult
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.report import TO_ADJUST, Evaluation, TerminalSummary, plan_summary
from bizy_assets.core.settings import bizy_home
from bizy_assets.core.validation import ValidationError
from bizy_assets.metadata import (
    SINGLE_FILE,
    asset_options,
    beta_allowed,
    counts_document,
    glossary,
    tables,
)
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import (
    describe_target,
    log_checks,
    log_details,
    log_lines,
    log_summary,
    user_errors,
)

_DESCRIPTION = """\
What `migrate` would do now; nothing is written. Observe it, or run the job `dry_run`.

Runs the migration against the real target in one transaction that is always rolled back. It works
on temporary copies of the backend's tables, so that no other session waits. Neither a snapshot nor
a password file nor a materialization of the tables remains. Fails where the migration would fail,
with the same message, and in a strict run if a check warns.
"""

PLANNED_OUTCOME = "outcome"
"""Metadata with what the command `plan` reports to other programs."""

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
            target_name = describe_url(connection.engine.url)
            try:
                plan = pipeline.dry_run(
                    connection, settings, target.settings(), owner, home, run_id=run_id
                )
            except (SourceError, ValidationError) as error:
                plan = DryRunResult(failure=error)
        origin = f"From {settings.path} into {describe_target(target_name)}."
        summary = _summary(plan, origin)
        _log(context, plan, summary)
        metadata: dict[str, dg.MetadataValue | str] = {
            "target": target_name,
            "summary": summary.headline,
            PLANNED_OUTCOME: _outcome(plan, summary),
            **_metadata(plan),
        }
        if plan.failure is not None:
            with user_errors(context, metadata):
                raise plan.failure
    yield dg.ObserveResult(asset_key=_SPEC.key, metadata=metadata)
    fail_on_warnings(
        context,
        target,
        [f"{each.check} of {asset}" for asset, each in _checked(plan) if not each.passed],
        done="The migration would load everything; only the strict setting would fail it.",
    )


def _log(context: dg.AssetExecutionContext, plan: DryRunResult, summary: TerminalSummary) -> None:
    if plan.zone is not None:
        # Always shown: times as they will be read.
        log_lines(context, plan.zone.summary)
        log_checks(context, [*plan.snapshot_results, plan.zone])
    if plan.owner is not None:
        state = "would be created" if plan.owner.created else "exists"
        log_lines(context, f"the owner account (user {plan.owner.user_id}) {state}")
    for result in plan.loads:
        log_details(context, f"pg_{result.load.table}: {load_summary(result, planned=True)}")
        log_checks(context, result.results)
    log_checks(context, _failed_audit(plan))
    log_summary(context, summary)


def _summary(plan: DryRunResult, origin: str) -> TerminalSummary:
    return plan_summary(
        [result.load for result in plan.loads],
        {result.load.table: sum(result.repairs.values()) for result in plan.loads},
        [
            Evaluation(
                asset=asset,
                check=found.check,
                outcome=found.outcome,
                findings=found.text,
                tables=found.tables,
            )
            for asset, found in _checked(plan)
        ],
        [warning for result in plan.loads for warning in load_warnings(result, planned=True)],
        origin=origin,
        fails=plan.failure is not None,
    )


def _checked(plan: DryRunResult) -> Iterator[tuple[str, CheckResult]]:
    """Yield the result of each check with its asset."""
    of_snapshot = [*plan.snapshot_results, *([plan.zone] if plan.zone else [])]
    yield from ((SINGLE_FILE.sqlite_backup.to_user_string(), found) for found in of_snapshot)
    for result in plan.loads:
        yield from ((f"pg_{result.load.table}", found) for found in result.results)
    yield from (("(failed)", found) for found in _failed_audit(plan))


def _failed_audit(plan: DryRunResult) -> list[CheckResult]:
    """Return the results of the audit with which the migration would fail, if any."""
    return plan.failure.check_results if isinstance(plan.failure, AuditError) else []


def _outcome(plan: DryRunResult, summary: TerminalSummary) -> dg.JsonMetadataValue:
    return dg.MetadataValue.json(
        {
            "verdict": summary.verdict.value,
            "rows_left_out": sum(result.load.counts.rejected for result in plan.loads),
            "tables": {each.load.table: counts_document(each.load.counts) for each in plan.loads},
            "checks_not_passed": [
                {
                    "asset": asset,
                    "check": found.check,
                    "outcome": str(found.outcome),
                    "message": found.text,
                }
                for asset, found in _checked(plan)
                if found.outcome is not CheckOutcome.PASSED
            ],
            "next_steps": [list(step) for step in summary.steps],
        }
    )


def _metadata(plan: DryRunResult) -> dict[str, dg.MetadataValue]:
    metadata: dict[str, dg.MetadataValue] = {}
    if plan.zone is not None:
        metadata["zone"] = dg.MetadataValue.text(plan.zone.text)
    if plan.loads:
        metadata["plan"] = tables.markdown_metadata(
            {
                "table": result.load.table,
                **{
                    title: getattr(result.load.counts, name)
                    for name, title in row_counts.PLANNED_TITLES.items()
                },
                TO_ADJUST: sum(result.repairs.values()),
                "indexes and keys to create": len(result.created),
            }
            for result in plan.loads
        )
    audits = [(asset, found) for asset, found in _checked(plan) if found is not plan.zone]
    if audits:
        metadata["audits"] = tables.markdown_metadata(
            {
                "table": asset.removeprefix("pg_"),
                "audit": found.check,
                "outcome": found.outcome,
                "result": found.text,
            }
            for asset, found in audits
        )
    for result in plan.loads:
        metadata |= tables.adopted_changes_table(result, f"{result.load.table}_")
    return metadata
