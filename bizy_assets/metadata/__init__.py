"""What the assets show in Dagster's UI: keys, columns, lineage, tables and their glossary.

An asset carries the meaning of the metadata it reports, from which ``docs/ASSETS.md`` is generated.
"""

from bizy_assets.metadata import glossary, tables
from bizy_assets.metadata.asset_keys import BIZY_FILE, PARTITION, REPORT, SINGLE_FILE, Scope
from bizy_assets.metadata.beta import beta_allowed
from bizy_assets.metadata.columns import (
    lineage,
    source_schema,
    target_schema,
    with_code_references,
)
from bizy_assets.metadata.counts import counts_document, counts_metadata, recorded_counts
from bizy_assets.metadata.glossary import ScopedOptions, asset_options
from bizy_assets.metadata.recorded import ACTION, figures_of, metadata_name, tables_of

__all__ = [
    "ACTION",
    "BIZY_FILE",
    "PARTITION",
    "REPORT",
    "SINGLE_FILE",
    "Scope",
    "ScopedOptions",
    "asset_options",
    "beta_allowed",
    "counts_document",
    "counts_metadata",
    "figures_of",
    "glossary",
    "lineage",
    "metadata_name",
    "recorded_counts",
    "source_schema",
    "tables",
    "tables_of",
    "target_schema",
    "with_code_references",
]
