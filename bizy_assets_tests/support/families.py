"""Cases of one kind, of which a quick run of the tests takes the first and the last."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest


def first_and_last(
    cases: Sequence[tuple[Any, ...]], kind: Callable[[tuple[Any, ...]], object] = lambda _: None
) -> list[Any]:
    """Returns the cases as parameters; the others of each kind are exhaustive."""
    kinds = [kind(case) for case in cases]
    ends = {kinds.index(one) for one in kinds}
    ends |= {len(kinds) - 1 - kinds[::-1].index(one) for one in kinds}
    return [
        pytest.param(*case, marks=() if number in ends else pytest.mark.exhaustive)
        for number, case in enumerate(cases)
    ]


def exhaustive(*values: object) -> list[Any]:
    """Returns values as parameters of cases that are exhaustive."""
    return [pytest.param(value, marks=pytest.mark.exhaustive) for value in values]
