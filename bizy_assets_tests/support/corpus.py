"""Builders of Bizy databases full of what goes wrong, and of what only looks so.

Both follow the contracts: a new column is broken in every way that its kind can be broken.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bizy_assets.core.contracts.model import Column, Contract, Kind, Rule
from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.core.source.snapshot import Snapshot, sha256
from bizy_assets.core.validation.json_grammar import DEEPEST
from bizy_assets.core.validation.rules import ReasonCode


class Bytes(bytes):
    """Bytes that SQLite stores as text, whether they are UTF-8 or not."""


TYPES = {
    Kind.INTEGER: "INTEGER", Kind.FLOAT: "", Kind.TEXT: "TEXT", Kind.JSON: "JSON",
    Kind.BOOLEAN: "BOOLEAN", Kind.TIMESTAMP: "DATETIME",
}  # fmt: skip
"""A column of floats is declared without a type, since SQLite would make floats of integers."""
GOOD: dict[Kind, Any] = {
    Kind.INTEGER: 1, Kind.FLOAT: 1.5, Kind.TEXT: "plain", Kind.JSON: '{"plain": [1]}',
    Kind.BOOLEAN: 1, Kind.TIMESTAMP: "2025-03-01 10:00:00.000000",
}  # fmt: skip

NOT_UTF8 = [
    Bytes(b"\xff"), Bytes(b"good until \xe2\x82"), Bytes(b"\xed\xa0\x80"), Bytes(b"\xc0\xaf"),
    Bytes(b"\xf4\x90\x80\x80"), Bytes("größer".encode("latin-1")), Bytes(b"\xff\x00"),
]  # fmt: skip
NOT_DATETIMES = [
    1740823200, 1740823200.5, -1, "", " ", "soon", "13/01/2025", "2025-02-30", "2025-02-29",
    "1900-02-29", "2025-04-31", "2025-13-01", "2025-00-10", "2025-01-00", "0000-01-01",
    "2025-1-1", "25-01-01", "20250101", "2025-01-01 ", " 2025-01-01", "2025-01-01\n",
    "2025-01-01 10", "2025-01-01 1:00", "2025-01-01 24:00", "2025-01-01 23:60",
    "2025-01-01 10:00:60", "2025-01-01  10:00", "2025-01-01t10:00", "2025-01-01 10:00:00.",
    "2025-01-01 10:00:00.0000001", "2025-01-01 10:00:00.123456789",
    "2025-01-01 10:00:00.1234560000", "2025-01-01 10:00.5", "2025-01-01 10:00:00,5",
    "2025-01-01 10:00:00+05", "2025-01-01 10:00:00+0530", "2025-01-01 10:0005:30",
    "2025-01-01 10:00:00 Z",
    "2025-01-01 10:00:00z", "2025-01-01 10:00:00+24:00", "2025-01-01 10:00:00+05:60",
    "2025-01-01Z", "2025-01-01T", "2025-01-01 10+05:00", "2025-001", "2025-W01-1", "10:00",
    "now", "infinity", "12025-01-01", "-2025-01-01",
    "\uff12\uff10\uff12\uff15-01-01", "2025\u201101\u201101",
]  # fmt: skip
BEYOND_THE_CALENDAR = [
    "9999-12-31 23:59:59-00:01", "9999-12-31T10:00:00-23:59", "0001-01-01 00:00:00+00:01",
]  # fmt: skip
PERHAPS_BEYOND = [
    "9999-12-31 23:59:59", "9999-12-31 00:00:00.000001", "0001-01-01 00:00:01", "0001-01-01T23:59",
]  # fmt: skip
ALWAYS_UTC = (Rule.UTC, Rule.DAY)
NOT_JSON = [
    "", " ", "{", "[1,]", "[1 2]", "[,1]", '{"a"}', '{"a":}', "{a: 1}", "{'a': 1}", '{"a":1,}',
    "{1: 2}", "[1]]", "]", '"open', '"\t"', '"\n"', '"\x1f"', '"\\x41"', '"\\u12"', '"\\u12g4"',
    "[01]", "[1.]", "[.5]", "[+1]", "0x10", "1e", "--1", "tru", "True", "None", "nan", "undefined",
    "[1] //", "/**/1", "\ufeff[1]", "\x0b[1]", "\xa0[1]", "1 2", "1,2", '["a" "b"]', "[truefalse]",
    "[" * 1500 + "]" * 1499, "[" * 2 * DEEPEST, '{"a":[1,2}]', '"\\', "urgent, important",
]  # fmt: skip
NOT_FINITE = ["NaN", "[Infinity]", '{"a": -Infinity}', '[1, {"b": NaN}]', 9e999, -9e999]
TOO_DEEP = [
    "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), '{"a":' * 2 * DEEPEST + "1" + "}" * 2 * DEEPEST,
]  # fmt: skip
_NO_TEXT = {
    ReasonCode.NOT_UTF8: NOT_UTF8,
    ReasonCode.NUL: ["\0", "a\0b", "[1]\0", '["\0"]', "2025-01-01\0"],
}
FAULTY: dict[Kind, dict[str, list[Any]]] = {
    Kind.INTEGER: {
        ReasonCode.WRONG_TYPE: ["high", "", 2.5, 1e300, Bytes(b"1\x00"), "9" * 30],
        ReasonCode.OUT_OF_RANGE: [2**31, -(2**31) - 1, 2**63 - 1, -(2**63)],
    },
    Kind.FLOAT: {
        ReasonCode.WRONG_TYPE: ["many", "", "1,5", "NaN", "inf", "1.5"],
        ReasonCode.INEXACT: [2**53 + 1, -(2**53) - 1, 10**17 + 1, 2**63 - 1],
    },
    Kind.BOOLEAN: {ReasonCode.NOT_BOOLEAN: [2, -1, 0.5, "true", "", "yes", 2**40]},
    Kind.TEXT: _NO_TEXT,
    Kind.JSON: {
        **_NO_TEXT,
        ReasonCode.NOT_JSON: NOT_JSON,
        ReasonCode.JSON_NOT_FINITE: NOT_FINITE,
        ReasonCode.JSON_TOO_DEEP: TOO_DEEP,
    },
    Kind.TIMESTAMP: {**_NO_TEXT, ReasonCode.NOT_DATETIME: NOT_DATETIMES},
}
"""Besides blobs, which are wrong everywhere."""


@dataclass(frozen=True)
class Fault:
    """A value that the census must find."""

    table: str
    position: int
    column: str
    rule: str
    raw: bytes | None


def faulty_values(column: Column) -> Iterator[tuple[str, Any]]:
    """Yields every way to break a column of a row that is otherwise good, by rule."""
    if column.name == "id":
        yield ReasonCode.NULL_ID, None
        yield from ((ReasonCode.NOT_INTEGER_ID, value) for value in ("seven", 7.5, b"7", ""))
        yield from ((ReasonCode.OUT_OF_RANGE, value) for value in (2**31, -(2**31) - 1, 2**63 - 1))
        return
    if not column.nullable and not column.filled:
        yield ReasonCode.NULL, None
    for value in (b"", b"blob", b"2025-01-01", b"[1]", b"\x00\xff"):
        yield ReasonCode.WRONG_TYPE, value
    for rule, values in FAULTY[column.kind].items():
        yield from ((rule, value) for value in values)
    if column.kind is Kind.TIMESTAMP:
        beyond = [*BEYOND_THE_CALENDAR, *(() if column.rule in ALWAYS_UTC else PERHAPS_BEYOND)]
        yield from ((ReasonCode.OUTSIDE_CALENDAR, value) for value in beyond)
    if column.limit:
        longer = column.limit + 1
        yield from (
            (ReasonCode.TOO_LONG, character * longer) for character in ("x", "😀", "e\u0301")
        )


def faulty(path: Path, contracts: Sequence[Contract] = CONTRACTS) -> set[Fault]:
    """Makes a file with every fault in every column, each between good rows.

    Returns:
        The faults; every row without one is good.
    """
    expected = set()
    with closing(sqlite3.connect(path)) as connection:
        for contract in contracts:
            table = Table(connection, contract)
            for column in contract.source_columns:
                for rule, value in faulty_values(column):
                    expected.add(table.fault({column.name: value}, column.name, rule))
                    table.add({})
                if column.name == "id" or column.unique:
                    expected |= table.twice(column)
            expected |= table.broken_everywhere()
        connection.commit()
    return expected


class Table:
    """A table without any constraint, and rows that are good but for what they are given."""

    def __init__(self, connection: sqlite3.Connection, contract: Contract) -> None:
        self.connection = connection
        self.contract = contract
        self.rows = 0
        columns = ", ".join(f"{c.name} {TYPES[c.kind]}" for c in contract.source_columns)
        connection.execute(f"CREATE TABLE {contract.table} ({columns})")

    def add(self, values: dict[str, Any]) -> int:
        """Adds a row, and returns its rowid."""
        self.rows += 1
        row = {c.name: self._good(c) for c in self.contract.source_columns} | values
        marks = ", ".join("CAST(? AS TEXT)" if type(v) is Bytes else "?" for v in row.values())
        done = self.connection.execute(
            f"INSERT INTO {self.contract.table} ({', '.join(row)}) VALUES ({marks})",
            list(row.values()),
        )
        return int(done.lastrowid or 0)

    def fault(self, values: dict[str, Any], column: str, rule: str) -> Fault:
        position = self.add(values)
        return Fault(self.contract.table, position, column, rule, raw(values[column]))

    def twice(self, column: Column) -> set[Fault]:
        """Adds three rows with one value, which only one may have."""
        rule = ReasonCode.DUPLICATE_ID if column.name == "id" else ReasonCode.REPEATED
        value = {column.name: self._good(column, 1_000_000)}
        return {self.fault(value, column.name, rule) for _ in range(3)}

    def broken_everywhere(self) -> set[Fault]:
        """Adds a row in which every column is broken."""
        wrong = {c.name: next(iter(faulty_values(c))) for c in self.contract.source_columns}
        position = self.add({name: value for name, (_, value) in wrong.items()})
        return {
            Fault(self.contract.table, position, name, rule, raw(value))
            for name, (rule, value) in wrong.items()
        }

    def _good(self, column: Column, number: int | None = None) -> Any:
        number = self.rows if number is None else number
        if column.name == "id":
            return number + 100
        if not column.unique:
            return GOOD[column.kind]
        if column.kind is Kind.TIMESTAMP:
            return datetime.fromtimestamp(number * 86_400 % 2**31, UTC).strftime("%Y-%m-%d")
        return f"value {number}" if column.kind is Kind.TEXT else number


def raw(value: Any) -> bytes | None:
    """Returns what the census must show of a value."""
    match value:
        case None:
            return None
        case bytes():
            return bytes(value)
        case float() if abs(value) == float("inf"):
            return b"Inf" if value > 0 else b"-Inf"
        case float() if value == 1e300:
            return b"1.0e+300"
    # SQLite makes an integer of a text of thirty nines in such a column, and finds it too large.
    return b"1.0e+30" if value == "9" * 30 else str(value).encode()


def as_snapshot(path: Path) -> Snapshot:
    """Takes a file for a snapshot, as it is."""
    return Snapshot(path=path, source=path, sha256=sha256(path), taken_at=datetime.now(UTC))


ODD_TEXTS = [
    "", " ", "  both  ", "trailing ", "\ttab\t", "line\nline\r\nline\r", "\\", "\\N", "\\.", "\\n",
    "NULL", "null", "'", '"', "''; DROP TABLE goals; --", "%s %d {} $1 :name", "😀", "👩‍👩‍👧‍👦",
    "e\u0301", "é", "שלום עולם", "\u202eright to left", "\ufeffmark", "\u200b", "\ufffd",
    "\uffff", "\U0010ffff", "\x01\x1f\x7f\x80\x9f", "東京", "ﬁ", "İı", "0", "007", "1e5", "NaN",
    "2025-02-30", "{", "a,b;c|d", "\u2028\u2029", 5, 2.5, -1, 10**17 + 1,
]  # fmt: skip
ODD_FLOATS = [
    0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308,
    0.1, 1 / 3, 2**53 + 2.0, 1e22, 123456789.12345679, float("inf"), float("-inf"), 7, -(2**53),
    2**53 + 2, 10**18, 2**63 - 1024, -(2**63),
]  # fmt: skip
ODD_INTEGERS = [0, -1, 2**31 - 1, -(2**31)]
ODD_JSON = [
    "[]", "{}", '""', "0", "-0", "1e5", '"text"', "true", " [ 1 ,\t2\r\n] ", '{"a":1,"a":2}',
    '{"":null}', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\/\\b"', '"\x7f\x80"', '"😀"',
    "[1e400]", "[0.1000]", "[123456789012345678901234567890]", '["\\\\N", "\\n"]',
    "[" * 1000 + "]" * 1000, "[" * 1001 + "]" * 1001, "[" * 1500 + "1" + "]" * 1500,
    '{"a":' * 1500 + "1" + "}" * 1500, "[" * DEEPEST + "]" * DEEPEST,
    '{"a":' * DEEPEST + "1" + "}" * DEEPEST, '["]", "[", "{", "}", ",", ":"]', '[[[["NaN"]]]]',
]  # fmt: skip
ODD_TIMES = [
    "2025-03-01", "2024-02-29", "2000-02-29", "1969-07-20 20:17", "1901-01-01 00:00:00.000001",
    "2025-03-01T10:00", "2025-03-01 10:00:01", "2025-03-01 10:00:01.5",
    "2025-03-01 10:00:01.123456", "2025-03-01 10:00:01.123456000", "2025-03-01T10:00:01.1234560Z",
    "2025-03-01 10:00Z", "2025-03-01T10:00:00+05:30", "2025-03-01 10:00-03:30",
    "2025-03-01 10:00:00.25+14:00", "2025-03-01 23:59:59.999999-12:00", "2099-12-31 23:59:59",
    "2025-03-01 10:00:00-00:00", "9999-12-31 23:59:59.999999+00:00", "9999-12-30 23:59:59.999999",
    "0001-01-01 00:00:00Z", "0001-01-02", "9999-12-31 23:59+00:01",
]  # fmt: skip
LAST_DAYS = ["9999-12-31", "0001-01-01 00:00:00"]
LAST_MOMENTS = ["9999-12-31 23:59:59.999999", "0001-01-01 00:00:00.000001"]
ODD = {
    Kind.INTEGER: ODD_INTEGERS, Kind.FLOAT: ODD_FLOATS, Kind.TEXT: ODD_TEXTS, Kind.JSON: ODD_JSON,
    Kind.BOOLEAN: [0, 1], Kind.TIMESTAMP: ODD_TIMES,
}  # fmt: skip


def odd_values(column: Column) -> Iterator[Any]:
    """Yields what a column may hold, however odd."""
    if column.name == "id":
        # The highest integer of all would leave the sequence no next one.
        yield from (0, -1, -(2**31), 2**31 - 2)
        return
    if column.nullable or column.filled:
        yield None
    if column.kind is Kind.TIMESTAMP and column.rule in (*ALWAYS_UTC, Rule.LOCAL_OR_DAY):
        yield from LAST_DAYS
    if column.kind is Kind.TIMESTAMP and column.rule in ALWAYS_UTC:
        yield from LAST_MOMENTS
    if column.limit is None:
        yield from ODD[column.kind]
    else:
        yield from (value for value in ODD[column.kind] if len(str(value)) <= column.limit)
        yield from ("x" * column.limit, "😀" * column.limit, "e\u0301" * (column.limit // 2))


def odd(path: Path, contracts: Sequence[Contract] = CONTRACTS) -> int:
    """Makes a file with every odd value in every column, and returns the number of rows."""
    rows = 0
    with closing(sqlite3.connect(path)) as connection:
        for contract in contracts:
            table = Table(connection, contract)
            for column in contract.source_columns:
                if not column.unique and column.rule.name != "PARENT":
                    for value in odd_values(column):
                        table.add({column.name: value})
            rows += table.rows
        connection.commit()
    return rows
