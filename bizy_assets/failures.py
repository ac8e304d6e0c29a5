"""Lets a step fail with a sentence for the user, in Dagster's own way."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from bizy_assets import tables
from bizy_assets.core.errors import BizyError
from bizy_assets.core.gate import GateError


@contextmanager
def plainly_failing(metadata: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turns an error that a user can mend into a failure that shows its sentence, and no more.

    Args:
        metadata: What to show with it; the block may add to it.

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
        raise dg.Failure(description=str(error), metadata=metadata, allow_retries=False) from None
