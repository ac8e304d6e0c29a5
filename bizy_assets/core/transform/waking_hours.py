"""The hours of the day at which a file's rows are written, as its own certain times show them.

A time with two interpretations is more likely the one at which its author is awake.
"""

import numpy as np

from bizy_assets.core.transform.timezone import HOUR, Mask, Microseconds

_FEWEST = 30
"""Fewer different hours in which rows were written show no habit."""

_SHARE = 50
"""An hour of the day is waking if one in so many hours with rows is within an hour of it."""


def waking_hours(written: Microseconds) -> Mask | None:
    """Return the mask of the 24 hours of the day that are waking, given local times.

    Of the rows of one hour of one day only one counts, so that an import of many rows has no
    weight. Returns None if the times are too few.
    """
    hours = np.unique(written // HOUR)
    if len(hours) < _FEWEST:
        return None
    counts = np.bincount(hours % 24, minlength=24)
    near = np.roll(counts, 1) + counts + np.roll(counts, -1)
    result: Mask = np.greater_equal(near * _SHARE, len(hours))
    return result


def within(hours: Mask, written: Microseconds) -> Mask:
    """Return the mask of local times that fall into these hours of the day."""
    result: Mask = hours[written // HOUR % 24]
    return result
