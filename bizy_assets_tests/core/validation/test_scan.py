"""The census finds every value that PostgreSQL cannot hold, and blames no other."""

import json
import re
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bizy_assets.cli import SAMPLE
from bizy_assets.core.common.idset import IdSet
from bizy_assets.core.contracts.model import Column, Contract, Kind, Rule
from bizy_assets.core.contracts.tables import BY_TABLE, CONTRACTS, GOALS, TASKS
from bizy_assets.core.source.reader import BATCH_ROWS, SnapshotTable
from bizy_assets.core.transform.timestamps import parse_times
from bizy_assets.core.validation import quarantine
from bizy_assets.core.validation.json_grammar import DEEPEST, json_violation
from bizy_assets.core.validation.rules import ReasonCode
from bizy_assets.core.validation.scan import scan
from bizy_assets_tests.support import bizy_files, corpus
from bizy_assets_tests.support.corpus import Fault, as_snapshot
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import Server

DAYS = Contract(
    table="days",
    description="A table with what no other has yet.",
    columns=(
        Column(name="id", kind=Kind.INTEGER, nullable=False),
        Column(name="day", kind=Kind.TIMESTAMP, rule=Rule.DAY, nullable=False, unique=True),
        Column(name="name", kind=Kind.TEXT, limit=20, unique=True),
        Column(name="number", kind=Kind.INTEGER, unique=True),
        Column(name="done", kind=Kind.BOOLEAN, nullable=False),
        Column(name="score", kind=Kind.FLOAT, nullable=False),
        Column(name="made_at", kind=Kind.TIMESTAMP, rule=Rule.UTC, nullable=False),
    ),
    indexes=(),
)

