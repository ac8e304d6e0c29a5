"""Pages in Markdown, as Dagster's user interface shows it."""

import re
from collections.abc import Iterable, Sequence

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

_MARKUP = re.compile(r"([\\`*\[\]<>|&~])")


def page(blocks: Iterable[Block]) -> str:
    """Writes a page, without its charts."""
    return "\n\n".join(filter(None, map(_block, blocks))) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Writes a table; a column of numbers stands to the right."""
    listed = list(rows)
    numbers = {n for row in listed for n, cell in enumerate(row) if isinstance(cell, int | float)}
    rule = ["---:" if n in numbers else "---" for n in range(len(header))]
    lines = [list(map(escaped, header)), rule, *([_cell(cell) for cell in row] for row in listed)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Returns a text that means nothing to Markdown, on one line."""
    return _MARKUP.sub(r"\\\1", plain(text))


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {escaped(block.text)}"
        case Paragraph():
            return escaped(block.text)
        case Facts():
            return "\n".join(f"- {escaped(name)}: {_cell(value)}" for name, value in block.pairs)
        case Table():
            return table(block.header, block.rows)
        case Steps():
            return "\n".join(_step(text, code) for text, code in block.items)
        case Chart():
            return ""


def _step(text: str, code: Code | None) -> str:
    return f"- {escaped(text)}" + (f"\n\n      {plain(code)}\n" if code else "")


def _cell(cell: Cell) -> str:
    match cell:
        case Code():
            return _code(plain(cell))
        case Word():
            return f"**{escaped(cell)}**" if cell.isupper() else escaped(cell)
        case _:
            return escaped(shown(cell))


def _code(text: str) -> str:
    """Marks a text as code; a bar would end a table's cell even there."""
    return escaped(text) if "`" in text or "|" in text else f"`{text}`"
