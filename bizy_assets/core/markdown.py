"""Pages in Markdown, as Dagster's user interface shows it."""

import re
from collections.abc import Iterable, Sequence

from bizy_assets.core import pages

_MARKUP = re.compile(r"([\\`*\[\]<>|&~])")


def page(blocks: Iterable[pages.Block]) -> str:
    """Writes a page, without its charts."""
    return "\n\n".join(filter(None, map(_block, blocks))) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[pages.Cell]]) -> str:
    """Writes a table; a column of numbers stands to the right."""
    listed = list(rows)
    numbers = {n for row in listed for n, cell in enumerate(row) if isinstance(cell, int | float)}
    rule = ["---:" if n in numbers else "---" for n in range(len(header))]
    lines = [list(map(escaped, header)), rule, *([_cell(cell) for cell in row] for row in listed)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Returns a text that means nothing to Markdown, on one line."""
    return _MARKUP.sub(r"\\\1", pages.plain(text))


def _block(block: pages.Block) -> str:
    match block:
        case pages.Heading():
            return f"{'#' * block.level} {escaped(block.text)}"
        case pages.Paragraph():
            return escaped(block.text)
        case pages.Facts():
            return "\n".join(f"- {escaped(name)}: {_cell(value)}" for name, value in block.pairs)
        case pages.Table():
            return table(block.header, block.rows)
        case pages.Steps():
            return "\n".join(_step(text, code) for text, code in block.items)
        case pages.Chart():
            return ""


def _step(text: str, code: pages.Code | None) -> str:
    return f"- {escaped(text)}" + (f"\n\n      {pages.plain(code)}\n" if code else "")


def _cell(cell: pages.Cell) -> str:
    match cell:
        case pages.Code():
            return _code(pages.plain(cell))
        case pages.Word():
            return f"**{escaped(cell)}**" if cell.isupper() else escaped(cell)
        case _:
            return escaped(pages.shown(cell))


def _code(text: str) -> str:
    """Marks a text as code; a bar would end a table's cell even there."""
    return escaped(text) if "`" in text or "|" in text else f"`{text}`"
