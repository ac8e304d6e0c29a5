"""Tables as Dagster's metadata shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

import dagster as dg

from bizy_assets.core.load import LoadResult
from bizy_assets.core.markdown import table
from bizy_assets.core.validation import VALUES_SHOWN, ValidationResult, violation_table

Cell = str | int | None

_WIDTH = 200
"""How many characters of a value are shown: Dagster keeps what it is shown."""


def metadata_table(rows: Iterable[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Makes a table of rows with the same columns; there is at least one."""
    return dg.MetadataValue.table(
        [dg.TableRecord({name: _shown(value) for name, value in row.items()}) for row in rows]
    )


def markdown_table(rows: Iterable[Mapping[str, Cell]]) -> dg.MarkdownMetadataValue:
    """Makes a Markdown table of rows with the same columns; there is at least one."""
    listed = list(rows)
    cells = ([_shown(value) for value in row.values()] for row in listed)
    return dg.MetadataValue.md(table(list(listed[0]), cells))


def violations_table(census: ValidationResult) -> dict[str, dg.TableMetadataValue]:
    """Returns the first bad values of a census, as metadata."""
    rows = violation_table(census).slice(0, VALUES_SHOWN).to_pylist()
    return {f"bad values (first {VALUES_SHOWN})": metadata_table(rows)} if rows else {}


def adopted_changes_table(loaded: LoadResult, where: str = "") -> dict[str, dg.TableMetadataValue]:
    """Returns the first cells that changed as rows were taken over, as metadata."""
    changes = [asdict(change) for change in loaded.taken_over]
    return (
        {f"changed as it was taken over{where} (first)": metadata_table(changes)} if changes else {}
    )


def _shown(value: Cell) -> str | int:
    if isinstance(value, str) and len(value) > _WIDTH:
        return value[:_WIDTH] + "…"
    return "" if value is None else value
