"""The state tables: the migration's own tables, in the schema ``bizy_migration``."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import row_counts
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.target.tables import NAMING

STATE_METADATA = sa.MetaData(schema="bizy_migration", naming_convention=NAMING)


def _table(name: str, *items: sa.Column[Any] | sa.Index) -> sa.Table:
    return sa.Table(name, STATE_METADATA, *items)


STATE_VERSION = 3
"""Version of the tables below; the first had no ledger, the second no table of sources."""

VERSION = _table("version", sa.Column("number", sa.Integer, primary_key=True, autoincrement=False))

SOURCES = _table(
    "sources",
    # Not from a sequence, like the ids of runs: what is rolled back would use up a value.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("user_id", sa.Integer, nullable=False),
    sa.Column("id_policy", sa.Text, nullable=False),
    sa.Column("signature", sa.Text),
    sa.Column("first_seen", sa.DateTime, nullable=False),
)
"""One row per source that a run loaded, or meant to load."""

RUNS = _table(
    "runs",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source_id", sa.Integer, nullable=False),
    sa.Column("dagster_run_id", sa.Text, nullable=False),
    sa.Column("snapshot_path", sa.Text, nullable=False),
    sa.Column("snapshot_sha256", sa.Text, nullable=False),
    sa.Column("snapshot_taken_at", sa.DateTime, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("zone_origin", sa.Text),
    sa.Column("tasks_local_since", sa.DateTime, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("outcome", sa.Text),
    sa.Index("runs_source_id", "source_id"),
)
"""One row per run that loaded a table; a run without an outcome is running or was killed."""

LOADS = _table(
    "loads",
    sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Integer, nullable=False),
    sa.Column("loaded_at", sa.DateTime, nullable=False),
    sa.Column("seconds", postgresql.DOUBLE_PRECISION),
    sa.Column("skipped_ids", postgresql.ARRAY(sa.BigInteger), nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("next_id", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in row_counts.COUNTS),
    sa.Index("loads_source_id", "source_id", "table_name", "run_id"),
)
"""One row per committed load of a table; checks compare with the newest of a source."""

ID_RANGES = _table(
    "id_ranges",
    sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("first_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("shift", sa.BigInteger, nullable=False),
)
"""One row per range of ids of a source, which become ``id + shift`` in the target."""

CHECK_RESULTS = _table(
    "check_results",
    sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("check_name", sa.Text, primary_key=True),
    sa.Column("dagster_run_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("checked_at", sa.DateTime, nullable=False),
)
"""One row per check of a source's table: its last result."""

REPAIRS = _table(
    "repairs",
    sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("row_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("column_name", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("raw", sa.Text),
    sa.Column("written", sa.Text),
    sa.Column("run_id", sa.Text, nullable=False),
)
"""One row per adjusted value, which a rule changed instead of copying it.

``row_id`` is the id in the source, ``run_id`` is Dagster's.
"""

REJECTED_ROWS = _table(
    "rejected_rows",
    sa.Column("source_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("column_name", sa.Text, primary_key=True),
    sa.Column("row_id", sa.BigInteger),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("row", sa.JSON, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("rejected_at", sa.DateTime, nullable=False),
)
"""One row per value because of which a row was rejected.

``position`` is SQLite's rowid, ``row_id`` the id in the source, ``run_id`` is Dagster's.
"""

ADOPTED = _table(
    "adopted",
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
)
"""One row per adopted row, with its content before adoption."""

CREATIONS = _table(
    "creations",
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
)
"""One row per object that the migration created in the target; a rollback drops these."""

SEQUENCE_MOVES = _table(
    "sequence_moves",
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("value_before", sa.BigInteger, nullable=False),
    sa.Column("called_before", sa.Boolean, nullable=False),
    sa.Column("value_after", sa.BigInteger, nullable=False),
)
"""One row per sequence that the migration moved: its state before and after."""


def _ledger(contract: Contract) -> sa.Table:
    return _table(
        f"ledger_{contract.table}",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Uuid, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("state", sa.Text),
    )


LEDGERS = {contract.table: _ledger(contract) for contract in CONTRACTS}
"""The ledger of each contract's table: one row per migrated row, with its hash as written."""
