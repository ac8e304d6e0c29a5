"""Tables as metadata of Dagster."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

import dagster as dg

from bizy_assets.core.common import shorten
from bizy_assets.core.load import LoadResult
from bizy_assets.core.report import markdown_table
from bizy_assets.core.validation import VALUES_SHOWN, ValidationResult, violation_table

Cell = str | int | None

_WIDTH = 200
"""Length at which a value is cut, in characters: Dagster's event log stores all of it."""


def metadata_table(rows: Iterable[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Return a table of one or more rows with the same columns."""
    return dg.MetadataValue.table(
        [dg.TableRecord({name: _shown(value) for name, value in row.items()}) for row in rows]
    )


def markdown_metadata(rows: Iterable[Mapping[str, Cell]]) -> dg.MarkdownMetadataValue:
    """Return a Markdown table of one or more rows with the same columns."""
    listed = list(rows)
    cells = [[_shown(value) for value in row.values()] for row in listed]
    return dg.MetadataValue.md(markdown_table(list(listed[0]), cells))


def violations_table(census: ValidationResult) -> dict[str, dg.TableMetadataValue]:
    """Return the first rejected values as metadata."""
    rows = violation_table(census).slice(0, VALUES_SHOWN).to_pylist()
    return {f"bad values (first {VALUES_SHOWN})": metadata_table(rows)} if rows else {}


def adopted_changes_table(loaded: LoadResult, where: str = "") -> dict[str, dg.TableMetadataValue]:
    """Return the first values that adoption changed as metadata."""
    changes = [asdict(change) for change in loaded.adopted_changes]
    return (
        {f"changed as it was taken over{where} (first)": metadata_table(changes)} if changes else {}
    )


def _shown(value: Cell) -> str | int:
    if isinstance(value, str):
        return shorten(value, _WIDTH)
    return "" if value is None else value
