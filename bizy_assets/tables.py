"""Tables as Dagster's metadata shows them."""

from collections.abc import Iterable, Mapping

import dagster as dg

from bizy_assets.core import gate
from bizy_assets.core.census import Census

Cell = str | int | None

_WIDTH = 200
"""How many characters of a value are shown: Dagster keeps what it is shown."""


def table(rows: Iterable[Mapping[str, Cell]]) -> dg.TableMetadataValue:
    """Makes a table of rows with the same columns; there is at least one."""
    return dg.MetadataValue.table(
        [dg.TableRecord({name: _shown(value) for name, value in row.items()}) for row in rows]
    )


def bad_values(census: Census) -> dict[str, dg.TableMetadataValue]:
    """Returns the first bad values of a census, as metadata."""
    rows = gate.listing(census).slice(0, gate.SHOWN).to_pylist()
    return {f"bad values (first {gate.SHOWN})": table(rows)} if rows else {}


def _shown(value: Cell) -> str | int:
    if isinstance(value, str) and len(value) > _WIDTH:
        return value[:_WIDTH] + "…"
    return "" if value is None else value
