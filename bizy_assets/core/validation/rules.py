"""The faults that a value of the source can have, and those of them that SQLite itself can see.

A fault is something that the target cannot hold. SQLite enforces neither the declared type nor
the length of a column, so any value may stand anywhere.

The conditions compare rather than ask ``typeof()``, which is a function call per value and
three times as slow: SQLite orders numbers before texts, and texts before blobs.
"""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.contracts import Column, Kind
from bizy_assets.core.source import LOWEST_BLOB, LOWEST_TEXT, is_blob, is_integer, is_number


class ReasonCode(StrEnum):
    """Reasons for which a value cannot be loaded; the member's value is stored in PostgreSQL."""

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> "ReasonCode":
        """Attach the explanation that users read."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    WRONG_TYPE = ("wrong_storage_type", "a storage class that the column's type cannot take")
    OUT_OF_RANGE = (
        "integer_out_of_range",
        "an integer beyond PostgreSQL's integer (-2147483648 to 2147483647)",
    )
    TOO_LONG = ("text_too_long", "a text of more characters than the column takes")
    NUL = ("nul_character", "a text with a NUL character, which PostgreSQL cannot store")
    NOT_UTF8 = ("not_utf8", "a text whose bytes are not UTF-8")
    NOT_DATETIME = ("not_a_datetime", "not a datetime like 2025-12-31 23:59:59.999999")
    NOT_JSON = ("not_json", "not JSON")
    JSON_NOT_FINITE = (
        "json_nan_or_infinity",
        "JSON but for NaN or Infinity, which JSON does not have",
    )
    JSON_TOO_DEEP = ("json_too_deep", "JSON nested deeper than PostgreSQL takes")
    NOT_BOOLEAN = ("not_a_boolean", "a boolean other than 0 and 1")
    NULL = ("null_not_allowed", "no value, where one is required")
    NULL_ID = ("null_id", "a row without id")
    NOT_INTEGER_ID = ("non_integer_id", "an id that is not an integer")
    DUPLICATE_ID = ("duplicate_id", "an id that several rows have")
    REPEATED = ("repeated_unique_value", "a value that only one row may have, and several do")
    SKIPPED = ("skipped_id", "a row that the configuration says to leave out")


INT4 = (-(2**31), 2**31 - 1)


_Conditions = dict[str, sa.ColumnElement[bool]]


def violation_conditions(column: Column, value: sa.ColumnElement[Any]) -> _Conditions:
    """Returns for each fault that SQLite can see the condition under which a value has it.

    Args:
        column: The column of the contract.
        value: Its value in SQL.

    Under ``NOT_JSON`` come values that still have to be judged by ``jsons``.
    """
    if column.name == "id":
        return _of_id(value)
    result = _OF_KIND[column.kind](value)
    if not column.nullable and not column.filled:
        result[ReasonCode.NULL] = value.is_(None)
    return result


def _of_id(value: sa.ColumnElement[Any]) -> _Conditions:
    return {
        ReasonCode.NULL_ID: value.is_(None),
        ReasonCode.NOT_INTEGER_ID: sa.and_(value.is_not(None), sa.not_(is_integer(value))),
        ReasonCode.OUT_OF_RANGE: _out_of_range(value),
    }


def _of_integer(value: sa.ColumnElement[Any]) -> _Conditions:
    return {
        ReasonCode.WRONG_TYPE: sa.func.typeof(value).not_in(["integer", "null"]),
        ReasonCode.OUT_OF_RANGE: _out_of_range(value),
    }


def _out_of_range(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(sa.not_(value.between(*INT4)), is_integer(value))


def _of_float(value: sa.ColumnElement[Any]) -> _Conditions:
    return {ReasonCode.WRONG_TYPE: value >= LOWEST_TEXT}


def _of_text(value: sa.ColumnElement[Any]) -> _Conditions:
    return {ReasonCode.WRONG_TYPE: is_blob(value)}


def _of_json(value: sa.ColumnElement[Any]) -> _Conditions:
    # SQLite takes the same grammar as PostgreSQL, but no more than 1,000 levels.
    doubtful = sa.and_(value < LOWEST_BLOB, sa.not_(sa.func.json_valid(value)))
    return {ReasonCode.WRONG_TYPE: is_blob(value), ReasonCode.NOT_JSON: doubtful}


def _of_boolean(value: sa.ColumnElement[Any]) -> _Conditions:
    whole = sa.and_(is_integer(value), value.in_([0, 1]))
    return {
        ReasonCode.WRONG_TYPE: is_blob(value),
        ReasonCode.NOT_BOOLEAN: sa.and_(value < LOWEST_BLOB, sa.not_(whole)),
    }


def _of_timestamp(value: sa.ColumnElement[Any]) -> _Conditions:
    return {ReasonCode.WRONG_TYPE: is_blob(value), ReasonCode.NOT_DATETIME: is_number(value)}


_OF_KIND = {
    Kind.INTEGER: _of_integer,
    Kind.FLOAT: _of_float,
    Kind.TEXT: _of_text,
    Kind.JSON: _of_json,
    Kind.BOOLEAN: _of_boolean,
    Kind.TIMESTAMP: _of_timestamp,
}
