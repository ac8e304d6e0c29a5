"""The contracts: what each table of Bizy holds and how each value reaches PostgreSQL.

This is the one place that describes a table. The census, the reading, the conversion, the load,
the checks and the target's models all follow it, so a new table of Bizy means a new contract
here and nothing anywhere else.

Facts about the source come from the code of Bizy's command line, facts about the target from
the models of its web backend.
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
        unique: Whether no two rows may have the same value.
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


def _id() -> Column:
    return Column(name="id", kind=Kind.INTEGER, nullable=False)


def _owner() -> Column:
    return Column(
        name="user_id",
        kind=Kind.INTEGER,
        rule=Rule.OWNER,
        nullable=False,
        references="users",
        on_delete="CASCADE",
    )


def _goal() -> Column:
    return Column(
        name="parent_goal_id",
        kind=Kind.INTEGER,
        rule=Rule.PARENT,
        references="goals",
        on_delete="SET NULL",
    )


def _text(name: str, limit: int | None = None, *, nullable: bool = True) -> Column:
    return Column(name=name, kind=Kind.TEXT, limit=limit, nullable=nullable)


def _float(name: str) -> Column:
    return Column(name=name, kind=Kind.FLOAT)


def _json(name: str) -> Column:
    return Column(name=name, kind=Kind.JSON)


def _time(name: str, rule: Rule, *, nullable: bool = True) -> Column:
    return Column(name=name, kind=Kind.TIMESTAMP, rule=rule, nullable=nullable)


def _project() -> tuple[Column, ...]:
    """Columns of Bizy since 1.2.0, which the backend's tables do not have."""
    return (
        Column(name="project_name", kind=Kind.TEXT, limit=200, addition=True),
        Column(name="repository_path", kind=Kind.TEXT, limit=500, addition=True),
    )


def _indexes(table: str, single: tuple[str, ...], **several: tuple[str, ...]) -> tuple[Index, ...]:
    """Names indexes as the backend does: by column, or by the name given for several columns."""
    return (
        *(Index(name=f"ix_{table}_{column}", columns=(column,)) for column in single),
        *(Index(name=f"ix_{table}_{name}", columns=columns) for name, columns in several.items()),
    )


GOALS = Contract(
    table="goals",
    description="Goals, which may be parts of other goals.",
    columns=(
        _id(),
        _owner(),
        _goal(),
        _text("title", 500, nullable=False),
        _text("description"),
        _text("horizon", 50),
        _time("target_date", Rule.LOCAL_OR_DAY),
        _text("status", 50),
        _float("progress_percentage"),
        _text("success_criteria"),
        _time("created_at", Rule.UTC, nullable=False),
        _time("updated_at", Rule.UTC_UNTIL_TOUCHED, nullable=False),
        _time("completed_at", Rule.EMPTY),
        _json("metrics"),
        *_project(),
    ),
    indexes=_indexes(
        "goals",
        ("id", "user_id", "parent_goal_id", "horizon", "target_date", "created_at"),
        user_status=("user_id", "status"),
        user_horizon=("user_id", "horizon"),
        user_target_date=("user_id", "target_date"),
    ),
)

TASKS = Contract(
    table="tasks",
    description="Tasks, which may belong to a goal.",
    columns=(
        _id(),
        _owner(),
        _goal(),
        _text("title", 500, nullable=False),
        _text("description"),
        Column(name="priority", kind=Kind.INTEGER),
        _text("status", 50),
        _text("category", 100),
        _float("estimated_hours"),
        _float("actual_hours"),
        _time("due_date", Rule.LOCAL_OR_DAY),
        _time("created_at", Rule.UTC_UNTIL_SWITCH, nullable=False),
        _time("updated_at", Rule.MIGRATED_AT, nullable=False),
        _time("completed_at", Rule.LOCAL),
        _json("dependencies"),
        _text("notes"),
        _json("tags"),
        *_project(),
    ),
    indexes=_indexes(
        "tasks",
        ("id", "user_id", "parent_goal_id", "category", "due_date", "created_at"),
        user_status=("user_id", "status"),
        user_due_date=("user_id", "due_date"),
        user_category=("user_id", "category"),
        goal_status=("parent_goal_id", "status"),
    ),
)

CONTRACTS = (GOALS, TASKS)
"""Every contract, parents before their children."""

BY_TABLE = {contract.table: contract for contract in CONTRACTS}
