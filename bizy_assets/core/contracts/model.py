"""The parts of a contract: kinds of columns, rules for their values, and indexes."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Kind(Enum):
    """Type of a column's values."""

    INTEGER = "integer"
    FLOAT = "float"
    TEXT = "text"
    JSON = "json"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"


class Rule(Enum):
    """Source of a target column's values, as its description in the UI."""

    COPY = "copied"
    ID = "copied, or shifted if another row may have this id"
    PARENT = "id of the referenced row, or NULL if that row does not exist"
    ID_LIST = "ids of the listed rows; a value that is not a list of integers is copied"
    UTC = "time interpreted as UTC"
    LOCAL = "time interpreted as local time of the laptop"
    LOCAL_OR_DAY = "time interpreted as local time of the laptop; midnight is a date, kept as is"
    DAY = "a date, kept as is"
    UTC_UNTIL_TOUCHED = (
        "time interpreted as UTC within one second of created_at, otherwise as local time, or as "
        "UTC if the goal has a project and local time is impossible"
    )
    UTC_UNTIL_CUTOVER = (
        "time interpreted as UTC before BIZY_TASKS_LOCAL_SINCE, from then on as local time"
    )
    OWNER = "the owner account"
    MIGRATED_AT = "the time of the migration"
    EMPTY = "NULL"


_GENERATED = {Rule.OWNER, Rule.MIGRATED_AT, Rule.EMPTY}


class JsonShape(Enum):
    """Shape of a JSON value that the backend's API accepts."""

    OBJECT = "an object"
    TEXTS = "a list of texts"
    INTEGERS = "a list of integers"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Which values of a column the backend's API accepts, besides times of years 1 to 9999.

    Attributes:
        required: Whether it demands a value.
        lowest: Lowest number, or number of characters.
        highest: Highest number; None for any. A text has the column's limit.
        values: The only texts, if not empty.
        shape: Shape of a JSON value.
    """

    required: bool = False
    lowest: float = 0
    highest: float | None = None
    values: tuple[str, ...] = ()
    shape: JsonShape | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a target table.

    Attributes:
        name: Name in source and target.
        kind: Type of its values.
        rule: Source of its values.
        limit: Maximum length of a text in characters, or None.
        nullable: Whether the target allows NULL. A missing timestamp that the target requires
            becomes the time of the migration, unless it must be unique.
        references: Table whose ``id`` it references.
        on_delete: Action of the foreign key when the referenced row is deleted.
        lists: Table whose ids are the elements of a JSON list.
        unique: Whether the rows of one owner must have different values. In PostgreSQL a unique
            index of the contract enforces this.
        addition: Whether the migration adds it to the backend's table if it is missing there.
        accepted: Values that the backend's API accepts; None if it accepts all or has no such
            column.
    """

    name: str
    kind: Kind
    rule: Rule = Rule.COPY
    limit: int | None = None
    nullable: bool = True
    references: str | None = None
    on_delete: str | None = None
    lists: str | None = None
    unique: bool = False
    addition: bool = False
    accepted: Accepted | None = None

    @property
    def from_source(self) -> bool:
        """Whether its values come from the source instead of from the migration itself."""
        return self.rule not in _GENERATED

    @property
    def filled(self) -> bool:
        """Whether a missing value becomes the time of the migration."""
        # Rows that need different times cannot all get that one.
        required = not self.nullable and not self.unique
        return self.from_source and self.kind is Kind.TIMESTAMP and required


@dataclass(frozen=True, kw_only=True)
class Index:
    """A secondary index of a target table."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One table, with the same name in source and target.

    ``created`` is the column with the time at which Bizy made a row, which it never changes.
    """

    table: str
    description: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    created: str = "created_at"

    @cached_property
    def source_columns(self) -> tuple[Column, ...]:
        """The columns whose values come from the source."""
        return tuple(column for column in self.columns if column.from_source)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The source's columns without which a table cannot be loaded."""
        return tuple(c.name for c in self.source_columns if not c.nullable and not c.filled)

    @cached_property
    def timestamps(self) -> tuple[Column, ...]:
        """The source's timestamp columns."""
        return tuple(c for c in self.source_columns if c.kind is Kind.TIMESTAMP)

    @cached_property
    def parents(self) -> tuple[Column, ...]:
        """The columns that reference rows which the source may lack."""
        return tuple(column for column in self.columns if column.rule is Rule.PARENT)

    @cached_property
    def served(self) -> bool:
        """Whether the backend's API returns its rows."""
        return any(column.accepted is not None for column in self.columns)

    @cached_property
    def loaded_after(self) -> tuple[str, ...]:
        """The tables that must be loaded before this one."""
        tables = {column.references for column in self.parents} - {self.table}
        return tuple(sorted(table for table in tables if table))

    def column(self, name: str) -> Column | None:
        """Return the column with that name, if the table has one."""
        return next((column for column in self.columns if column.name == name), None)
