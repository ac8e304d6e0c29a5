"""Lets a step fail with a sentence for the user, in Dagster's own way."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from bizy_assets import tables
from bizy_assets.core.errors import BizyError
from bizy_assets.core.gate import GateError


@contextmanager
def plainly_failing() -> Iterator[None]:
    """Turns an error that a user can mend into a failure that shows its sentence, and no more.

    Raises:
        dagster.Failure: With the sentence as its description.
    """
    try:
        yield
    except GateError as error:
        raise dg.Failure(
            description=str(error),
            metadata=tables.bad_values(error.census),
            allow_retries=False,
        ) from None
    except BizyError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
