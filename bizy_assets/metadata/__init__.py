"""What the assets show in Dagster's UI: keys, columns, lineage, tables and their glossary.

An asset carries the meaning of the metadata it reports, from which ``docs/ASSETS.md`` is generated.
"""

from bizy_assets.metadata import glossary
from bizy_assets.metadata.asset_keys import ADMIN_USER, BIZY_FILE, SQLITE_BACKUP, table_key
from bizy_assets.metadata.columns import (
    beta_allowed,
    lineage,
    source_schema,
    target_schema,
    with_code_references,
)
from bizy_assets.metadata.glossary import asset_options
from bizy_assets.metadata.tables import (
    adopted_changes_table,
    markdown_metadata,
    metadata_table,
    violations_table,
)

__all__ = [
    "ADMIN_USER",
    "BIZY_FILE",
    "SQLITE_BACKUP",
    "adopted_changes_table",
    "asset_options",
    "beta_allowed",
    "glossary",
    "lineage",
    "markdown_metadata",
    "metadata_table",
    "source_schema",
    "table_key",
    "target_schema",
    "violations_table",
    "with_code_references",
]
