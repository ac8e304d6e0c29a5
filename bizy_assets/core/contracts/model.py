"""What a contract is made of: kinds of columns, rules for values, indexes.

The contracts themselves stand in ``contracts``.
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a column holds."""

    INTEGER = "integer"
    FLOAT = "float"
    TEXT = "text"
    JSON = "json"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"


class Rule(Enum):
    """How a target column gets its value."""

    COPY = "copied"
    PARENT = "copied, or NULL where that row does not exist"
    UTC = "time read as UTC"
    LOCAL = "time read as the laptop's local time"
    LOCAL_OR_DAY = "time read as the laptop's local time; exactly midnight is a day and stays"
    DAY = "a day, which stays"
    UTC_UNTIL_TOUCHED = "time read as UTC within a second of created_at, else as local time"
    UTC_UNTIL_SWITCH = "time read as UTC before BIZY_TASKS_LOCAL_SINCE, from then on as local time"
    OWNER = "the admin user"
    MIGRATED_AT = "the time of the migration"
    EMPTY = "NULL"


_MADE = {Rule.OWNER, Rule.MIGRATED_AT, Rule.EMPTY}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a target table.

    Attributes:
        name: The same in source and target.
        kind: What it holds.
        rule: How it gets its value.
        limit: Longest text in characters, or None.
        nullable: Whether the target allows NULL. A timestamp that the target demands and the
            source lacks becomes the time of the migration, unless it must be unique.
        references: Table whose ``id`` it points to.
        on_delete: What PostgreSQL does when that row goes.
        unique: Whether no two rows of an owner may have the same value. In PostgreSQL a unique
            index of the contract sees to it.
        addition: Whether it is ours, added to the backend's table where it is missing.
    """

    name: str
    kind: Kind
    rule: Rule = Rule.COPY
    limit: int | None = None
    nullable: bool = True
    references: str | None = None
    on_delete: str | None = None
    unique: bool = False
    addition: bool = False

    @property
    def from_source(self) -> bool:
        """Whether its value comes from the source, rather than from the migration itself."""
        return self.rule not in _MADE

    @property
    def filled(self) -> bool:
        """Whether a missing value becomes the time of the migration."""
        # Where no two rows may have the same time, no time can be made up.
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
    """One table: the same name in source and target."""

    table: str
    description: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]

    @property
    def source_columns(self) -> tuple[Column, ...]:
        """The columns whose values the source holds."""
        return tuple(column for column in self.columns if column.from_source)

    @property
    def required(self) -> tuple[str, ...]:
        """The source's columns that nothing can stand in for."""
        return tuple(c.name for c in self.source_columns if not c.nullable and not c.filled)

    @property
    def timestamps(self) -> tuple[Column, ...]:
        """The source's columns that hold times."""
        return tuple(c for c in self.source_columns if c.kind is Kind.TIMESTAMP)

    @property
    def parents(self) -> tuple[Column, ...]:
        """The columns that point to rows which may be missing."""
        return tuple(column for column in self.columns if column.rule is Rule.PARENT)

    @property
    def loaded_after(self) -> tuple[str, ...]:
        """The contracts' tables that must be loaded before this one."""
        tables = {column.references for column in self.parents} - {self.table}
        return tuple(sorted(table for table in tables if table))

    def column(self, name: str) -> Column | None:
        """Returns the column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)
