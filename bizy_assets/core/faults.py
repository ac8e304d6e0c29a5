"""The faults that a value of the source can have, and those of them that SQLite itself can see.

A fault is something that the target cannot hold. SQLite enforces neither the declared type nor
the length of a column, so any value may stand anywhere.

The conditions compare rather than ask ``typeof()``, which is a function call per value and
three times as slow: SQLite orders numbers before texts, and texts before blobs.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.contracts import Column, Kind

WRONG_TYPE = "wrong_storage_type"
OUT_OF_RANGE = "integer_out_of_range"
TOO_LONG = "text_too_long"
NUL = "nul_character"
NOT_UTF8 = "not_utf8"
NOT_DATETIME = "not_a_datetime"
NOT_JSON = "not_json"
JSON_NOT_FINITE = "json_nan_or_infinity"
JSON_TOO_DEEP = "json_too_deep"
NOT_BOOLEAN = "not_a_boolean"
NULL = "null_not_allowed"
NULL_ID = "null_id"
NOT_INTEGER_ID = "non_integer_id"
DUPLICATE_ID = "duplicate_id"
REPEATED = "repeated_unique_value"
SKIPPED = "skipped_id"

FAULTS: Mapping[str, str] = {
    WRONG_TYPE: "a storage class that the column's type cannot take",
    OUT_OF_RANGE: "an integer beyond PostgreSQL's integer (-2147483648 to 2147483647)",
    TOO_LONG: "a text of more characters than the column takes",
    NUL: "a text with a NUL character, which PostgreSQL cannot store",
    NOT_UTF8: "a text whose bytes are not UTF-8",
    NOT_DATETIME: "not a datetime like 2025-12-31 23:59:59.999999",
    NOT_JSON: "not JSON",
    JSON_NOT_FINITE: "JSON but for NaN or Infinity, which JSON does not have",
    JSON_TOO_DEEP: "JSON nested deeper than PostgreSQL takes",
    NOT_BOOLEAN: "a boolean other than 0 and 1",
    NULL: "no value, where one is required",
    NULL_ID: "a row without id",
    NOT_INTEGER_ID: "an id that is not an integer",
    DUPLICATE_ID: "an id that several rows have",
    REPEATED: "a value that only one row may have, and several do",
    SKIPPED: "a row that the configuration says to leave out",
}
"""Every fault, and what it means to a reader; the last is none of the value's own."""

INT4 = (-(2**31), 2**31 - 1)

_Conditions = dict[str, sa.ColumnElement[bool]]

_LOWEST_TEXT = sa.literal("")
_LOWEST_BLOB: sa.ColumnElement[Any] = sa.literal_column("x''")


def is_number(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Says in SQL that a value is stored as a number."""
    return value < _LOWEST_TEXT


def is_blob(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Says in SQL that a value is stored as a blob."""
    return value >= _LOWEST_BLOB


def is_integer(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Says in SQL that a value is stored as an integer; a whole float is none."""
    return sa.func.typeof(value) == "integer"


def conditions(column: Column, value: sa.ColumnElement[Any]) -> _Conditions:
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
        result[NULL] = value.is_(None)
    return result


def _of_id(value: sa.ColumnElement[Any]) -> _Conditions:
    return {
        NULL_ID: value.is_(None),
        NOT_INTEGER_ID: sa.and_(value.is_not(None), sa.not_(is_integer(value))),
        OUT_OF_RANGE: _out_of_range(value),
    }


def _of_integer(value: sa.ColumnElement[Any]) -> _Conditions:
    return {
        WRONG_TYPE: sa.func.typeof(value).not_in(["integer", "null"]),
        OUT_OF_RANGE: _out_of_range(value),
    }


def _out_of_range(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(sa.not_(value.between(*INT4)), is_integer(value))


def _of_float(value: sa.ColumnElement[Any]) -> _Conditions:
    return {WRONG_TYPE: value >= _LOWEST_TEXT}


def _of_text(value: sa.ColumnElement[Any]) -> _Conditions:
    return {WRONG_TYPE: is_blob(value)}


def _of_json(value: sa.ColumnElement[Any]) -> _Conditions:
    # SQLite takes the same grammar as PostgreSQL, but no more than 1,000 levels.
    doubtful = sa.and_(value < _LOWEST_BLOB, sa.not_(sa.func.json_valid(value)))
    return {WRONG_TYPE: is_blob(value), NOT_JSON: doubtful}


def _of_boolean(value: sa.ColumnElement[Any]) -> _Conditions:
    whole = sa.and_(is_integer(value), value.in_([0, 1]))
    return {WRONG_TYPE: is_blob(value), NOT_BOOLEAN: sa.and_(value < _LOWEST_BLOB, sa.not_(whole))}


def _of_timestamp(value: sa.ColumnElement[Any]) -> _Conditions:
    return {WRONG_TYPE: is_blob(value), NOT_DATETIME: is_number(value)}


_OF_KIND = {
    Kind.INTEGER: _of_integer,
    Kind.FLOAT: _of_float,
    Kind.TEXT: _of_text,
    Kind.JSON: _of_json,
    Kind.BOOLEAN: _of_boolean,
    Kind.TIMESTAMP: _of_timestamp,
}
