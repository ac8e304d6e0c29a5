"""What the assets show in Dagster's UI: keys, columns, lineage, tables and their glossary.

An asset carries the meaning of the metadata it reports, from which ``docs/ASSETS.md`` is generated.
"""

from bizy_assets.metadata import glossary, tables
from bizy_assets.metadata.asset_keys import ADMIN_USER, BIZY_FILE, SQLITE_BACKUP, table_key
from bizy_assets.metadata.columns import (
    beta_allowed,
    lineage,
    source_schema,
    target_schema,
    with_code_references,
)
from bizy_assets.metadata.glossary import asset_options

__all__ = [
    "ADMIN_USER",
    "BIZY_FILE",
    "SQLITE_BACKUP",
    "asset_options",
    "beta_allowed",
    "glossary",
    "lineage",
    "source_schema",
    "table_key",
    "tables",
    "target_schema",
    "with_code_references",
]
