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

_MAX_LENGTH = 200
"""Length at which a value is cut, in characters; Dagster's event log stores every value shown."""


def metadata_table(rows: Iterable[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Return a table of one or more rows with the same columns."""
    return dg.MetadataValue.table(
        [dg.TableRecord({name: _shown(value) for name, value in row.items()}) for row in rows]
    )


def markdown_metadata(rows: Iterable[Mapping[str, Cell]]) -> dg.MarkdownMetadataValue:
    """Return a Markdown table of one or more rows with the same columns."""
    records = list(rows)
    cells = [[_shown(value) for value in record.values()] for record in records]
    return dg.MetadataValue.md(markdown_table(list(records[0]), cells))


def violations_table(validation: ValidationResult) -> dict[str, dg.TableMetadataValue]:
    """Return the first rejected values as metadata."""
    rows = quarantine.violation_table(validation).slice(0, quarantine.VALUES_SHOWN).to_pylist()
    return {f"bad values (first {quarantine.VALUES_SHOWN})": metadata_table(rows)} if rows else {}


def adopted_changes_table(result: LoadResult, suffix: str = "") -> dict[str, dg.TableMetadataValue]:
    """Return the first values that adoption changed as metadata."""
    changes = [asdict(change) for change in result.adopted.first] if result.adopted else []
    if not changes:
        return {}
    return {f"changed as it was taken over{suffix} (first)": metadata_table(changes)}


def _shown(value: Cell) -> str | int:
    if isinstance(value, str):
        return printable(shorten(value, _MAX_LENGTH))
    return "" if value is None else value
