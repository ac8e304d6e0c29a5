"""The reasons for rejecting a value, and the SQL conditions that find them in SQLite.

SQLite enforces neither the declared type nor the length of a column, so any column can hold any
value.
"""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.contracts import Column, Kind
from bizy_assets.core.source import expressions


class ReasonCode(StrEnum):
    """Reason why PostgreSQL cannot store a value; the code is stored in ``rejected_rows.rule``.

    ``meaning`` explains it to users.
    """

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> "ReasonCode":
        """Create a member from its code and its meaning."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    WRONG_TYPE = (
        "wrong_storage_type",
        "a value of another type than the column has, such as text instead of a number",
    )
    OUT_OF_RANGE = (
        "integer_out_of_range",
        "an integer outside the range of PostgreSQL's integer (-2147483648 to 2147483647)",
    )
    INEXACT = ("integer_not_exact", "an integer that PostgreSQL's double precision would round")
    TOO_LARGE = (
        "value_too_large",
        f"a value of more than {expressions.MAX_VALUE_BYTES >> 20} MiB",
    )
    TOO_LONG = ("text_too_long", "text with more characters than the column allows")
    NUL = ("nul_character", "text with a NUL character, which PostgreSQL cannot store")
    NOT_UTF8 = ("not_utf8", "text that is not valid UTF-8")
    NOT_DATETIME = ("not_a_datetime", "not a datetime such as 2025-12-31 23:59:59.999999")
    OUTSIDE_CALENDAR = (
        "datetime_outside_calendar",
        "a datetime that is not in the years 1 to 9999 in UTC, or a local time on their first or "
        "last day, which some time zone would move out of them",
    )
    NOT_JSON = ("not_json", "not valid JSON")
    JSON_NOT_FINITE = (
        "json_nan_or_infinity",
        "JSON with NaN or Infinity, which are not valid JSON",
    )
    JSON_TOO_DEEP = ("json_too_deep", "JSON nested deeper than PostgreSQL allows")
    NOT_BOOLEAN = ("not_a_boolean", "a boolean other than 0 and 1")
    NULL = ("null_not_allowed", "NULL in a required column")
    NULL_ID = ("null_id", "a row without an id")
    NOT_INTEGER_ID = ("non_integer_id", "an id that is not an integer")
    DUPLICATE_ID = ("duplicate_id", "an id that more than one row has")
    REPEATED = ("repeated_unique_value", "a repeated value in a unique column")
    SKIPPED = ("skipped_id", "a row that the configuration excludes")


INT4 = (-(2**31), 2**31 - 1)

_Conditions = dict[ReasonCode, sa.ColumnElement[bool]]


def violation_conditions(column: Column, value: sa.ColumnElement[Any]) -> _Conditions:
    """Return a SQL condition for each violation that SQLite can detect in a column's value.

    Values that meet the condition ``NOT_JSON`` are only candidates, which
    ``json_grammar.json_violation`` decides.
    """
    if column.name == "id":
        return {
            ReasonCode.NULL_ID: expressions.is_null(value),
            ReasonCode.NOT_INTEGER_ID: sa.and_(
                sa.not_(expressions.is_null(value)), sa.not_(expressions.is_integer(value))
            ),
            ReasonCode.OUT_OF_RANGE: _out_of_range(value),
        }
    result = _conditions_of_kind(column.kind, value)
    if not column.nullable and not column.filled:
        result[ReasonCode.NULL] = expressions.is_null(value)
    return result


def _conditions_of_kind(kind: Kind, value: sa.ColumnElement[Any]) -> _Conditions:
    match kind:
        case Kind.INTEGER:
            wrong_type = sa.func.typeof(value).not_in(["integer", "null"])
            return {
                ReasonCode.WRONG_TYPE: wrong_type,
                ReasonCode.OUT_OF_RANGE: _out_of_range(value),
            }
        case Kind.FLOAT:
            return {
                ReasonCode.WRONG_TYPE: ~expressions.is_number(value),
                ReasonCode.INEXACT: expressions.is_inexact_integer(value),
            }
        case Kind.TEXT:
            others: _Conditions = {}
        case Kind.JSON:
            # SQLite accepts the same grammar as PostgreSQL, but at most 1,000 levels.
            candidate = sa.and_(~expressions.is_blob(value), sa.not_(sa.func.json_valid(value)))
            others = {ReasonCode.NOT_JSON: candidate}
        case Kind.BOOLEAN:
            valid = sa.and_(expressions.is_integer(value), value.in_([0, 1]))
            others = {ReasonCode.NOT_BOOLEAN: sa.and_(~expressions.is_blob(value), sa.not_(valid))}
        case Kind.TIMESTAMP:
            others = {ReasonCode.NOT_DATETIME: expressions.is_number(value)}
    return {ReasonCode.WRONG_TYPE: expressions.is_blob(value), **others}


def _out_of_range(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(sa.not_(value.between(*INT4)), expressions.is_integer(value))
