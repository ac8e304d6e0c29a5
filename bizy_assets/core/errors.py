"""Errors that the user can fix.

The message of each error is one sentence that states what was expected, what was found, where,
and what to do. It never holds a password: servers are named as ``host:port/database``. Names and
values in it come from files and servers of others, so it is made printable here, in one place.

    BizyError
    ├── ConfigurationError   a setting is missing or invalid
    ├── SourceError          the Bizy file is unreadable or not a Bizy file
    ├── SnapshotError        a snapshot cannot be written, is missing, or does not match
    ├── ValidationError      the source holds values that the target cannot store
    └── TargetError          PostgreSQL cannot be reached or refuses a statement
        ├── TransientError   a temporary failure; a retry may succeed
        ├── PasswordError    PostgreSQL rejects a role's password
        ├── SchemaError      a table of the target differs from the backend's schema
        ├── ConflictError    rows of others have the ids or unique values of rows to load
        └── AuditError       a load does not match its snapshot and was rolled back

``AuditError`` carries check results and is defined beside them in ``common``; ``ValidationError``
carries the result of a validation and is defined in ``validation``.
"""


def printable(text: str) -> str:
    """Replace unprintable characters by their escapes.

    Line breaks, control characters, and invisible characters that change the direction of text are
    unprintable.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1]  # without the quotes
        for character in text
    )


class BizyError(Exception):
    """Base of all errors that the user can fix; ``str()`` is the sentence to show, on one line."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class ConfigurationError(BizyError):
    """A setting is missing or invalid."""


class SourceError(BizyError):
    """The Bizy file is unreadable or not a Bizy file."""


class SnapshotError(BizyError):
    """A snapshot cannot be written, is missing, was altered, or is not the expected one."""


class TargetError(BizyError):
    """PostgreSQL cannot be reached or refuses a statement."""


class TransientError(TargetError):
    """PostgreSQL cannot be reached or refuses a statement temporarily; a retry may succeed."""


class PasswordError(TargetError):
    """PostgreSQL rejects a role's password, or there is no such role."""


class SchemaError(TargetError):
    """A table of the target differs from the backend's schema."""


class ConflictError(TargetError):
    """Rows of others have the ids or unique values of rows to load."""
