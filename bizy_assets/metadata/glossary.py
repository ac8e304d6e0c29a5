"""Glossary of the metadata that each asset reports when it is materialized or observed.

Each asset carries its part, so that Dagster's UI and the documents can show it. An ellipsis stands
for the part of a name that differs between runs.
"""

from collections.abc import Mapping
from typing import Any, TypedDict

import dagster as dg

from bizy_assets.core.common import row_counts
from bizy_assets.metadata.tables import metadata_table

SOURCE, TARGET, REPORTING = "source", "target", "report"
"""The groups of the assets."""

REPORTS = "reports"
"""Name of the metadata with the glossary of an asset."""

_TARGET = "the target, as `host:port/database`"
_COUNTS = row_counts.COUNT_MEANINGS

PLOTTED = ("inserted", "updated", "unchanged")
"""The counts of rows that are reported as numbers, which the UI plots over runs."""

OTHERS = ("preserved_edits", "preserved_deletions", "deleted", "retained", "adopted")
"""The counts of rows that are reported as texts, if they are not zero."""
_ADJUSTED = "values that a rule adjusted instead of copying them"

FILE = {
    "path": "path of the Bizy file",
    "size": "size of the file, in bytes",
    "signature": "inode, size and modification time; the file is read only if they changed",
}

SNAPSHOT = {
    "path": "path of the snapshot",
    "source": "the Bizy file that was copied",
    "sha256": "SHA-256 of the snapshot, which later steps verify",
    "taken_at": "time of the snapshot",
    "size": "size of the snapshot, in bytes",
    "seconds": "duration",
    "dagster/row_count": "rows of all tables",
    "rows": "rows of each table",
    "zone": "time zone of local times, and how it was chosen",
    "times": "oldest, middle and newest local time, as they are read",
    "unknown_tables_ignored": "tables of the file that are not Bizy's, if any",
    "unknown_columns_ignored": "columns that `ignore_columns` lists, if any",
    "deleted_snapshots": "older snapshots that were deleted, if any",
}

OWNER = {
    "user_id": "`users.id` of the owner account",
    "email": "email of the owner account",
    "created": "whether this run created the account",
    "target": _TARGET,
    "password_file": "file with the password, if the migration created the account",
}

TABLE = {
    "dagster/row_count": "rows of the migration that are in PostgreSQL; 0 after a rollback",
    "dagster/table_name": "the table, as `host:port/database/schema.table`",
    **{name: _COUNTS[name] for name in PLOTTED},
    "rows_left_out": _COUNTS["rejected"],
    "seconds": "duration of the load",
    "rows_per_second": "speed of the load",
    **{name: f"{_COUNTS[name]}, if any" for name in OTHERS},
    "adjusted_values": f"number of {_ADJUSTED}, by rule, if any",
    "zone": "time zone of local times, and how it was chosen",
    "snapshot": "path of the loaded snapshot",
    "snapshot_sha256": "SHA-256 of the loaded snapshot",
    "first_adopted_changes": "first values that adoption changed, if any",
    "new_indexes_and_keys": "number of indexes and foreign keys that the load created, if any",
    "dagster/column_lineage": "the columns of the snapshot that each column is derived from",
}

PLAN = {
    "target": _TARGET,
    "summary": "what a migration would do, in one sentence",
    "outcome": "what the command `plan` reports to other programs",
    "plan": "row counts that the migration of each table would have",
    "zone": "result of the check of the time zone, with three times as they are read",
    "audits": "results of the other checks of the snapshot and of the audits of each table",
    "…first_adopted_changes": "first values of a table that adoption would change, if any",
}

REPORT = {
    "report": "the report in short",
    "verdict": "`complete`, `complete with warnings`, `rows left out` or `failed`",
    "file": "path of the whole report as an HTML file",
    "target": _TARGET,
    "seconds": "duration of the loads, if recorded",
    "rows_per_second": "speed of the loads, if recorded",
    **{name: _COUNTS[name] for name in PLOTTED},
    "rows_left_out": "rows of the snapshot that were rejected or skipped and are not in PostgreSQL",
    "checks_warned": "number of checks with a warning",
    "checks_failed": "number of checks with an error",
}

TARGET_SCHEMA = {
    "target": _TARGET,
    "created": "tables, columns, indexes and keys that were created, if any",
    "files": "number of files in the manifest",
}

FLEET_REPORT = {
    "report": "the report, with the first files",
    "file": "path of the report as an HTML file",
    "target": _TARGET,
    "files …": "number of files with each verdict",
}


class AssetOptions(TypedDict):
    """The options that every asset has."""

    group_name: str
    owners: list[str]
    metadata: dict[str, Any]


class ScopedOptions(AssetOptions):
    """All options of an asset of a scope, for a specification or a decorated function."""

    key: dg.AssetKey
    deps: list[dg.AssetKey]
    partitions_def: dg.PartitionsDefinition[str] | None
    kinds: set[str]
    description: str | None


def asset_options(
    group: str, meanings: Mapping[str, str], columns: dg.TableSchema | None = None
) -> AssetOptions:
    """Return the options of an asset's definition; its metadata are glossary and columns."""
    rows = [{"name": name, "meaning": meaning} for name, meaning in meanings.items()]
    schema = {"dagster/column_schema": columns} if columns else {}
    return {
        "group_name": group,
        "owners": ["team:bizy"],
        "metadata": {**schema, REPORTS: metadata_table(rows)},
    }
