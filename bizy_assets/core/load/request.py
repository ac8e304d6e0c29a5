"""What to load, and how."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bizy_assets.core.common import TriggerPolicy
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS
from bizy_assets.core.state import Run


@dataclass(frozen=True, kw_only=True)
class LoadRequest:
    """What to load, and how.

    Attributes:
        run: The run to record, without its number.
        home: Folder for lists of what a load replaces.
        lock_wait_seconds: How long to wait for sessions that hold locks on the tables.
        triggers: What to do about triggers that may change the rows to load.
        adopt: Whether rows of the owner without a ledger entry are adopted.
        skip_ids: For each table, ids of the snapshot to exclude.
        tables: The tables that the run loads.
        concurrent: Whether other sources are loaded at the same time. Such a load locks only rows
            of its source, and tables and sequences are not changed.
    """

    run: Run
    home: Path
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS
    triggers: TriggerPolicy = TriggerPolicy.REFUSE
    adopt: bool = False
    skip_ids: Mapping[str, Sequence[int]] = field(default_factory=dict)
    tables: Collection[str] = tuple(BY_TABLE)
    concurrent: bool = False

    def for_owner(self, user_id: int) -> "LoadRequest":
        """Return the request for another owner account."""
        return replace(
            self, run=replace(self.run, source=replace(self.run.source, user_id=user_id))
        )
