"""Pages as one HTML file that needs nothing else: no script, no picture, no font from elsewhere.

The page is built as a tree of elements and then written, so that no value of the user's is ever
taken for markup.
"""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from bizy_assets.core.charts import drawn
from bizy_assets.core.pages import (
    Block,
    Cell,
    Chart,
    Code,
    Facts,
    Heading,
    Paragraph,
    Steps,
    Table,
    Word,
    plain,
    shown,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Has a browser load nothing, whatever the page may hold."""

_LONG = 24
"""From how many characters on a cell may break into lines."""

_STYLE = """
:root { color-scheme: light dark; --text: #1f2933; --faint: #5f6c7b; --line: #dde3ea;
  --ground: #fff; --shade: #f4f6f9; --green: #2f9e77; --blue: #3b7dc4; --grey: #b4bfcb;
  --amber: #d99a2b; --violet: #8a6fc0; --red: #c8503f; }
@media (prefers-color-scheme: dark) { :root { --text: #dfe5ec; --faint: #94a1b0; --line: #333d49;
  --ground: #161b21; --shade: #1f262e; --green: #3fae88; --blue: #5b97d8; --grey: #5d6a79;
  --amber: #dba544; --violet: #a58bd8; --red: #dd6f5f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 66rem; color: var(--text);
  background: var(--ground); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 .75rem; font-size: 1.15rem; font-weight: 600; }
p { margin: .5rem 0 1rem; max-width: 50rem; overflow-wrap: anywhere; }
code { font: .87em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 1.5rem 0;
  padding: 1rem 1.25rem; background: var(--shade); border-radius: 6px; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 45rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .93em; }
th, td { padding: .35rem 1rem .35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
th { color: var(--faint); font-weight: 500; white-space: nowrap; }
td { overflow-wrap: break-word; }
td.short { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.nothing { color: var(--faint); }
.sum td { border-bottom: 0; font-weight: 600; }
.word { white-space: nowrap; color: var(--faint); }
.word.ok { color: var(--green); }
.word.WARNING { color: var(--amber); font-weight: 600; }
.word.FAILED { color: var(--red); font-weight: 600; }
figure { margin: 1.75rem 0 0; }
figcaption { margin-bottom: .4rem; font-weight: 500; }
svg { display: block; width: 100%; max-width: 50rem; }
svg text { fill: var(--text); font-size: 12px; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .4rem;
  color: var(--faint); font-size: .87em; }
.legend i { display: inline-block; width: .75em; height: .75em; margin-right: .4em;
  border-radius: 2px; }
.track { fill: var(--shade); }
.inserted { fill: var(--green); background: var(--green); }
.updated, .seconds { fill: var(--blue); background: var(--blue); }
.unchanged { fill: var(--grey); background: var(--grey); }
.kept { fill: var(--amber); background: var(--amber); }
.left-deleted { fill: var(--violet); background: var(--violet); }
.quarantined { fill: var(--red); background: var(--red); }
ol { margin: 0; padding-left: 1.25rem; }
li { margin-bottom: 1rem; }
li code { display: block; margin-top: .35rem; padding: .5rem .75rem; background: var(--shade);
  border-radius: 6px; }
"""


def page(title: str, blocks: Iterable[Block]) -> bytes:
    """Writes a page."""
    root = Element("html", {"lang": "en"})
    head = SubElement(root, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "meta", {"name": "viewport", "content": "width=device-width"})
    SubElement(head, "title").text = plain(title)
    SubElement(head, "style").text = _STYLE
    main = SubElement(SubElement(root, "body"), "main")
    main.extend(map(_block, blocks))
    return b"<!DOCTYPE html>\n" + tostring(root, "unicode", "html").encode() + b"\n"


def _block(block: Block) -> Element:
    match block:
        case Heading():
            return _element(f"h{block.level}", plain(block.text))
        case Paragraph():
            return _element("p", plain(block.text))
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Steps():
            return _steps(block)
        case Chart():
            return drawn(block)


def _facts(block: Facts) -> Element:
    found = Element("dl")
    for name, value in block.pairs:
        found.append(_element("dt", plain(name)))
        _fill(SubElement(found, "dd"), value)
    return found


def _table(block: Table) -> Element:
    frame = Element("div", {"class": "wide"})
    table = SubElement(frame, "table")
    head = SubElement(SubElement(table, "thead"), "tr")
    numbers = [
        any(isinstance(row[column], int | float) for row in block.rows)
        for column in range(len(block.header))
    ]
    for name, number in zip(block.header, numbers, strict=True):
        head.append(_element("th", plain(name), "number" if number else ""))
    body = SubElement(table, "tbody")
    for place, row in enumerate(block.rows, start=1):
        is_sum = block.summed and place == len(block.rows)
        _row(SubElement(body, "tr", {"class": "sum"} if is_sum else {}), row, numbers)
    return frame


def _row(line: Element, row: Sequence[Cell], numbers: list[bool]) -> None:
    for cell, number in zip(row, numbers, strict=True):
        kind = "number" if number else "short" if len(shown(cell)) < _LONG else ""
        if cell == 0:
            kind += " nothing"
        _fill(SubElement(line, "td", {"class": kind} if kind else {}), cell)


def _steps(block: Steps) -> Element:
    found = Element("ol")
    for text, code in block.items:
        item = _element("li", plain(text))
        if code:
            item.append(_element("code", plain(code)))
        found.append(item)
    return found


def _fill(place: Element, cell: Cell) -> None:
    match cell:
        case Code():
            place.append(_element("code", plain(cell)))
        case Word():
            place.append(_element("span", plain(cell), f"word {cell}"))
        case _:
            place.text = shown(cell)


def _element(tag: str, text: str, kind: str = "") -> Element:
    found = Element(tag, {"class": kind} if kind else {})
    found.text = text
    return found