ALL = (*CONTRACTS, DAYS)
SLOW = settings(
    deadline=None,
    max_examples=20,
    # Each example is a list of texts, of which a failure shows the bad ones without shrinking.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BY_TABLE, "days", DAYS)


def found(path: Path, contracts: Iterable[Contract] = ALL) -> set[Fault]:
    taken = scan(as_snapshot(path), tuple(contracts))
    return {
        Fault(table, row["rowid"], row["column_name"], row["rule"], row["raw"])
        for table, result in taken.tables.items()
        for row in result.violations.to_pylist()
    }


def test_every_fault_is_found_under_its_own_rule_and_no_good_row_is_blamed(tmp_path: Path) -> None:
    expected = corpus.faulty(tmp_path / "faulty.db", ALL)
    assert len(expected) > 500
    others = {ReasonCode.SKIPPED, ReasonCode.TOO_LARGE}
    assert {fault.rule for fault in expected} == set(ReasonCode) - others
    assert found(tmp_path / "faulty.db") == expected


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no /proc")
def test_a_value_that_is_too_large_is_found_by_its_size_and_never_read(tmp_path: Path) -> None:
    path = bizy_files.make(
        tmp_path / "large.db", tasks=[{"title": "fits"}, {"title": "large", "priority": "high"}]
    )
    size = 200_000_000
    bizy_files.change(path, f"UPDATE tasks SET notes = zeroblob({size}) WHERE title = 'large'")
    code = (
        "import pathlib, re, sys; from bizy_assets.core.contracts.tables import TASKS; "
        "from bizy_assets.core.validation.quarantine import quarantined_rows; "
        "from bizy_assets.core.validation.scan import scan; "
        "from bizy_assets_tests.support.corpus import as_snapshot; "
        "rows = quarantined_rows(scan(as_snapshot(pathlib.Path(sys.argv[1]))), TASKS); "
        "print(rows['rule'][0], rows['raw'][0].as_py().decode(), len(rows), "
        "rows['row'][0].as_py().count('(200000000 bytes)'), "
        "*re.findall(r'VmHWM:\\s+(\\d+) kB', pathlib.Path('/proc/self/status').read_text()))"
    )
    printed = subprocess.check_output([sys.executable, "-c", code, path], cwd=CHECKOUT, text=True)
    *found, peak = printed.split()
    assert found == ["value_too_large", "(200000000", "bytes)", "1", "1"]
    assert int(peak) * 1024 < size


def test_bad_rows_are_counted_and_known_by_id_and_position(tmp_path: Path) -> None:
    expected = corpus.faulty(tmp_path / "faulty.db")
    taken = scan(as_snapshot(tmp_path / "faulty.db"))
    assert taken.violation_count == len(expected)
    with closing(sqlite3.connect(tmp_path / "faulty.db")) as connection:
        for table, result in taken.tables.items():
            positions = {fault.position for fault in expected if fault.table == table}
            assert result.rejected_rowids.tolist() == sorted(positions)
            assert sum(result.counts.values()) == result.violations.num_rows
            ids = dict(connection.execute(f"SELECT rowid, id FROM {table}"))
            assert len(ids) == result.rows
            for row in result.violations.to_pylist():
                true = ids[row["rowid"]]
                assert row["row_id"] == (true if isinstance(true, int) else None)


def test_a_table_reads_without_its_bad_rows(tmp_path: Path) -> None:
    corpus.faulty(tmp_path / "faulty.db")
    snapshot = as_snapshot(tmp_path / "faulty.db")
    for table, result in scan(snapshot).tables.items():
        rest = SnapshotTable(snapshot, BY_TABLE[table], without=result.rejected_rowids)
        rows = pa.Table.from_batches(list(rest.batches()))
        rows.validate(full=True)
        assert rows.num_rows == result.rows - len(result.rejected_rowids)


@pytest.mark.parametrize("sample", ["bizy_cli_mixed", "bizy_cli_1.0.2"])
def test_the_samples_are_good(sample: str) -> None:
    assert found(SAMPLE.with_name(f"{sample}.db"), CONTRACTS) == set()


def test_a_file_without_rows_or_tables_is_good(tmp_path: Path) -> None:
    assert found(bizy_files.make(tmp_path / "empty.db"), CONTRACTS) == set()
    bizy_files.change(tmp_path / "empty.db", "DROP TABLE tasks")
    taken = scan(as_snapshot(tmp_path / "empty.db"))
    assert taken.tables["tasks"].rows == 0


def test_two_texts_of_one_time_are_the_same_unique_value(tmp_path: Path) -> None:
    path = tmp_path / "days.db"
    with closing(sqlite3.connect(path)) as connection:
        table = corpus.Table(connection, DAYS)
        texts = ["2025-03-01", "2025-03-01T00:00Z", "2025-03-01 05:30:00.0+05:30", "2025-03-02"]
        positions = [table.add({"day": text}) for text in texts]
        connection.commit()
    blamed = {(fault.position, fault.rule) for fault in found(path, [DAYS])}
    assert blamed == {(position, ReasonCode.REPEATED) for position in positions[:3]}


def test_unique_text_tells_case_apart_where_the_column_ignores_it(tmp_path: Path) -> None:
    path = tmp_path / "days.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE days (id, day, name TEXT COLLATE NOCASE, number, done, score, made_at)"
        )
        connection.execute("INSERT INTO days VALUES (1, '2025-03-01', 'a', 1, 1, 1.0, NULL)")
        connection.execute("INSERT INTO days VALUES (2, '2025-03-02', 'A', 2, 1, 1.0, NULL)")
        connection.commit()
    assert found(path, [DAYS]) == set()


