"""Bar charts of the page: their parts, with positions and widths in percent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LEAST = 0.4
"""Minimum width of a part of a bar, in percent."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a bar; its position and width are in percent of the longest bar."""

    kind: str
    tooltip: str
    left: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar of a chart, with a label before it and a note after it."""

    label: str
    note: str
    parts: list[Part]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A bar chart; ``legend`` maps kinds of parts to their titles."""

    title: str
    legend: Mapping[str, str]
    bars: list[Bar]


def bar_parts(values: Sequence[tuple[str, str, float]], whole: float) -> list[Part]:
    """Return the parts of a bar; the widest gives way to those below the minimum width.

    Each value has a kind and a tooltip; ``whole`` is the value of a bar of full length.
    """
    exact = [100 * value / whole if whole else 0 for *_, value in values]
    widths = [max(width, _LEAST) for width in exact]
    if widths:
        widths[widths.index(max(widths))] -= sum(widths) - sum(exact)
    return [
        Part(kind=kind, tooltip=tooltip, left=sum(widths[:n]), width=widths[n])
        for n, (kind, tooltip, _) in enumerate(values)
    ]
