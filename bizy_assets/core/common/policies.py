"""The policies that settings choose."""

from enum import StrEnum


class OnBadRow(StrEnum):
    """Policy for values that the target cannot hold."""

    FAIL = "fail"
    QUARANTINE = "quarantine"


class TriggerPolicy(StrEnum):
    """Policy for triggers and rules of the target that may change the rows to load."""

    REFUSE = "refuse"
    FIRE = "fire"
    DISABLE = "disable"


class IdPolicy(StrEnum):
    """Policy for the ids of a source's rows in the target."""

    KEEP = "keep"
    """The ids of the source."""
    MOVE = "move"
    """Free ids behind those of all other rows."""