def test_a_column_declared_without_type_is_judged_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "days.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE days (id, day, name, number, done, score, made_at)")
        rows = [
            (1, "2025-03-01", 5, 1, 1, 3, None),
            (2.0, "2025-03-02", -1.2345678901234567e-300, "2", 1.0, "1.5", 20250301),
        ]
        connection.executemany("INSERT INTO days VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.commit()
    assert {(fault.position, fault.column, fault.rule) for fault in found(path, [DAYS])} == {
        (2, "id", ReasonCode.NOT_INTEGER_ID),
        (2, "name", ReasonCode.TOO_LONG),
        (2, "number", ReasonCode.WRONG_TYPE),
        (2, "done", ReasonCode.NOT_BOOLEAN),
        (2, "score", ReasonCode.WRONG_TYPE),
        (2, "made_at", ReasonCode.NOT_DATETIME),
    }


@pytest.mark.parametrize("type_", ["", "INTEGER", "NUMERIC", "TEXT", "FLOAT"])
def test_an_integer_that_no_double_equals_is_a_fault_unless_sqlite_stores_a_float(
    tmp_path: Path, type_: str
) -> None:
    near = [sign * 2**n for n in range(12) for sign in (1, -1)]
    powers = [sign * 2**n for n in range(52, 64) for sign in (1, -1)]
    values = [
        value
        for power in powers
        for offset in near
        for value in range(power + offset - 1, power + offset + 2)
        if -(2**63) <= value < 2**63
    ]
    path = tmp_path / "numbers.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE goals (id, title, progress_percentage {type_})")
        rows = [(number, "x", value) for number, value in enumerate(values, 1)]
        connection.executemany("INSERT INTO goals VALUES (?, ?, ?)", rows)
        connection.commit()
    expected = {
        (number, ReasonCode.WRONG_TYPE if type_ == "TEXT" else ReasonCode.INEXACT)
        for number, value in enumerate(values, 1)
        if type_ == "TEXT" or (type_ != "FLOAT" and int(float(value)) != value)
    }
    assert {(fault.position, fault.rule) for fault in found(path, [GOALS])} == expected


@pytest.mark.parametrize("names", [["rowid"], ["OID", "RowId"], ["oid", "_rowid_"]])
def test_no_column_shadows_the_number_of_a_row(tmp_path: Path, names: list[str]) -> None:
    path = bizy_files.make(
        tmp_path / "tasks.db", tasks=[{}, {"priority": "high"}, {}, {"id": None}]
    )
    for name in names:
        bizy_files.change(path, f"ALTER TABLE tasks ADD {name} DEFAULT 2")
    bizy_files.change(path, "UPDATE tasks SET notes = CAST(x'ff' AS TEXT) WHERE id = 3")
    snapshot = as_snapshot(path)
    result = scan(snapshot)
    assert result.tables["tasks"].rejected_rowids.tolist() == [2, 3]
    assert result.valid_ids(TASKS) == IdSet.of([1, 4])
    assert result.without({"tasks": [4]}).valid_ids(TASKS) == IdSet.of([1])
    rows = quarantine.quarantined_rows(result, TASKS)
    assert [json.loads(row)["id"] for row in rows["row"].to_pylist()] == [2, 3]


def test_faults_beyond_the_first_batch_are_found(tmp_path: Path) -> None:
    path, last = tmp_path / "long.db", BATCH_ROWS * 2
    with closing(sqlite3.connect(path)) as connection:
        table = corpus.Table(connection, GOALS)
        for _ in range(last):
            table.add({})
        expected = {
            table.fault({"title": corpus.Bytes(b"\xff")}, "title", ReasonCode.NOT_UTF8),
            table.fault({"title": b"blob"}, "title", ReasonCode.WRONG_TYPE),
            table.fault({"created_at": 5}, "created_at", ReasonCode.NOT_DATETIME),
            table.fault({"horizon": "x" * 51}, "horizon", ReasonCode.TOO_LONG),
        }
        corpus.Table(connection, TASKS)
        connection.commit()
    assert found(path, CONTRACTS) == expected


def test_what_is_odd_but_good_has_no_finding(tmp_path: Path) -> None:
    corpus.odd(tmp_path / "odd.db", ALL)
    assert found(tmp_path / "odd.db") == set()


def test_what_clients_could_not_read_is_rejected_and_the_last_date_arrives(
    migration: Migration,
) -> None:
    migration.source.unlink()
    days = ["9999-12-31 23:59:59", "9999-12-31", "0001-01-01 00:00:01"]
    bizy_files.make(migration.source, tasks=[{"due_date": day} for day in days])
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    migration.prove("goals", "tasks")
    assert migration.rows("tasks", "id", "due_date") == [(2, datetime(9999, 12, 31))]
    assert migration.query(
        "SELECT row_id, column_name, rule FROM bizy_migration.rejected_rows ORDER BY 1"
    ) == [(number, "due_date", "datetime_outside_calendar") for number in (1, 3)]


