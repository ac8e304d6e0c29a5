"""The contract of each Bizy table.

Nothing else describes a table: validation, conversion, load, checks and the target's models are
derived from its contract, so supporting a new table means adding one here.

Facts about the source come from the code of Bizy's command line, facts about the target from the
models of its web backend, and accepted values from the response models of the backend's API. A
table that the backend does not have yet has the source's columns and an owner. Its indexes start
with the owner, since every query of the backend filters by owner.
"""

from dataclasses import replace

from bizy_assets.core.contracts.model import (
    Accepted,
    Column,
    Contract,
    Index,
    JsonShape,
    Kind,
    Rule,
)

_ID = Column(name="id", kind=Kind.INTEGER, rule=Rule.ID, nullable=False)
_OWNER = Column(
    name="user_id",
    kind=Kind.INTEGER,
    rule=Rule.OWNER,
    nullable=False,
    references="users",
    on_delete="CASCADE",
)
_PARENT_GOAL = Column(
    name="parent_goal_id",
    kind=Kind.INTEGER,
    rule=Rule.PARENT,
    references="goals",
    on_delete="SET NULL",
)
_TITLE = Column(
    name="title",
    kind=Kind.TEXT,
    limit=500,
    nullable=False,
    accepted=Accepted(required=True, lowest=1),
)
_PROJECT = (
    Column(name="project_name", kind=Kind.TEXT, limit=200, addition=True),
    Column(name="repository_path", kind=Kind.TEXT, limit=500, addition=True),
)
"""The columns that Bizy has since 1.2.0 and the backend's tables lack."""


def _text(name: str, limit: int | None = None, *, accepted: Accepted | None = None) -> Column:
    return Column(name=name, kind=Kind.TEXT, limit=limit, accepted=accepted)


def _json(name: str, shape: JsonShape | None = None) -> Column:
    accepted = None if shape is None else Accepted(shape=shape)
    return Column(name=name, kind=Kind.JSON, accepted=accepted)


def _time(name: str, rule: Rule, *, nullable: bool = True, unique: bool = False) -> Column:
    return Column(name=name, kind=Kind.TIMESTAMP, rule=rule, nullable=nullable, unique=unique)


def _served_time(name: str, rule: Rule, *, nullable: bool = True) -> Column:
    return replace(_time(name, rule, nullable=nullable), accepted=Accepted(required=not nullable))


def _choice(name: str, *values: str) -> Column:
    return _text(name, 50, accepted=Accepted(required=True, values=values))


def _indexes(table: str, single: tuple[str, ...], **multiple: tuple[str, ...]) -> tuple[Index, ...]:
    """Name indexes as the backend does: after their column, or by keyword for several columns."""
    return (
        *(Index(name=f"ix_{table}_{column}", columns=(column,)) for column in single),
        *(Index(name=f"ix_{table}_{name}", columns=columns) for name, columns in multiple.items()),
    )


