"""Values of metadata that Dagster has recorded, such as those of a check."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

ACTION = "action"
"""Metadata of a check: what to do. Dagster sorts metadata by name, which makes this the first."""

Recorded = Mapping[str, dg.MetadataValue[Any]]


def figures_of(metadata: Recorded) -> dict[str, int]:
    """Return the numbers by name."""
    return {
        name: value.value
        for name, value in metadata.items()
        if isinstance(value, dg.IntMetadataValue) and value.value is not None
    }


def tables_of(metadata: Recorded) -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows of the tables by title."""
    return {
        name: [record.data for record in value.records]
        for name, value in metadata.items()
        if isinstance(value, dg.TableMetadataValue)
    }
