"""Tables as Dagster metadata, with long values cut."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

import dagster as dg

from bizy_assets.core.common import shorten
from bizy_assets.core.errors import printable
from bizy_assets.core.load import LoadResult
from bizy_assets.core.report import markdown_table
from bizy_assets.core.validation import ValidationResult, quarantine

Cell = str | int | None

_TEXTS = {"meaning", "finding", "result"}
"""Columns of sentences, which are cut later than values."""

_TEXT_LENGTH = 200
_VALUE_LENGTH = 60
"""Length at which a value is cut, in characters, so that what follows it stays on the screen."""


def metadata_table(rows: Iterable[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Return a table of one or more rows with the same columns."""
    return dg.MetadataValue.table(
        [dg.TableRecord({name: _shown(name, value) for name, value in row.items()}) for row in rows]
    )


def markdown_metadata(rows: Iterable[Mapping[str, Cell]]) -> dg.MarkdownMetadataValue:
    """Return a Markdown table of one or more rows with the same columns."""
    records = list(rows)
    cells = [[_shown(*item) for item in record.items()] for record in records]
    return dg.MetadataValue.md(markdown_table(list(records[0]), cells))


def violations_table(validation: ValidationResult) -> dict[str, dg.TableMetadataValue]:
    """Return the first rejected values as metadata, without what their file has besides.

    The UI's page of a check is as wide as its widest table, and would cut the text beside it.
    """
    shown = quarantine.violation_table(validation).slice(0, quarantine.VALUES_SHOWN)
    columns = ["table", "id", "column", "value", "meaning"]
    if shown["id"].null_count:
        columns.insert(2, "rowid")
    rows = shown.select(columns).to_pylist()
    return {"first_rejected_values": metadata_table(rows)} if rows else {}


def adopted_changes_table(result: LoadResult, prefix: str = "") -> dict[str, dg.TableMetadataValue]:
    """Return the first values that adoption changed as metadata."""
    changes = [asdict(change) for change in result.adopted.first] if result.adopted else []
    if not changes:
        return {}
    return {f"{prefix}first_adopted_changes": metadata_table(changes)}


def _shown(name: str, value: Cell) -> str | int:
    if isinstance(value, str):
        length = _TEXT_LENGTH if name in _TEXTS else _VALUE_LENGTH
        return printable(shorten(value, length))
    return "" if value is None else value
