"""Line numbers of a TOML document's tables and keys, which ``tomllib`` does not report.

The document must be valid TOML. Only statements are found: a value that spans several lines is
skipped, whatever it contains.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_STRING = r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
_TOKEN = re.compile(rf"{_STRING}|#[^\n]*|[\[{{]|[\]}}]|(?:[ \t]*\n)+|[^\"'#\[\]{{}}\n]+", re.DOTALL)
_NAME = r"""(?:[\w-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_DOTTED = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_SIMPLE_VALUE = r'[ \t]*(?:"(?!"")[^"\\\n]*"|[\w.:+-]+)(?=\n)'
_STATEMENT = re.compile(
    rf"[ \t]*(?:(\[\[?)[ \t]*({_DOTTED})[ \t]*\]\]?|({_DOTTED})[ \t]*=(?:{_SIMPLE_VALUE})?)"
)
_PART = re.compile(_NAME)
_DEPTHS = {"[": 1, "{": 1, "]": -1, "}": -1}


@dataclass
class TableLines:
    """Lines of a table's header and of its keys, by name; the head of a document is line 1."""

    line: int = 1
    keys: dict[str, int] = field(default_factory=dict)


def find_lines(document: str, array: str) -> tuple[TableLines, list[TableLines]]:
    """Return the lines of a document's head, and of each table of one array of tables.

    Tables within the array's tables, and other tables of the document, count as keys.
    """
    head = current = TableLines()
    tables: list[TableLines] = []
    for line, bracket, names in _statements(document):
        if not bracket:
            current.keys.setdefault(names[0], line)
        elif names[0] != array:
            current = TableLines(line)
            head.keys.setdefault(names[0], line)
        elif bracket == "[[" and len(names) == 1:
            current = TableLines(line)
            tables.append(current)
            head.keys.setdefault(array, line)
        else:
            owner = tables[-1] if tables else head
            owner.keys.setdefault(names[-1] if len(names) == 1 else names[1], line)
            current = TableLines(line)
    return head, tables


def _statements(document: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield each statement's line, its opening brackets if it is a header, and its names."""
    position, line, depth, begins = 0, 1, 0, True
    while position < len(document):
        match = _STATEMENT.match(document, position) if begins else None
        if match:
            names = _PART.findall(match[2] or match[3])
            yield line, match[1] or "", [name.strip("\"'") for name in names]
            begins = False
        elif match := _TOKEN.match(document, position):
            lines = match[0].count("\n")
            line += lines
            depth += _DEPTHS.get(match[0], 0)
            begins = depth == 0 and lines > 0 and match[0].isspace()
        else:
            return
        position = match.end()
