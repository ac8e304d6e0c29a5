"""What the assets show in Dagster's UI: keys, columns, lineage, tables and their glossary.

An asset carries the meaning of the metadata it reports, from which ``docs/ASSETS.md`` is generated.
"""

from bizy_assets.metadata.asset_keys import (
    ADMIN_USER,
    BIZY_FILE,
    GROUP,
    OWNERS,
    SQLITE_BACKUP,
    table_key,
)
from bizy_assets.metadata.columns import (
    beta_allowed,
    lineage,
    source_schema,
    target_schema,
    with_code_references,
)
from bizy_assets.metadata.glossary import (
    FILE,
    OWNER,
    PLAN,
    REPORT,
    REPORTS,
    SNAPSHOT,
    TABLE,
    glossary_metadata,
)
from bizy_assets.metadata.tables import (
    adopted_changes_table,
    markdown_metadata,
    metadata_table,
    violations_table,
)

__all__ = [
    "ADMIN_USER",
    "BIZY_FILE",
    "FILE",
    "GROUP",
    "OWNER",
    "OWNERS",
    "PLAN",
    "REPORT",
    "REPORTS",
    "SNAPSHOT",
    "SQLITE_BACKUP",
    "TABLE",
    "adopted_changes_table",
    "beta_allowed",
    "glossary_metadata",
    "lineage",
    "markdown_metadata",
    "metadata_table",
    "source_schema",
    "table_key",
    "target_schema",
    "violations_table",
    "with_code_references",
]
