"""Charts as SVG, which a page holds inside it: no script, and nothing from elsewhere.

Colours are classes of the page's style, so that they follow light and dark. What a colour says,
a tooltip and the page's tables say too.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from bizy_assets.core.pages import Bar, Chart, plain, shown

_WIDTH = 720
_LABEL = 130
"""Where bars begin; labels stand before."""

_NOTE = 80
"""What is left for the note behind a bar."""

_ROW = 26
_BAR = 16
_LEAST = 2.0
"""How wide a part is at least, however small."""

_ROOM = _WIDTH - _LABEL - _NOTE


def drawn(chart: Chart) -> Element:
    """Draws a chart."""
    figure = Element("figure")
    SubElement(figure, "figcaption").text = chart.title
    if chart.legend:
        legend = SubElement(figure, "p", {"class": "legend"})
        for kind in chart.legend:
            entry = SubElement(legend, "span")
            SubElement(entry, "i", {"class": _class(kind)})
            SubElement(entry, "span").text = kind
    height = str(_ROW * len(chart.bars))
    svg = SubElement(
        figure,
        "svg",
        {"viewBox": f"0 0 {_WIDTH} {height}", "role": "img", "aria-label": chart.title},
    )
    longest = max((_length(bar) for bar in chart.bars), default=0)
    for number, bar in enumerate(chart.bars):
        whole = _length(bar) if chart.shares else longest
        _draw(svg, bar, number * _ROW, whole)
    return figure


def _draw(svg: Element, bar: Bar, top: int, whole: float) -> None:
    middle = str(top + _ROW / 2)
    _text(svg, bar.label, _LABEL - 12, middle, anchor="end")
    left = float(_LABEL)
    place = {"y": str(top + (_ROW - _BAR) / 2), "height": str(_BAR)}
    SubElement(svg, "rect", {"class": "track", "x": str(_LABEL), "width": str(_ROOM), **place})
    parts = [(kind, value) for kind, value in bar.parts if value]
    for (kind, value), width in zip(parts, _widths(parts, whole), strict=True):
        size = {"x": f"{left:.2f}", "width": f"{width:.2f}"}
        part = SubElement(svg, "rect", {"class": _class(kind), **size, **place})
        SubElement(part, "title").text = f"{bar.label}: {shown(value)} {kind}"
        left += width
    _text(svg, bar.note, _WIDTH - _NOTE + 12, middle, anchor="start")


def _widths(parts: Sequence[tuple[str, float]], whole: float) -> list[float]:
    """Returns how wide parts are; one row of a million is seen too, at the largest one's cost."""
    exact = [_ROOM * value / whole for _, value in parts]
    seen = [max(width, _LEAST) for width in exact]
    if seen:
        seen[seen.index(max(seen))] -= sum(seen) - sum(exact)
    return seen


def _text(svg: Element, text: str, x: int, y: str, *, anchor: str) -> None:
    place = {"x": str(x), "y": y, "text-anchor": anchor, "dominant-baseline": "central"}
    SubElement(svg, "text", place).text = plain(text)


def _length(bar: Bar) -> float:
    return sum(value for _, value in bar.parts)


def _class(kind: str) -> str:
    return "part " + kind.replace(" ", "-")
