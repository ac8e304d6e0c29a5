"""Lets a step fail with a sentence for the user, in Dagster's own way, or try again."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg

from bizy_assets.core.common import PROGRESS_LOGGER
from bizy_assets.core.errors import BizyError, TransientError
from bizy_assets.core.validation import ValidationError
from bizy_assets.metadata import violations_table

RETRIES = dg.RetryPolicy(max_retries=3, delay=1, backoff=dg.Backoff.EXPONENTIAL)
"""How often a step tries again what may pass by itself: after 1, 3 and 7 seconds.

It is applied here and not given to the assets, since Dagster retries whatever ends a step that
has a policy: errors that nobody foresaw, and the user's own interruption of a run.
"""


_Context = dg.OpExecutionContext | dg.AssetExecutionContext | dg.AssetCheckExecutionContext


@contextmanager
def user_errors(context: _Context, metadata: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Turns an error that a user can mend into a failure that shows its sentence, and no more.

    Args:
        context: Of the step, which tries again where that may help.
        metadata: What else the failure shows.

    Raises:
        dagster.Failure: With the sentence as its description.
        dagster.RetryRequested: The error may pass, and the step has tries left.
    """
    try:
        with _progress_logged(context):
            yield
    except BizyError as error:
        if isinstance(error, TransientError) and context.retry_number < RETRIES.max_retries:
            raise _retry(context, error) from error
        found = violations_table(error.validation) if isinstance(error, ValidationError) else {}
        raise dg.Failure(
            description=str(error), metadata={**found, **(metadata or {})}, allow_retries=False
        ) from None


@contextmanager
def _progress_logged(context: _Context) -> Iterator[None]:
    """Logs what the core tells of its progress as the step's own messages."""
    handler = logging.Handler()
    handler.emit = lambda record: context.log.info(record.getMessage())  # type: ignore[method-assign]
    PROGRESS_LOGGER.addHandler(handler)
    try:
        yield
    finally:
        PROGRESS_LOGGER.removeHandler(handler)


def _retry(context: _Context, error: TransientError) -> dg.RetryRequested:
    """Says why the step tries again and when, and returns what makes Dagster do it."""
    retry = context.retry_number + 1
    pause = RETRIES.calculate_delay(retry)
    context.log.warning(
        f"{error} Trying again in {pause:g} s (retry {retry} of {RETRIES.max_retries})."
    )
    return dg.RetryRequested(max_retries=RETRIES.max_retries, seconds_to_wait=pause)
