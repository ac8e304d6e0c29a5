"""Values of metadata that Dagster has recorded, such as those of a check."""

import re
from collections.abc import Mapping
from typing import Any

import dagster as dg

ACTION = "action"
"""Metadata of a check: what to do. Dagster sorts metadata by name, which makes this the first."""

_SEPARATORS = re.compile(r",? ")

Recorded = Mapping[str, dg.MetadataValue[Any]]


def metadata_name(key: str) -> str:
    """Return the name in metadata of a figure or table that a check names in words."""
    return _SEPARATORS.sub("_", key)


def _in_words(name: str) -> str:
    # Earlier releases recorded the words.
    return name.replace("_", " ")


def figures_of(metadata: Recorded) -> dict[str, int]:
    """Return the numbers by name, in words."""
    return {
        _in_words(name): value.value
        for name, value in metadata.items()
        if isinstance(value, dg.IntMetadataValue) and value.value is not None
    }


def tables_of(metadata: Recorded) -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows of the tables by title, in words."""
    return {
        _in_words(name): [record.data for record in value.records]
        for name, value in metadata.items()
        if isinstance(value, dg.TableMetadataValue)
    }
