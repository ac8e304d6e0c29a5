"""Validation of a snapshot: find every value that PostgreSQL cannot store before any write.

``validate`` returns the violations, each with a ``ReasonCode``. ``enforce`` applies the policy:
fail, or quarantine the rejected rows and load the valid ones. ``time_zone`` checks the zone
of local times.
"""

from bizy_assets.core.validation import quarantine, time_zone
from bizy_assets.core.validation.quarantine import ValidationError
from bizy_assets.core.validation.result import TableValidation, ValidationResult
from bizy_assets.core.validation.rules import INT4, ReasonCode
from bizy_assets.core.validation.scan import validate

__all__ = [
    "INT4",
    "ReasonCode",
    "TableValidation",
    "ValidationError",
    "ValidationResult",
    "quarantine",
    "time_zone",
    "validate",
]
