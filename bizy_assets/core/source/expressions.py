"""SQL expressions over the values that SQLite stores.

SQLite orders numbers before texts, and texts before blobs; comparing values is three times as
fast as calling ``typeof()``.
"""

import json
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

_EXACT = 2**53
"""Double precision holds every integer up to this one."""

MAX_VALUE_BYTES = 64 * 2**20
"""Largest value that is read; PostgreSQL allows 1 GB, but a load holds several copies of it."""

_LOWEST_TEXT = sa.literal("")
_LOWEST_BLOB: sa.ColumnElement[Any] = sa.literal_column("x''")


def is_number(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return SQL for: the value is stored as an integer or a float."""
    return value < _LOWEST_TEXT


def is_blob(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return SQL for: the value is stored as a blob."""
    return value >= _LOWEST_BLOB


def is_integer(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return SQL for: the value is stored as an integer, not as a float such as 1.0."""
    return sa.func.typeof(value) == "integer"


def is_inexact_integer(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return SQL for: the value is stored as an integer, and no double precision number equals it.

    SQLite compares an integer with a float exactly, also at the ends of its range.
    """
    is_large = sa.not_(value.between(-_EXACT, _EXACT))
    return sa.and_(is_large, is_integer(value), sa.cast(value, sa.REAL) != value)


def is_null(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return SQL for: there is no value, even in a column that was declared NOT NULL since.

    SQLite relies on the declaration and computes ``IS NULL`` as false there.
    """
    return sa.func.typeof(value) == "null"


def is_too_large(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return SQL for: the value has more than ``MAX_VALUE_BYTES``; SQLite need not read it."""
    return sa.func.octet_length(value) > MAX_VALUE_BYTES


def or_size(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return SQL for the value, or for a text with its size if it is too large."""
    size = sa.func.printf("(%d bytes)", sa.func.octet_length(value))
    return sa.case((is_too_large(value), size), else_=value)


def as_text(value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return SQL that converts a number to text with all its digits and leaves other values.

    SQLite stores the JSON text ``0.1`` as a number, and its own cast gives fifteen digits only.
    """
    short = sa.cast(value, sa.Text)
    exact = sa.case(
        (sa.cast(short, sa.REAL) == value, short), else_=sa.func.printf("%!.17g", value)
    )
    number = sa.case((is_integer(value), short), else_=exact)
    return sa.case((is_number(value), number), else_=value)


def number_list(numbers: NDArray[np.integer]) -> sa.Select[Any]:
    """Return a subquery of numbers for ``IN``, however many there are."""
    rows = sa.func.json_each(json.dumps(numbers.tolist())).table_valued("value")
    return sa.select(rows.c.value).correlate(None)
