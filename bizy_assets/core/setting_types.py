"""Types of settings: how a value is parsed, and what a user who set another one reads."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BeforeValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.fields import FieldInfo

from bizy_assets.core.common import IdPolicy, OnBadRow, TriggerPolicy, files
from bizy_assets.core.contracts import BY_TABLE

DEFAULT_TASKS_LOCAL_SINCE = "2025-10-11T16:21:51Z"
"""Release of Bizy's command line 1.1.1, the first to write ``tasks.created_at`` in local time."""


def names(field: FieldInfo) -> list[str]:
    """Return a setting's name in the configuration of a resource, then its variables."""
    choices = field.validation_alias
    return [str(name) for name in choices.choices] if isinstance(choices, AliasChoices) else []


def setting(*names: str, **default: Any) -> Any:  # noqa: ANN401 - of the field's type
    """Declare a setting by its names, of which the first with a value counts, and its default."""
    return Field(validation_alias=AliasChoices(*names), **default)


def expect(expected: str) -> WrapValidator:
    """Describe the expected value to a user who set another one."""

    def check(value: object, validate: ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except (ValueError, OverflowError):
            raise ValueError(f"is {value!r}; set it to {expected}.") from None

    return WrapValidator(check)


def at_most(limit: int, column: str) -> AfterValidator:
    """Limit a text to the characters that a column holds."""

    def check(text: str) -> str:
        if len(text) <= limit:
            return text
        raise ValueError(
            f"is {len(text)} characters long, but {column} holds at most {limit} characters; "
            "choose a shorter one."
        )

    return AfterValidator(check)


def _unknown_columns(listed: str | Collection[str]) -> frozenset[str]:
    """Parse the names of columns to ignore, none of which is ever migrated."""
    texts = listed.split(",") if isinstance(listed, str) else listed
    columns = frozenset(text.strip() for text in texts if text.strip())
    for name in sorted(columns):
        table, _, column = name.partition(".")
        if table not in BY_TABLE or not column:
            raise ValueError(
                f"names {name!r}, which is not a column of one of Bizy's tables "
                f"({', '.join(BY_TABLE)}); write it like tasks.mood."
            )
        if column in {known.name for known in BY_TABLE[table].source_columns}:
            raise ValueError(
                f"names {name}, which is migrated; only columns that bizy-assets does not know "
                "can be ignored, so remove it from the list."
            )
    return columns


def _known_tables(by_table: dict[str, list[int]]) -> dict[str, list[int]]:
    if unknown := [table for table in by_table if table not in BY_TABLE]:
        raise ValueError(
            f"names the table {unknown[0]!r}, but the tables are {', '.join(BY_TABLE)}; correct "
            "the name."
        )
    return by_table


AbsolutePath = Annotated[Path, BeforeValidator(files.resolve)]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(datetime.fromisoformat),
    AfterValidator(lambda instant: instant.astimezone(UTC)),
    expect(f"an instant with its offset, like {DEFAULT_TASKS_LOCAL_SINCE}"),
]
IdsByTable = Annotated[dict[str, list[int]], AfterValidator(_known_tables)]
UnknownColumns = Annotated[frozenset[str], BeforeValidator(_unknown_columns)]
BadRowPolicy = Annotated[OnBadRow, BeforeValidator(str.lower), expect("fail or quarantine")]
IdPolicyName = Annotated[IdPolicy, BeforeValidator(str.lower), expect("keep or move")]
Triggers = Annotated[TriggerPolicy, BeforeValidator(str.lower), expect("refuse, fire or disable")]
Count = Annotated[
    int | None, Field(ge=1), expect("a number of at least 1 (the loaded snapshot is always kept)")
]
UserId = Annotated[
    int | None,
    Field(ge=1, le=2**31 - 1),
    expect("the user's id in the login service (users.id holds 1 to 2147483647)"),
]
DatabaseName = Annotated[
    str,
    Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$"),
    expect("a name of at most 63 lower-case letters, digits and underscores"),
]
Switch = Annotated[bool, expect("true or false")]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False), expect("a number of at least 0")]
