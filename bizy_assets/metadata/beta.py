"""Use of features of Dagster that are still new."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg


@contextmanager
def beta_allowed() -> Iterator[None]:
    """Suppress Dagster's warnings about its new features, which would appear at every start."""
    with warnings.catch_warnings():
        for warning in (dg.BetaWarning, dg.PreviewWarning):
            warnings.simplefilter("ignore", warning)
        yield
