"""What each asset reports when it is materialized or observed: names of metadata and meanings.

An asset carries it from its definition on, so that Dagster's UI and the documents can tell. Where
a part of a name differs from run to run there is an ellipsis.
"""

from collections.abc import Mapping

import dagster as dg

from bizy_assets.core.common import COUNT_MEANINGS, COUNTS
from bizy_assets.metadata.tables import metadata_table

REPORTS = "reports"
"""Under which name an asset's own metadata tells it."""

FILE = {
    "path": "the Bizy file",
    "size": "of the file, in bytes",
    "signature": "what the file system says of the file; while it stays, the file is not read",
}

SNAPSHOT = {
    "path": "the snapshot",
    "source": "the Bizy file that it was made of",
    "sha256": "the digest by which later steps know that it is still the same",
    "taken_at": "when it was made",
    "size": "of the snapshot, in bytes",
    "seconds": "how long it took",
    "dagster/row_count": "rows of all tables",
    "rows in …": "rows of each table",
    "unknown tables ignored": "tables that are none of Bizy's, where there are any",
    "unknown columns ignored": "columns that may be left out, where there are any",
    "removed": "older snapshots that were deleted, where there are any",
}

OWNER = {
    "user_id": "the user's id",
    "email": "the user's email",
    "created": "whether this run created the user",
    "target": "the server, as `host:port/database`",
    "password_file": "where the password is, for a user that the migration created",
}

TABLE = {
    "dagster/row_count": "rows of the snapshot",
    "dagster/table_name": "the table, as `host:port/database/schema.table`",
    **{name: COUNT_MEANINGS[name] for name in COUNTS[1:]},
    "seconds": "how long the load took",
    "rows per second": "how fast it was",
    "dagster/column_lineage": "which columns of the snapshot each column comes from",
    "snapshot": "the snapshot that was loaded",
    "snapshot_sha256": "its digest",
    "zone": "the zone that local times are read in, and who said so",
    "repairs": "values that a rule changed rather than copied",
    "repaired: …": "how many of them, by rule",
    "changed as it was taken over… (first)": "cells of adopted rows that changed, if any",
    "indexes and keys made": "how many this load built",
}

PLAN = {
    "target": "the server, as `host:port/database`",
    "plan": "for each table, what would become of its rows",
    "audits": "for each table, what each audit says",
    "changed as it was taken over… (first)": "cells of adopted rows that would change, if any",
}

REPORT = {
    "report": "the report itself",
    "file": "the same as an HTML file",
    "target": PLAN["target"],
    "rows": "rows of the snapshot that were read",
    "seconds": "how long these loads took, where history knows it",
    "rows per second": "how fast they were, where history knows it",
    "repairs": "values that a rule changed rather than copied",
    "bad rows": "rows that were kept out",
    "drift": "rows that were edited or deleted in PostgreSQL, and left so",
    "checks": "how many checks there are",
    "checks warned": "how many of them warned",
    "checks failed": "how many of them found an error",
    "checks not run": "how many of them did not look at these loads",
}


def glossary_metadata(
    meanings: Mapping[str, str], columns: dg.TableSchema | None = None
) -> dict[str, dg.TableSchema | dg.TableMetadataValue]:
    """Returns what an asset carries to tell what it reports, and which columns it has."""
    rows = [{"name": name, "means": meaning} for name, meaning in meanings.items()]
    schema = {"dagster/column_schema": columns} if columns else {}
    return {**schema, REPORTS: metadata_table(rows)}