@pytest.mark.usefixtures("_sparse_ids")
def test_what_is_odd_but_good_arrives_to_the_last_bit(migration: Migration) -> None:
    migration.source.unlink()
    rows = corpus.odd(migration.source)
    migration.setenv(BIZY_SOURCE_TIMEZONE="UTC")
    migration.prove()
    compared = 0
    for contract in CONTRACTS:
        kinds = {c.name: c.kind for c in contract.source_columns}
        exact = [n for n, kind in kinds.items() if kind is not Kind.JSON]
        exact += [f"CAST({n} AS TEXT) AS {n}" for n, kind in kinds.items() if kind is Kind.JSON]
        arrived = migration.rows(contract.table, *exact)
        names = [name.rpartition(" ")[2] for name in exact]
        written = bizy_files.rows(migration.source, contract.table, *names)
        for before, after in zip(written, arrived, strict=True):
            for name, value, result in zip(names, before, after, strict=True):
                column = contract.column(name)
                assert column is not None
                if value is not None or not column.filled:
                    assert bits(result) == bits(target(value, column)), (name, before[0])
            compared += 1
    assert compared == rows


def target(value: Any, column: Column) -> Any:
    """Returns what a value of the odd corpus is in PostgreSQL; its times are in UTC."""
    if value is None or column.rule is Rule.PARENT:
        return None
    match column.kind:
        case Kind.FLOAT:
            return float(value)
        case Kind.JSON:
            return None if value == "null" else as_sqlite_text(value)
        case Kind.TEXT:
            return as_sqlite_text(value)
        case Kind.TIMESTAMP:
            return instant(value)
    return value


def as_sqlite_text(value: Any) -> str:
    with closing(sqlite3.connect(":memory:")) as connection:
        return str(connection.execute("SELECT CAST(? AS TEXT)", [value]).fetchone()[0])


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def bits(value: Any) -> Any:
    return struct.pack("d", value) if isinstance(value, float) else value


@pytest.fixture(scope="session")
def database(server: Server) -> Any:
    connection = server.connect()
    connection.cursor().execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


