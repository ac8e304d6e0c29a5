"""Lets a step fail with a sentence for the user, in Dagster's own way."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg

from bizy_assets import tables
from bizy_assets.core.errors import BizyError
from bizy_assets.core.gate import GateError


@contextmanager
def plainly_failing(metadata: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Turns an error that a user can mend into a failure that shows its sentence, and no more.

    Args:
        metadata: What else the failure shows.

    Raises:
        dagster.Failure: With the sentence as its description.
    """
    try:
        yield
    except BizyError as error:
        found = tables.bad_values(error.census) if isinstance(error, GateError) else {}
        raise dg.Failure(
            description=str(error), metadata={**found, **(metadata or {})}, allow_retries=False
        ) from None