GOALS = Contract(
    table="goals",
    description="Goals, which may have a parent goal.",
    columns=(
        _ID,
        _OWNER,
        _PARENT_GOAL,
        _TITLE,
        _text("description"),
        _choice("horizon", "yearly", "quarterly", "monthly", "weekly"),
        _served_time("target_date", Rule.LOCAL_OR_DAY),
        _choice("status", "active", "completed", "on_hold", "cancelled"),
        Column(
            name="progress_percentage",
            kind=Kind.FLOAT,
            accepted=Accepted(required=True, highest=100),
        ),
        _text("success_criteria"),
        _served_time("created_at", Rule.UTC, nullable=False),
        _served_time("updated_at", Rule.UTC_UNTIL_TOUCHED, nullable=False),
        _served_time("completed_at", Rule.EMPTY),
        _json("metrics", JsonShape.OBJECT),
        *_PROJECT,
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
        _ID,
        _OWNER,
        _PARENT_GOAL,
        _TITLE,
        _text("description"),
        Column(
            name="priority",
            kind=Kind.INTEGER,
            accepted=Accepted(required=True, lowest=1, highest=5),
        ),
        _choice("status", "pending", "in_progress", "completed", "blocked"),
        _text("category", 100, accepted=Accepted()),
        Column(name="estimated_hours", kind=Kind.FLOAT, accepted=Accepted()),
        Column(name="actual_hours", kind=Kind.FLOAT, accepted=Accepted()),
        _served_time("due_date", Rule.LOCAL_OR_DAY),
        _served_time("created_at", Rule.UTC_UNTIL_CUTOVER, nullable=False),
        _served_time("updated_at", Rule.MIGRATED_AT, nullable=False),
        _served_time("completed_at", Rule.LOCAL),
        replace(_json("dependencies", JsonShape.INTEGERS), rule=Rule.ID_LIST, lists="tasks"),
        _text("notes"),
        _json("tags", JsonShape.TEXTS),
        *_PROJECT,
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

DAILY_LOGS = Contract(
    table="daily_logs",
    description="A log for each day: tasks planned and completed, energy and mood.",
    columns=(
        _ID,
        _OWNER,
        _time("date", Rule.DAY, nullable=False, unique=True),
        Column(name="tasks_completed", kind=Kind.INTEGER),
        Column(name="tasks_planned", kind=Kind.INTEGER),
        Column(name="completion_rate", kind=Kind.FLOAT),
        _text("energy_level", 20),
        *map(_text, ("blockers", "wins", "learnings", "tomorrow_focus")),
        _text("mood", 50),
        _text("notes"),
    ),
    indexes=(
        *_indexes("daily_logs", ("id", "user_id")),
        # Different users may have a log of the same day.
        Index(name="ix_daily_logs_user_date", columns=("user_id", "date"), unique=True),
    ),
    created="date",
)

RESEARCH = Contract(
    table="research",
    description="Research on markets, competitors and trends.",
    columns=(
        _ID,
        _OWNER,
        _text("title", 500),
        _text("summary"),
        _text("source_url", 1000),
        _text("category", 100),
        Column(name="relevance_score", kind=Kind.FLOAT),
        _time("date_found", Rule.LOCAL),
        _text("action_items"),
        _json("tags"),
        _json("raw_data"),
    ),
    indexes=_indexes(
        "research",
        ("id", "user_id"),
        user_category=("user_id", "category"),
        user_date_found=("user_id", "date_found"),
    ),
    created="date_found",
)

METRICS = Contract(
    table="metrics",
    description="Measured values of metrics over time.",
    columns=(
        _ID,
        _OWNER,
        _text("metric_name", 200),
        Column(name="value", kind=Kind.FLOAT),
        _time("date", Rule.UTC),
        _text("notes"),
        Column(name="target_value", kind=Kind.FLOAT),
        _text("category", 100),
    ),
    indexes=_indexes(
        "metrics",
        ("id", "user_id"),
        user_category=("user_id", "category"),
        user_date=("user_id", "date"),
        # The history of one metric.
        user_metric_name_date=("user_id", "metric_name", "date"),
    ),
    created="date",
)

BUSINESS_PLANS = Contract(
    table="business_plans",
    description="Versions of the business plan, one of which may be active.",
    columns=(
        _ID,
        _OWNER,
        _text("name", 255),
        _text("version", 50),
        *map(_text, ("vision", "mission", "value_proposition", "target_market", "revenue_model")),
        *map(_json, ("key_resources", "key_activities", "key_partnerships", "cost_structure")),
        _time("created_at", Rule.UTC),
        _time("updated_at", Rule.UTC),
        Column(name="is_active", kind=Kind.BOOLEAN),
    ),
    indexes=_indexes("business_plans", ("id", "user_id"), user_is_active=("user_id", "is_active")),
)

CONTRACTS = (GOALS, TASKS, DAILY_LOGS, RESEARCH, METRICS, BUSINESS_PLANS)
"""Every contract, parents before their children."""

BY_TABLE = {contract.table: contract for contract in CONTRACTS}
