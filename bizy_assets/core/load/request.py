"""What to load, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bizy_assets.core.settings import DEFAULT_LOCK_WAIT_SECONDS, TriggerPolicy
from bizy_assets.core.state import Run


@dataclass(frozen=True, kw_only=True)
class LoadRequest:
    """What to load, and how.

    Attributes:
        run: The run to record, without its number.
        lock_wait_seconds: How long to wait for sessions that hold locks on the tables.
        triggers: What to do about triggers that may change the rows to load.
        adopt: Whether rows of the owner without a ledger entry are adopted.
        skip_ids: For each table, ids of the snapshot to exclude.
        concurrent: Whether other sources are loaded at the same time. Such a load locks only rows
            of its source, and tables and sequences are not changed.
    """

    run: Run
    lock_wait_seconds: float = DEFAULT_LOCK_WAIT_SECONDS
    triggers: TriggerPolicy = TriggerPolicy.REFUSE
    adopt: bool = False
    skip_ids: Mapping[str, Sequence[int]] = field(default_factory=dict)
    concurrent: bool = False

    def for_owner(self, user_id: int) -> "LoadRequest":
        """Return the request for another owner account."""
        return replace(
            self, run=replace(self.run, source=replace(self.run.source, user_id=user_id))
        )
