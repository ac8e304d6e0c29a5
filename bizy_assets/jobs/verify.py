"""The job ``verify``: all checks of the last load, as a chain of steps with a verdict at its end.

A job of the checks themselves would be steps without any order. Here each step runs the checks of
one asset and records their results, as a run of the checks does. It fails if they cannot run, so
that the same reason does not follow once for each table. A check that fails stops no other: the
last step fails the run.
"""

from collections.abc import Callable, Iterable

import dagster as dg

from bizy_assets.checks import (
    SNAPSHOT_CHECKS,
    Checked,
    asset_check_result,
    check_snapshot,
    check_table,
    checks_of,
    fail_on_errors,
    warnings_fail_now,
)
from bizy_assets.core import pipeline
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.jobs.launchpad import launchpad
from bizy_assets.metadata import SINGLE_FILE
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import user_errors

_VERDICT = "verdict"
_AFTER = {"after": dg.In(dg.Nothing)}
_Check = Callable[[dg.OpExecutionContext, BizySource, BizyTarget], Iterable[Checked]]

CHECKS = len(SNAPSHOT_CHECKS) + sum(len(checks_of(contract)) for contract in CONTRACTS)
"""Number of all checks."""


def _make_step(asset: dg.AssetKey, check: _Check, names: Iterable[str]) -> dg.OpDefinition:
    name = asset.to_user_string()

    @dg.op(
        name=f"verify_{name}",
        description=f"Runs the checks of {name}: {', '.join(names)}.",
        ins=_AFTER,
        out=dg.Out(dg.Nothing),
    )
    def step(context: dg.OpExecutionContext, source: BizySource, target: BizyTarget) -> None:
        warnings_fail = warnings_fail_now(context, target, [])
        for result, metadata in check(context, source, target):
            evaluated = asset_check_result(result, metadata, warnings_fail=warnings_fail)
            # Dagster accepts it, although the type of the parameter does not say so.
            context.log_event(
                dg.AssetCheckEvaluation(  # type: ignore[arg-type]
                    asset_key=asset,
                    check_name=result.check,
                    passed=evaluated.passed,
                    severity=evaluated.severity,
                    description=evaluated.description,
                    metadata=dict(evaluated.metadata or {}),
                )
            )
        if _is_alone(context.run):
            _fail_if_checks_failed(context)

    return step


def _make_table_step(contract: Contract) -> dg.OpDefinition:
    names = list(checks_of(contract))
    return _make_step(
        SINGLE_FILE.table(contract.table),
        lambda context, source, target: check_table(context, contract, source, target, names),
        names,
    )


def _check_loaded_snapshot(
    context: dg.OpExecutionContext, source: BizySource, target: BizyTarget
) -> Iterable[Checked]:
    """Check the snapshot of the last load; without a load, its warnings would be of no use."""
    with user_errors(context), target.checking() as connection:
        pipeline.require_load(connection, CONTRACTS[0].table, source.settings().key)
    return check_snapshot(context, SINGLE_FILE, source, target)


_STEPS = [
    _make_step(SINGLE_FILE.sqlite_backup, _check_loaded_snapshot, SNAPSHOT_CHECKS),
    *map(_make_table_step, CONTRACTS),
]


@dg.op(name=_VERDICT, ins=_AFTER)
def verdict(context: dg.OpExecutionContext) -> None:
    """Fails the run if a check failed, with what each found and what to do."""
    found = len(_fail_if_checks_failed(context))
    if found != CHECKS:
        raise dg.Failure(
            f"Start the job again from its beginning: only {found} of {CHECKS} checks ran in this "
            "run.",
            allow_retries=False,
        )


@dg.job(config=launchpad(("path",)))
def verify() -> None:
    """Runs all checks against the last load. Writes nothing."""
    after = None
    for step in _STEPS:
        after = step() if after is None else step(after)
    verdict(after)


def _fail_if_checks_failed(context: dg.OpExecutionContext) -> list[dg.AssetCheckEvaluation]:
    """Return the results of all checks of this run.

    Raises:
        dagster.Failure: A check failed.
    """
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
    entries = context.instance.all_logs(context.run.run_id, of_type=kind)
    events = [entry.dagster_event for entry in entries if entry.dagster_event is not None]
    # A step that was retried has recorded some twice.
    last = {
        (data.asset_key, data.check_name): data
        for data in (event.asset_check_evaluation_data for event in events)
    }
    results = list(last.values())
    fail_on_errors(results)
    return results


def _is_alone(run: dg.DagsterRun) -> bool:
    """Return True if the run has only some of the steps, and not the one with the verdict."""
    selections = (run.step_keys_to_execute, run.resolved_op_selection)
    return any(selected and _VERDICT not in selected for selected in selections)
