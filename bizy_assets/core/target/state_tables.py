"""TODO."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import COUNTS
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.target.tables import NAMING

STATE_METADATA = sa.MetaData(schema="bizy_migration", naming_convention=NAMING)
"""What is the migration's own; ``ledger`` explains it."""


STATE_VERSION = 2
"""Of the tables below; the first one had no ledger."""

VERSION_TABLE = sa.Table(
    "version",
    STATE_METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
)
"""One row: which version these tables are of."""

RUNS_TABLE = sa.Table(
    "runs",
    STATE_METADATA,
    # Numbered by hand under the target's lock: an unfinished run would use up a sequence.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("snapshot_path", sa.Text, nullable=False),
    sa.Column("snapshot_sha256", sa.Text, nullable=False),
    sa.Column("snapshot_taken_at", sa.DateTime, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("tasks_local_since", sa.DateTime, nullable=False),
    sa.Column("user_id", sa.Integer, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("outcome", sa.Text),
)
"""One row per run that loaded something; without an outcome it is running, or was killed."""

LOADS_TABLE = sa.Table(
    "loads",
    STATE_METADATA,
    sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("loaded_at", sa.DateTime, nullable=False),
    sa.Column("skipped_ids", postgresql.ARRAY(sa.BigInteger), nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
)
"""One row per committed load of a table; the newest tells what a check compares with."""

REPAIRS_TABLE = sa.Table(
    "repairs",
    STATE_METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("source_id", sa.BigInteger, primary_key=True),
    sa.Column("column_name", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("raw", sa.Text),
    sa.Column("written", sa.Text),
    sa.Column("run_id", sa.Text, nullable=False),
)
"""One row per value that a rule changed rather than copied."""


REJECTED_ROWS_TABLE = sa.Table(
    "rejected_rows",
    STATE_METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("column_name", sa.Text, primary_key=True),
    sa.Column("source_id", sa.BigInteger),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("row", sa.JSON, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("rejected_at", sa.DateTime, nullable=False),
)
"""One row per value that kept its row out; ``position`` is SQLite's rowid."""


ADOPTED_TABLE = sa.Table(
    "adopted",
    STATE_METADATA,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
)
"""One row per row that was there before and was taken over, as it was then."""

CREATIONS_TABLE = sa.Table(
    "creations",
    STATE_METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
)
"""What the migration made in the target, so that a rollback takes out just that."""

SEQUENCE_MOVES_TABLE = sa.Table(
    "sequence_moves",
    STATE_METADATA,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("value_before", sa.BigInteger, nullable=False),
    sa.Column("called_before", sa.Boolean, nullable=False),
    sa.Column("value_after", sa.BigInteger, nullable=False),
)
"""From where to where the migration moved a table's sequence."""


def _ledger(contract: Contract) -> sa.Table:
    return sa.Table(
        f"ledger_{contract.table}",
        STATE_METADATA,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Uuid, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("state", sa.Text),
    )


LEDGER_TABLES = {contract.table: _ledger(contract) for contract in CONTRACTS}
"""The ledger of each contract's table: one row per row that was written, see ``ledger``."""
