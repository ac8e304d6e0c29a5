"""Translation of errors that the user can fix into Dagster failures and retries."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg

from bizy_assets.core.errors import BizyError, TransientError
from bizy_assets.core.process import OUT_OF_MEMORY
from bizy_assets.core.validation import ValidationError
from bizy_assets.metadata import tables
from bizy_assets.runtime.messages import Context, log_lines, progress_logged

RETRIES = dg.RetryPolicy(max_retries=3, delay=1, backoff=dg.Backoff.EXPONENTIAL)
"""Retries of a step after a transient error, with delays of 1, 3 and 7 seconds.

The assets do not have this policy, because Dagster would also retry after unexpected errors and
after the user interrupted the run.
"""


@contextmanager
def user_errors(context: Context, metadata: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Turn an error that the user can fix into a failure with its message and no stack trace.

    Raises:
        dagster.Failure: The error's message is its description.
        dagster.RetryRequested: The error is transient, and the step has retries left.
    """
    try:
        with progress_logged(context):
            yield
    except BizyError as error:
        if isinstance(error, TransientError) and context.retry_number < RETRIES.max_retries:
            raise _retry(context, error) from error
        violations = (
            tables.violations_table(error.validation) if isinstance(error, ValidationError) else {}
        )
        raise dg.Failure(
            description=str(error), metadata={**violations, **(metadata or {})}, allow_retries=False
        ) from None
    except MemoryError:
        raise dg.Failure(description=OUT_OF_MEMORY, allow_retries=False) from None


def _retry(context: Context, error: TransientError) -> dg.RetryRequested:
    """Log a retry with its reason, and return the exception that requests it."""
    retry = context.retry_number + 1
    delay = RETRIES.calculate_delay(retry)
    text = f"{error} Retrying in {delay:g} s (retry {retry} of {RETRIES.max_retries})."
    log_lines(context, text, level=logging.WARNING)
    return dg.RetryRequested(max_retries=RETRIES.max_retries, seconds_to_wait=delay)
