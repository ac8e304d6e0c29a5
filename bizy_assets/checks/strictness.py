"""Strict runs, in which a warning of a check is a failure.

A check that failed would keep later tables from loading. So in a run that loads, warnings stay
warnings until everything is loaded, and the report, which is last, fails the run. In a run that
only checks, they are errors at once.
"""

from collections.abc import Sequence

import dagster as dg

from bizy_assets.core.common import and_more, quantity
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.metadata import SINGLE_FILE
from bizy_assets.resources import BizyTarget
from bizy_assets.runtime import Context, snapshot_history, user_errors

_CHECKS_SHOWN = 5


def warnings_fail_now(context: Context, target: BizyTarget) -> bool:
    """Return whether a warning is an error at once: in a strict run that loads nothing."""
    with user_errors(context):
        if not target.is_strict:
            return False
    writes = [SINGLE_FILE.sqlite_backup, *map(SINGLE_FILE.table, BY_TABLE)]
    return not snapshot_history.will_load(context, writes)


def fail_on_warnings(context: Context, target: BizyTarget, warned: Sequence[str]) -> None:
    """Fail a strict run after its last step, if any of its checks warned.

    Args:
        context: The step.
        target: Its settings decide whether the run is strict.
        warned: The checks that warned, each as ``check of asset``.

    Raises:
        dagster.Failure: The run is strict, and checks warned.
    """
    with user_errors(context):
        if not warned or not target.is_strict:
            return
    names = and_more(warned[:_CHECKS_SHOWN], len(warned) - _CHECKS_SHOWN)
    raise dg.Failure(
        f"Fix what {quantity(len(warned), 'check')} warned of, or unset BIZY_STRICT: {names}. "
        "Everything is loaded, and the report is written; only the strict setting fails this run.",
        metadata={"warned": list(warned)},
        allow_retries=False,
    )
