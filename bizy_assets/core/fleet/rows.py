"""The rows of a manifest as they are written, in TOML or CSV, and the line of each value."""

import codecs
import csv
import io
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from bizy_assets.core.common import quantity, shorten
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.fleet.toml_lines import TableLines, find_lines

_SHOWN = 20
"""Number of mistakes to show in one error."""

_LENGTH = 500
"""Number of characters to show of one mistake, which may quote a long value."""

ARRAY = "file"
"""Name of the array of tables in TOML: one table ``[[file]]`` for each Bizy file."""


class Mistakes:
    """Mistakes found in a manifest, each a sentence that begins with the name of a field."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # In order, and each once: a wrong header of CSV is met in every row.
        self._found: dict[tuple[int, str], None] = {}

    def add(self, line: int, sentence: str) -> None:
        """Record a mistake."""
        self._found[line, shorten(sentence, _LENGTH)] = None

    def raise_any(self) -> None:
        """Raise one ConfigurationError for all mistakes, if there are any."""
        if self._found:
            raise self._error()

    def fail(self, line: int, sentence: str) -> NoReturn:
        """Raise the error for a mistake beyond which the manifest cannot be read."""
        self.add(line, sentence)
        raise self._error()

    def _error(self) -> ConfigurationError:
        first = [f"Line {line}: {text}" for line, text in sorted(self._found)[:_SHOWN]]
        more = len(self._found) - len(first)
        return ConfigurationError(
            f"{self.path} has {quantity(len(self._found), 'mistake')}. {' '.join(first)}"
            + (f" And {more:,} more." if more else "")
        )


@dataclass(frozen=True)
class Row:
    """A file's row, or the head of a manifest: values by field, and where they are.

    Attributes:
        line: Where the row begins.
        values: Values by field.
        lines: Lines of the values.
        header: Line of the header of CSV, where fields are named; 0 if the row names its fields.
    """

    line: int
    values: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)
    header: int = 0

    def line_of(self, name: str) -> int:
        """Return the line of a value, or the line to which one can be added."""
        return self.lines.get(name, self.header or self.line)


def read_rows(mistakes: Mistakes) -> tuple[Row, list[Row]]:
    """Return a manifest's head and a row for each file.

    A manifest is CSV if its name ends in ``.csv``, else TOML. CSV has an empty head.

    Raises:
        ConfigurationError: It cannot be read, is not UTF-8, or has an error of syntax.
    """
    document = _read_text(mistakes)
    read = _read_csv if mistakes.path.suffix.lower() == ".csv" else _read_toml
    return read(document, mistakes)


def _read_text(mistakes: Mistakes) -> str:
    path = mistakes.path
    try:
        # Opening a pipe would wait for a writer.
        raw = path.read_bytes() if path.is_file() or not path.exists() else None
    except FileNotFoundError:
        raise ConfigurationError(
            f"There is no manifest {path}; set BIZY_FLEET to the file that lists the Bizy files."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The manifest {path} cannot be read ({error.strerror}); give this account read "
            "permission, or set BIZY_FLEET to the file that lists the Bizy files."
        ) from None
    if raw is None:
        raise ConfigurationError(
            f"The manifest {path} is a folder or a device, not a file; set BIZY_FLEET to the file "
            "that lists the Bizy files."
        )
    try:
        # Editors and spreadsheets on Windows may write a byte order mark.
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        mistakes.fail(line, "is not valid UTF-8; save the manifest as UTF-8.")


def _read_toml(document: str, mistakes: Mistakes) -> tuple[Row, list[Row]]:
    try:
        values = tomllib.loads(document)
    except (ValueError, RecursionError) as error:
        reason, _, place = str(error).partition(" (at ")
        number = re.match(r"line (\d+)", place)
        end = max(1, len(document.splitlines()))
        mistakes.fail(
            int(number[1]) if number else end if place else 1,
            f"is not valid TOML ({reason[:1].lower()}{reason[1:]}); correct the syntax.",
        )
    head_lines, table_lines = find_lines(document.replace("\r\n", "\n"), ARRAY)
    tables = values.pop(ARRAY, [])
    line = head_lines.keys.get(ARRAY, 1)
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        mistakes.fail(line, f"{ARRAY} is not a list of tables; write [[{ARRAY}]] for each file.")
    if len(table_lines) != len(tables):  # The list is written inline.
        table_lines = [TableLines(line) for _ in tables]
    rows = [
        Row(found.line, table, found.keys) for table, found in zip(tables, table_lines, strict=True)
    ]
    return Row(head_lines.line, values, head_lines.keys), rows


def _read_csv(document: str, mistakes: Mistakes) -> tuple[Row, list[Row]]:
    reader = csv.reader(io.StringIO(document, newline=""), strict=True)
    names: list[str] = []
    rows = []
    header = end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            values = _without_empty_end(cells)
            if values and not names:
                names, header = values, line
                _require_header(names, line, mistakes)
            elif len(values) > len(names):
                mistakes.add(
                    line,
                    f"has {quantity(len(values), 'value')}, but the header has "
                    f"{quantity(len(names), 'field')}; put a value that contains a comma in double "
                    "quotes.",
                )
            elif values:
                by_field = _parse_cells(dict(zip(names, values, strict=False)), line, mistakes)
                rows.append(Row(line, by_field, dict.fromkeys(names, line), header))
    except csv.Error as error:
        mistakes.fail(end + 1, f"is not valid CSV ({error}); correct the syntax.")
    return Row(1, {}), rows


def _without_empty_end(cells: list[str]) -> list[str]:
    """Return the cells without blanks, and without the empty columns that spreadsheets add."""
    values = [cell.strip() for cell in cells]
    while values and not values[-1]:
        values.pop()
    return values


def _require_header(names: list[str], line: int, mistakes: Mistakes) -> None:
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        mistakes.fail(line, "has another separator than the comma; separate values by commas.")
    for name in names:
        if names.count(name) > 1:
            mistakes.add(line, f"{name} is in the header twice; remove one of the columns.")


def _parse_cells(cells: dict[str, str], line: int, mistakes: Mistakes) -> dict[str, Any]:
    text = cells.get("skip_ids")
    if not text:
        return cells
    try:
        return cells | {"skip_ids": _parse_ids(text)}
    except ValueError:
        mistakes.add(line, f"skip_ids is {text!r}; write it like tasks:1 2 3;goals:4.")
        return cells | {"skip_ids": {}}


def _parse_ids(text: str) -> dict[str, list[int]]:
    """Parse ids by table; raises ``ValueError``."""
    parts = [part.split(":") for part in text.split(";")]
    ids = {table.strip(): [int(number) for number in numbers.split()] for table, numbers in parts}
    if len(ids) < len(parts):
        raise ValueError
    return ids