def blamed_in(path: Path, column: str, texts: list[str]) -> set[int]:
    """Returns which texts the census blames in a column that changes no text."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE goals (id INTEGER PRIMARY KEY, title, {column} TEXT)")
        connection.executemany("INSERT INTO goals VALUES (?, 'x', ?)", enumerate(texts))
        connection.commit()
    return {fault.position for fault in found(path, [GOALS])}


_scalars = st.sampled_from(
    ["1", "-0", "0.5", "1e5", "1E-3", "true", "false", "null", '""', '"a"', '"\\n"', '"\\ud800"',
     '"\\u0000"', '"é"', "[]", "{}", "01", "1.", "-", "NaN", "-Infinity", "'a'", '"\\x"', '"\t"']
)  # fmt: skip
_json_texts = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: "[" + ", ".join(parts) + "]"),
        st.lists(inner, max_size=3).map(
            lambda parts: "{" + ",".join(f'"{n}": {part}' for n, part in enumerate(parts)) + "}"
        ),
        st.tuples(inner, st.sampled_from('[]{},:" \\\t\x0bx0.e')).map("".join),
    ),
    max_leaves=8,
)
_any_text = st.text(
    st.one_of(
        st.sampled_from('[]{}:,"\\ \t\n\r0123456789.eE+-truefalsnuNaIity/*\x01\x7f'),
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    ),
    max_size=12,
)


@SLOW
@given(texts=st.lists(st.one_of(_json_texts, _any_text), min_size=50, max_size=200))
def test_json_is_good_where_postgresql_takes_it(
    tmp_path: Path, database: Any, texts: list[str]
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_input_is_valid(x, 'json') FROM unnest(%s) WITH ORDINALITY AS t (x, n) "
            "ORDER BY n",
            [texts],
        )
        refused = {n for n, (valid,) in enumerate(cursor.fetchall()) if not valid}
    assert blamed_in(tmp_path / "json.db", "metrics", texts) == refused
    alone = {n for n, text in enumerate(texts) if json_violation(text.encode())}
    assert alone == refused


@pytest.mark.parametrize("which", ["server", "older_server"])
@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_json_as_deep_as_the_census_allows_is_taken_by_postgresql(
    request: pytest.FixtureRequest, which: str, open_: str, close: str
) -> None:
    levels = DEEPEST // (open_.count("[") + open_.count("{"))
    deepest = open_ * levels + "1" + close * levels
    assert json_violation(deepest.encode()) is None
    connection = request.getfixturevalue(which).connect()
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS json) IS NOT NULL", [deepest])
        with pytest.raises(psycopg2.errors.StatementTooComplex):
            cursor.execute("SELECT CAST(%s AS json)", [open_ * 50_000 + "1" + close * 50_000])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, ReasonCode.NOT_JSON),
        ("[" * 100_000 + "]" * 100_000, ReasonCode.JSON_TOO_DEEP),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, ReasonCode.JSON_TOO_DEEP),
    ],
)
def test_json_of_any_depth_is_examined(tmp_path: Path, text: str, reason: ReasonCode) -> None:
    assert json_violation(text.encode()) == reason
    assert blamed_in(tmp_path / "json.db", "metrics", [text]) == {0}


_two = st.integers(0, 61).map("{:02}".format)
_datetime_texts = st.builds(
    lambda *parts: "".join(parts),
    st.one_of(
        st.dates().map(str),
        st.builds("{:04}-{:02}-{:02}".format, st.integers(0, 9999), st.integers(0, 13),
                  st.integers(0, 32)),
        st.builds("{}-02-29".format, st.integers(1000, 9999)),
    ),
    st.sampled_from([" ", "T", " ", "T", "", "t", "  "]),
    st.one_of(
        st.times().map(lambda t: t.isoformat()),
        st.builds("{}:{}".format, _two, _two),
        st.builds("{}:{}:{}".format, _two, _two, _two),
        st.sampled_from(["", "10", "10:00", "10:00:00.1", "10:00:00.123456000"]),
        st.builds("10:00:00.{}".format, st.from_regex(r"[0-9]{1,10}", fullmatch=True)),
    ),
    st.one_of(
        st.sampled_from(["", "", "", "Z", "+05", "+0530", " Z", "z", "-00:00", "\n"]),
        st.builds("{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 15),
                  st.integers(0, 60)),
    ),
)  # fmt: skip
_FORM = re.compile(
    r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6}|\.\d{6}0{1,3})?)?(Z|[+-]\d\d:[0-5]\d)?)?",
    re.ASCII,
)


def is_datetime(text: str) -> bool:
    """Judges a datetime by its form and Python's calendar and clock."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return bool(_FORM.fullmatch(text))


@SLOW
@given(texts=st.lists(_datetime_texts, min_size=50, max_size=200))
def test_datetimes_are_those_of_python_and_mean_what_postgresql_reads(
    tmp_path: Path, database: Any, texts: list[str]
) -> None:
    blamed = blamed_in(tmp_path / "times.db", "created_at", texts)
    assert blamed == {n for n, text in enumerate(texts) if not is_datetime(text)}
    good = [text for n, text in enumerate(texts) if n not in blamed]
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(extract(epoch FROM CAST(x AS timestamptz)) * 1000000 AS bigint) "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS t (x, n) ORDER BY n",
            [good],
        )
        read = [value for (value,) in cursor.fetchall()]
    assert parse_times(pa.array(good, pa.string())).value.tolist() == read


def test_the_source_reader_is_the_same_for_numbers_in_texts(tmp_path: Path) -> None:
    path = tmp_path / "numbers.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE goals (id INTEGER PRIMARY KEY, title, metrics JSON)")
        values = [5, 0.1 + 0.2, 10**18 + 1, 1e300, "007"]
        rows = [(n, value, value) for n, value in enumerate(values)]
        connection.executemany("INSERT INTO goals VALUES (?, ?, ?)", rows)
        connection.commit()
    table = pa.Table.from_batches(list(SnapshotTable(as_snapshot(path), GOALS).batches()))
    assert table["title"].to_pylist() == [
        "5", "0.30000000000000004", "1000000000000000001", "1.0e+300", "007",
    ]  # fmt: skip
