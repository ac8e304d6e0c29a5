"""Strict runs, in which a warning of a check is a failure.

A check that failed would keep later tables from loading. So in a run whose last step can fail it,
warnings stay warnings until everything is loaded. In any other run, such as one that only checks or
one of some assets, they are errors at once.
"""

from collections.abc import Collection, Iterable, Iterator

import dagster as dg

from bizy_assets.core.common import CheckOutcome, and_more, quantity
from bizy_assets.resources import TargetResource
from bizy_assets.runtime import Context, check_outcome, snapshot_history, user_errors

_CHECKS_SHOWN = 5


def warnings_fail_now(
    context: Context, target: TargetResource, last: Collection[dg.AssetKey]
) -> bool:
    """Return whether a warning is an error at once: in a strict run without a last step.

    Args:
        context: The step.
        target: Its settings decide whether the run is strict.
        last: The assets whose step calls ``fail_on_warnings`` at its end.
    """
    with user_errors(context):
        if not target.is_strict:
            return False
    return not snapshot_history.will_materialize(context, last)


def fail_on_warnings(
    context: Context,
    target: TargetResource,
    warned: Iterable[str],
    *,
    done: str = "Everything is loaded; only the strict setting fails this run.",
) -> None:
    """Fail a strict run after its last step, if any of its checks warned.

    Args:
        context: The step.
        target: Its settings decide whether the run is strict.
        warned: The checks that warned, each as ``check of asset``; read in a strict run only.
        done: What the run has done nevertheless.

    Raises:
        dagster.Failure: The run is strict, and checks warned.
    """
    with user_errors(context):
        found = list(warned) if target.is_strict else []
    if not found:
        return
    names = and_more(found[:_CHECKS_SHOWN], len(found) - _CHECKS_SHOWN)
    raise dg.Failure(
        f"Fix what {quantity(len(found), 'check')} warned of, or unset BIZY_STRICT: {names}. "
        f"{done}",
        metadata={"warned": found},
        allow_retries=False,
    )


def warned_in_run(context: Context) -> Iterator[str]:
    """Yield the checks that have warned in this run, each as ``check of asset``."""
    for evaluation in snapshot_history.evaluations_of(context):
        if check_outcome(evaluation) is CheckOutcome.WARNED:
            yield f"{evaluation.check_name} of {evaluation.asset_key.to_user_string()}"
