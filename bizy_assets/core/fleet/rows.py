"""The rows of a manifest as they are written, in TOML or CSV, and the line of each value."""

import csv
import io
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from bizy_assets.core.common import quantity
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.fleet.toml_lines import TableLines, find_lines

_SHOWN = 20
"""Number of mistakes to show in one error."""

ARRAY = "file"
"""Name of the array of tables in TOML: one table ``[[file]]`` for each Bizy file."""


class Mistakes:
    """Mistakes found in a manifest, each a sentence that begins with the name of a field."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, sentence: str) -> None:
        """Record a mistake."""
        self._found.append((line, sentence))

    def raise_any(self) -> None:
        """Raise one ConfigurationError for all mistakes, if there are any."""
        if self._found:
            first = " ".join(f"Line {line}: {text}" for line, text in sorted(self._found)[:_SHOWN])
            more = len(self._found) - _SHOWN
            raise ConfigurationError(
                f"{self.path} has {quantity(len(self._found), 'mistake')}. {first}"
                + (f" And {more:,} more." if more > 0 else "")
            )

    def fail(self, line: int, sentence: str) -> NoReturn:
        """Raise the error for a manifest that cannot be read beyond a mistake."""
        self.add(line, sentence)
        self.raise_any()
        raise AssertionError


@dataclass(frozen=True)
class Row:
    """A file's row, or the head of a manifest: values by field, and where they are."""

    line: int
    values: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, name: str) -> int:
        """Return the line of a field, or that of the row if the row does not have the field."""
        return self.lines.get(name, self.line)


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
        return raw.decode("utf-8-sig")
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
    line = 1
    try:
        for cells in reader:
            begin, line = line, reader.line_num + 1
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not names:
                names = _header(stripped, begin, mistakes)
            elif len(stripped) != len(names):
                mistakes.add(
                    begin,
                    f"has {quantity(len(stripped), 'value')}, but the header has "
                    f"{quantity(len(names), 'field')}; separate values by commas, and put a value "
                    "that contains a comma in double quotes.",
                )
            else:
                rows.append(Row(begin, _csv_values(names, stripped, begin, mistakes)))
    except csv.Error as error:
        mistakes.fail(line, f"is not valid CSV ({error}); correct the syntax.")
    return Row(1, {}), rows


def _header(names: list[str], line: int, mistakes: Mistakes) -> list[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        mistakes.fail(line, f"has the field {name!r} twice in the header; remove one of them.")
    return names


def _csv_values(
    names: list[str], cells: list[str], line: int, mistakes: Mistakes
) -> dict[str, Any]:
    values: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    if text := values.pop("skip_ids", None):
        try:
            values["skip_ids"] = _parse_ids(text)
        except ValueError:
            mistakes.add(line, f"skip_ids is {text!r}; write it like tasks:1 2 3;goals:4.")
    return values


def _parse_ids(text: str) -> dict[str, list[int]]:
    """Parse ids by table; raises ``ValueError``."""
    parts = (part.split(":") for part in text.split(";"))
    return {table.strip(): [int(number) for number in ids.split()] for table, ids in parts}
