"""Undo a migration: delete its rows, restore adopted rows, drop the objects that it created.

Rows that were edited in PostgreSQL since, and objects that are in use, stay.
"""

from bizy_assets.core.rollback.rollback import (
    RollbackResult,
    TableRollback,
    remove_objects,
    roll_back,
    roll_back_source,
)

__all__ = [
    "RollbackResult",
    "TableRollback",
    "remove_objects",
    "roll_back",
    "roll_back_source",
]
