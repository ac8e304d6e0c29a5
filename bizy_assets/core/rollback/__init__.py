"""TODO bizy_assets.core.rollback."""

from bizy_assets.core.rollback.rollback import RollbackResult, roll_back

__all__ = [
    "RollbackResult",
    "roll_back",
]
