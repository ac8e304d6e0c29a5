"""Everything that can go wrong in a way that a user can mend.

The text of each error is one sentence that says what was expected, what was found, where, and
what to do. It never holds a password: servers are named as ``host:port/database``.

    BizyError
    ├── ConfigurationError   a setting is missing or has a value that means nothing
    ├── SourceError          the Bizy file cannot be read, or is none
    ├── SnapshotError        a backup could not be made, is gone, or is not the expected one
    ├── ValidationError      the source holds values that PostgreSQL cannot store
    └── TargetError          PostgreSQL cannot be reached or refuses
        ├── TransientError   a failure that may pass; the step is retried
        ├── PasswordError    PostgreSQL does not take a role's password
        ├── SchemaError      a table of the target is not what the backend's schema says
        ├── ConflictError    rows of others stand where ours belong
        ├── AuditError       a load failed its audit and was rolled back
        └── EditedRowsError  rows that were edited since keep a rollback from being complete
"""


class BizyError(Exception):
    """Base of all errors that a user can mend; ``str()`` is the sentence to show."""


class ConfigurationError(BizyError):
    """A setting is missing or has a value that means nothing."""


class SourceError(BizyError):
    """The Bizy file cannot be read, or is none."""


class SnapshotError(BizyError):
    """A backup could not be made, is gone, was altered, or is not the expected one."""


class TargetError(BizyError):
    """PostgreSQL cannot be reached or refuses."""


class TransientError(TargetError):
    """PostgreSQL cannot be reached or refuses for the moment; trying again soon may help."""


class PasswordError(TargetError):
    """PostgreSQL does not let a role in with the password given."""


class SchemaError(TargetError):
    """A table of the target is not what the backend's schema says."""


class ConflictError(TargetError):
    """Rows that belong to others stand where ours would go."""


class EditedRowsError(TargetError):
    """Rows that were edited since they were migrated keep a rollback from being complete."""
