"""The check ``content``: every kind of difference is found and named, and good data passes."""

import json
import random
import shutil
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets.core.common.idset import IdSet
from bizy_assets.core.contracts.model import Column, Contract, Kind, Rule
from bizy_assets.core.contracts.tables import BY_TABLE, CONTRACTS
from bizy_assets.core.errors import TargetError
from bizy_assets.core.reconcile import remedies
from bizy_assets.core.reconcile.cell_diff import CONTENT, SHOWN, CellDiff, Difference
from bizy_assets.core.reconcile.cells import describe_cells, differing_cells, same_json
from bizy_assets.core.source import reader
from bizy_assets.core.source.snapshot import sha256
from bizy_assets.resources import BizyTarget
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.comparing import compared, last_load
from bizy_assets_tests.support.dagster_history import open_history
from bizy_assets_tests.support.families import first_and_last
from bizy_assets_tests.support.migrations import Migration, only
from bizy_assets_tests.support.roles import administer
from bizy_assets_tests.support.servers import Server

MUTATIONS = 1_000

OTHERS = [contract for contract in CONTRACTS if contract.table not in ("goals", "tasks")]

ODD = "Grüße 👩‍👩‍👧 e\u0301 \u202b שלום\u202c \t\n\\N \\ 'quoted' \"twice\" NULL "
DEEP = "[" * 500 + "]" * 500


def goal(number: int) -> dict[str, Any]:
    """A goal with a value in every column."""
    return {
        "title": f"Goal {number}{ODD}",
        "description": f"Why {number} ",
        "horizon": "quarterly",
        "target_date": f"2025-03-{number % 28 + 1:02} 00:00:00.000000",
        "status": "active",
        "progress_percentage": number / 7,
        "success_criteria": "x" * 300 + str(number),
        "parent_goal_id": max(1, number - 3),
        "created_at": f"2025-03-01 10:00:00.{number:06}",
        "updated_at": f"2025-03-02 10:00:00.{number:06}",
        "metrics": json.dumps({"mrr": number, "notes": ["ä", {"deep": True}]}),
        "project_name": "bizy",
        "repository_path": "/home/u/",
    }


def task(number: int) -> dict[str, Any]:
    """A task with a value in every column."""
    return {
        "title": f"Task {number}",
        "description": ODD * 20 + str(number),
        "priority": number - 20,
        "status": "pending",
        "category": "sales ",
        "estimated_hours": number * 1e300,
        "actual_hours": 0.0,
        "due_date": f"2025-03-26 17:00:{number % 60:02}",
        "created_at": f"2025-10-{number % 28 + 1:02} 10:00:00.{number:06}",
        "completed_at": f"1969-12-31 23:59:59.{number:06}",
        "parent_goal_id": number % 40 + 1,
        "dependencies": f"[{number}, 1.50, 1e2]",
        "notes": "\n",
        "tags": '["urgent", "a\\"b", "gr\\u00f6\\u00dfe"]',
        "project_name": "bizy",
        "repository_path": "/",
    }


def full(contract: Contract, number: int) -> dict[str, Any]:
    """A row of any table with a value in every column."""
    return {
        column.name: value_of(column, number)
        for column in contract.source_columns
        if column.name != "id"
    }


def value_of(column: Column, number: int) -> Any:
    """Returns a value that a column holds in the row of this number only, but for booleans."""
    match column.kind:
        case Kind.INTEGER:
            return number
        case Kind.FLOAT:
            return number / 7
        case Kind.JSON:
            return json.dumps({column.name: [number, "ä"]})
        case Kind.BOOLEAN:
            return number % 2
        case Kind.TIMESTAMP if column.rule is Rule.DAY:
            return bizy_files.day(number * 3)
        case Kind.TIMESTAMP:
            return f"2025-03-02 10:00:00.{number:06}"
        case _:
            # With room for one more.
            return f"{number} {ODD}{column.name}"[: (column.limit or 500) - 1]


@pytest.fixture(scope="module")
def prepared(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """A migrated file with a value in every cell, odd ones among them."""
    folder = tmp_path_factory.mktemp("rich")
    source = bizy_files.make(
        folder / "tasks.db",
        goals=[goal(number) for number in range(1, 41)],
        tasks=[task(number) for number in range(1, 81)],
        **{c.table: [full(c, number) for number in range(1, 41)] for c in OTHERS},
    )
    with pytest.MonkeyPatch.context() as patch, open_history() as instance:
        patch.setenv("BIZY_HOME", str(folder / "home"))
        migration = Migration(server, source, instance, patch)
        migration.prove()
        return migration


@pytest.fixture
def rich(
    server: Server,
    prepared: Migration,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Migration:
    """The prepared migration, in a database of its own."""
    return Migration(server, prepared.source, instance, monkeypatch, template=prepared.database)


@contextmanager
def checking(table: str):
    """Opens what a check opens."""
    target = BizyTarget()
    with target.checking() as connection:
        yield connection, last_load(connection, table)
    target.teardown_after_execution(dg.build_init_resource_context())


def compare(table: str) -> CellDiff:
    with checking(table) as (connection, load):
        return compared(connection, load)


@pytest.mark.exhaustive
def test_psycopg2_compares_the_same_where_no_other_session_can_be_set_up(rich: Migration) -> None:
    role = f"lone_{rich.database}"
    rich.query("UPDATE tasks SET title = 'another', estimated_hours = NULL WHERE id = 7")
    tables = [contract.table for contract in CONTRACTS]
    expected = [compare(table) for table in tables]
    rich.query(f"CREATE ROLE {role} LOGIN PASSWORD 'otter-3141'; GRANT pg_read_all_data TO {role}")
    rich.setenv(DATABASE_URL=rich.server.url(rich.database, role, "otter-3141"))
    with BizyTarget().checking() as connection:
        administer(rich, f"ALTER ROLE {role} CONNECTION LIMIT 1")
        found = [compared(connection, last_load(connection, table)) for table in tables]
    assert [(f.cells, f.wrong) for f in found] == [(f.cells, f.wrong) for f in expected]
    assert sum(f.wrong.count for f in found) == 2
    administer(rich, f"DROP OWNED BY {role}; DROP ROLE {role}")


def differing(found: CellDiff) -> dict[str, set[int]]:
    """Returns where there are differences, by column."""
    return {
        column: set(ids.array().tolist()) for column, ids in found.wrong.ids.items() if len(ids)
    }


def unguarded(migration: Migration, statement: str, *values: object) -> None:
    """Changes the target without its triggers, which foreign keys are."""
    migration.query(f"SET session_replication_role = replica; {statement}", *values)


@pytest.mark.parametrize("table", BY_TABLE)
def test_a_good_table_has_no_differences(rich: Migration, table: str) -> None:
    found = compare(table)
    rows = len(bizy_files.rows(rich.source, table, "id"))
    assert found.rows == rows
    assert found.cells == rows * (len(BY_TABLE[table].columns) - 1)
    assert (found.wrong.count, found.wrong.first, differing(found)) == (0, [], {})


@pytest.mark.migrated
@pytest.mark.usefixtures("migration")
def test_the_samples_orphans_days_and_switch_are_no_differences() -> None:
    assert {table: compare(table).wrong.count for table in BY_TABLE} == dict.fromkeys(BY_TABLE, 0)


def test_an_old_file_without_a_table_and_columns_has_no_differences(migration: Migration) -> None:
    shutil.copy(SAMPLE.with_name("bizy_cli_1.0.2.db"), migration.source)
    bizy_files.change(migration.source, "DROP TABLE goals")
    migration.prove("goals", "tasks")
    assert compare("goals").rows == 0
    assert compare("tasks").wrong.count == 0
    migration.query("UPDATE tasks SET project_name = '' WHERE id = 4")
    assert compare("tasks").wrong.first == [Difference(4, "project_name", "NULL", "''")]


# A change behind the migration's back, and the differences that must be shown, all of them.
CHANGES = {
    "a flipped character": (
        "UPDATE tasks SET title = 'Tesk 7' WHERE id = 7",
        [Difference(7, "title", "'Task 7'", "'Tesk 7'")],
    ),
    "a lost trailing space": (
        "UPDATE tasks SET category = 'sales' WHERE id = 7",
        [Difference(7, "category", "'sales '", "'sales'")],
    ),
    "a character that looks the same": (
        "UPDATE tasks SET title = 'T' || chr(1072) || 'sk 7' WHERE id = 7",
        [Difference(7, "title", "'Task 7'", "'T\\u0430sk 7'")],
    ),
    "empty text for NULL, and NULL for text": (
        "UPDATE goals SET status = NULL, project_name = '' WHERE id = 40",
        [
            Difference(40, "status", "'active'", "NULL"),
            Difference(40, "project_name", "'bizy'", "''"),
        ],
    ),
    "minus zero": (
        "UPDATE tasks SET actual_hours = '-0.0' WHERE id = 1",
        [Difference(1, "actual_hours", "0.0", "-0.0")],
    ),
    "not a number": (
        "UPDATE tasks SET actual_hours = 'NaN' WHERE id = 1",
        [Difference(1, "actual_hours", "0.0", "nan")],
    ),
    "a microsecond": (
        "UPDATE tasks SET completed_at = completed_at + interval '1 microsecond' WHERE id = 9",
        [Difference(9, "completed_at", "1970-01-01 07:59:59.000009", "1970-01-01 07:59:59.000010")],
    ),
    "an hour": (
        "UPDATE goals SET created_at = created_at - interval '1 hour' WHERE id = 3",
        [Difference(3, "created_at", "2025-03-01 10:00:00.000003", "2025-03-01 09:00:00.000003")],
    ),
    "infinite times": (
        "UPDATE tasks SET due_date = 'infinity' WHERE id = 3; "
        "UPDATE tasks SET due_date = '-infinity' WHERE id = 4; "
        "UPDATE tasks SET due_date = '294276-12-31 23:59:59' WHERE id = 5; "
        "UPDATE tasks SET due_date = '4000-01-01 BC' WHERE id = 6",
        [
            Difference(3, "due_date", "2025-03-27 00:00:03.000000", "infinity"),
            Difference(4, "due_date", "2025-03-27 00:00:04.000000", "-infinity"),
            Difference(
                5, "due_date", "2025-03-27 00:00:05.000000", "9223371331199000000 µs since 2000"
            ),
            Difference(6, "due_date", "2025-03-27 00:00:06.000000", "-3999-01-01 00:00:00.000000"),
        ],
    ),
    "a time that the migration leaves out": (
        "UPDATE goals SET completed_at = '2025-10-11 16:21:51.5' WHERE id = 3",
        [Difference(3, "completed_at", "NULL", "2025-10-11 16:21:51.500000")],
    ),
    "a changed JSON value": (
        "UPDATE tasks SET dependencies = '[8, 1.5, 101]' WHERE id = 8",
        [Difference(8, "dependencies", "'[8, 1.50, 1e2]'", "'[8, 1.5, 101]'")],
    ),
    "JSON null for NULL": (
        "UPDATE tasks SET dependencies = 'null' WHERE id = 8",
        [Difference(8, "dependencies", "'[8, 1.50, 1e2]'", "'null'")],
    ),
    "a lost parent": (
        "UPDATE tasks SET parent_goal_id = NULL WHERE id = 2",
        [Difference(2, "parent_goal_id", "3", "NULL")],
    ),
    "a missing row": (
        "DELETE FROM tasks WHERE id IN (1, 80)",
        [Difference(1, "id", "1", "no such row"), Difference(80, "id", "80", "no such row")],
    ),
    "a second row with the same id": (
        "ALTER TABLE tasks DROP CONSTRAINT tasks_pkey; "
        "INSERT INTO tasks SELECT * FROM tasks WHERE id = 80",
        [Difference(80, "id", "80", "several rows")],
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_difference_is_found_and_shown(
    rich: Migration, change: tuple[str, list[Difference]]
) -> None:
    statement, differences = change
    unguarded(rich, statement)
    table = "goals" if " goals " in statement else "tasks"
    found = compare(table)
    assert found.wrong.first == differences
    assert found.wrong.count == len(differences)


def test_a_changed_time_of_the_migration_is_a_difference(rich: Migration) -> None:
    [(loaded_at,)] = rich.query(
        "SELECT loaded_at FROM bizy_migration.loads WHERE table_name = 'tasks'"
    )
    rich.query("UPDATE tasks SET updated_at = updated_at - interval '1 microsecond' WHERE id = 7")
    changed = loaded_at - timedelta(microseconds=1)
    assert compare("tasks").wrong.first == [
        Difference(
            7, "updated_at", f"{loaded_at:%Y-%m-%d %H:%M:%S.%f}", f"{changed:%Y-%m-%d %H:%M:%S.%f}"
        )
    ]


@pytest.mark.migrated
def test_the_time_of_each_load_is_no_difference_and_that_of_another_table_is(
    migration: Migration,
) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET notes = 'new' WHERE id = 3")
    migration.prove("goals", "tasks")
    moments = "SELECT count(DISTINCT updated_at) FROM tasks"
    assert migration.query(moments) == [(2,)]
    assert compare("tasks").wrong.count == 0
    migration.query(
        "UPDATE tasks SET updated_at = (SELECT min(loaded_at) FROM bizy_migration.loads "
        "WHERE table_name = 'goals') WHERE id = 5"
    )
    assert differing(compare("tasks")) == {"updated_at": {5}}


def test_swapped_ids_differ_in_every_cell_that_is_not_the_same(rich: Migration) -> None:
    unguarded(rich, "UPDATE goals SET id = -5 WHERE id = 5; UPDATE goals SET id = 5 WHERE id = 6; "
                    "UPDATE goals SET id = 6 WHERE id = -5")  # fmt: skip
    assert differing(compare("goals")) == {
        column: {5, 6}
        for column in (
            "parent_goal_id", "title", "description", "target_date", "progress_percentage",
            "success_criteria", "created_at", "updated_at", "metrics",
        )
    }  # fmt: skip


def test_a_long_text_is_shown_where_it_differs(rich: Migration) -> None:
    rich.query("UPDATE goals SET success_criteria = repeat('x', 300) || '1.' WHERE id = 1")
    [cell] = compare("goals").wrong.first
    assert cell.source == "…" + repr("x" * 39 + "1")
    assert cell.target == "…" + repr("x" * 39 + "1.")


def test_json_of_the_same_value_is_no_difference(rich: Migration) -> None:
    rich.query("UPDATE tasks SET dependencies = '[ 8.0,15e-1 ,100]' WHERE id = 8")
    rich.query("""UPDATE goals SET metrics = '{"notes":["\\u00e4",{"deep":true}],"mrr":9}'
                  WHERE id = 9""")
    assert compare("tasks").wrong.count == compare("goals").wrong.count == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("[1]", " [ 1.0 ]\n", True),
        ("[100]", "[1e2]", True),
        ("[-0.0]", "[0]", True),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ('["\\u00e4"]', '["ä"]', True),
        ("[12345678901234567890]", "[12345678901234567891]", False),
        ("[0.1]", "[0.10000000000000001]", False),
        ("[1]", "[true]", False),
        ("[0]", "[false]", False),
        ('["1"]', "[1]", False),
        ("[null]", "[]", False),
        ("{}", "[]", False),
        ('[["a", [1]]]', '[{"a": 1}]', False),
        ('{"a": 1, "a": 2}', '{"a": 2}', False),
        ('{"a": 1, "a": 2}', '{"a": 3, "a": 2}', False),
        ("[1e999999999999999999999]", "[1]", False),
        ("[" + "9" * 5_000 + "]", "[" + "9" * 5_000 + ".0]", True),
        ("[" * 100_000 + "]" * 100_000, "[" * 100_000 + " " + "]" * 100_000, False),
    ],
)
def test_json_is_compared_by_value(one: str, other: str, same: bool) -> None:
    assert same_json(one, other) is same


def test_an_integer_that_was_rounded_to_a_float_is_another_value(migration: Migration) -> None:
    """A snapshot that is trusted, as it was loaded without a fault, holds such a number."""
    bizy_files.change(migration.source, "ALTER TABLE tasks DROP estimated_hours")
    bizy_files.change(migration.source, "ALTER TABLE tasks ADD estimated_hours INTEGER")
    bizy_files.change(migration.source, f"UPDATE tasks SET estimated_hours = {2**53}")
    migration.load()
    [(path,)] = migration.query("SELECT DISTINCT snapshot_path FROM bizy_migration.runs")
    Path(path).chmod(0o600)
    statement = f"UPDATE tasks SET estimated_hours = {2**53 + 1} WHERE id = 7"
    bizy_files.change(Path(path), statement)
    digest = sha256(Path(path))
    migration.query("UPDATE bizy_migration.runs SET snapshot_sha256 = %s", digest)
    event = migration.run("verify").checks()["pg_tasks", CONTENT]
    assert event.severity.value == "ERROR"
    assert event.description == (
        f"1 row has a different estimated_hours (id 7). {remedies.for_changed_values()}"
    )
    [shown] = event.metadata["first_differences"].records
    assert (shown.data["source value"], shown.data["target value"]) == (
        "9007199254740993",
        "9007199254740992.0",
    )


def test_two_kinds_of_nan_differ_and_their_bits_are_shown() -> None:
    bits = pa.array([0x7FF8000000000000, 0x7FF8000000000001]).view(pa.float64())
    mask = differing_cells(Kind.FLOAT, bits.slice(0, 1), bits.slice(1))
    assert mask.tolist() == [True]
    assert describe_cells(Kind.FLOAT, bits[0], bits[1]) == (
        "nan (bits 7ff8000000000000)",
        "nan (bits 7ff8000000000001)",
    )


@pytest.mark.parametrize("column", ["created_at", "updated_at"])
def test_a_filled_time_is_held_to_what_was_written_down(migration: Migration, column: str) -> None:
    bizy_files.change(migration.source, f"UPDATE goals SET {column} = NULL WHERE id IN (3, 5)")
    migration.load("goals", "tasks")
    bizy_files.change(migration.source, "UPDATE goals SET title = 'new' WHERE id = 3")
    migration.prove("goals", "tasks")
    assert compare("goals").wrong.count == 0
    migration.query(f"UPDATE goals SET {column} = {column} + interval '1 microsecond' WHERE id = 5")
    assert differing(compare("goals")) == {column: {5}}
    migration.query("DELETE FROM bizy_migration.repairs WHERE table_name = 'goals'")
    assert differing(compare("goals")) == {column: {3, 5}}


@pytest.mark.migrated
def test_an_orphan_given_a_parent_is_a_difference(migration: Migration) -> None:
    [(orphan,)] = migration.query(
        "UPDATE tasks SET parent_goal_id = 1 WHERE id = (SELECT min(row_id) FROM "
        "bizy_migration.repairs WHERE table_name = 'tasks' AND rule = 'orphan_parent') "
        "RETURNING id"
    )
    assert compare("tasks").wrong.first == [Difference(orphan, "parent_goal_id", "NULL", "1")]


@pytest.mark.migrated
def test_the_zone_of_the_load_counts_and_not_the_one_configured_now(migration: Migration) -> None:
    migration.setenv(
        BIZY_SOURCE_TIMEZONE="Asia/Tokyo", BIZY_TASKS_LOCAL_SINCE="2024-01-01T00:00:00Z"
    )
    assert compare("tasks").wrong.count == 0
    migration.query("UPDATE bizy_migration.runs SET zone = 'Asia/Tokyo'")
    assert "completed_at" in differing(compare("tasks"))
    migration.query("UPDATE bizy_migration.runs SET zone = 'America/Los_Angeles', "
                    "tasks_local_since = '2024-01-01'")  # fmt: skip
    assert set(differing(compare("tasks"))) == {"created_at"}


def test_quarantined_rows_and_their_children_are_no_differences(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id IN (1, 149)")
    bizy_files.change(migration.source, "UPDATE goals SET title = '' WHERE id = 1")
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    assert migration.run(asset_selection=only("goals", "tasks")).success
    found = compare("tasks")
    assert (found.rows, found.wrong.count) == (147, 0)
    migration.query("UPDATE tasks SET notes = 'x' WHERE id = 2")
    assert differing(compare("tasks")) == {"notes": {2}}


@pytest.mark.exhaustive
def test_rows_of_others_between_ours_are_passed_over(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=[{"id": n} for n in (-7, 5, 40_000, 90_000)])
    migration.prove("goals", "tasks")
    migration.query(
        "INSERT INTO tasks (id, user_id, title, created_at, updated_at) SELECT number, users.id, "
        "'x', now(), now() FROM users, generate_series(-50, 100000) number ON CONFLICT DO NOTHING"
    )
    assert (compare("tasks").rows, compare("tasks").wrong.count) == (4, 0)
    migration.query("DELETE FROM tasks WHERE id > 5")
    assert differing(compare("tasks")) == {"id": {40_000, 90_000}}
    migration.query("DELETE FROM tasks")
    assert differing(compare("tasks")) == {"id": {-7, 5, 40_000, 90_000}}


@pytest.mark.exhaustive
def test_a_source_whose_rows_do_not_lie_by_id_is_compared(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "BATCH_ROWS", 7)
    migration.source.unlink()
    bizy_files.make(migration.source)
    for table in BY_TABLE:
        bizy_files.change(migration.source, f"DROP TABLE {table}")
        types = {**bizy_files.TYPES[table], "id": "INT NOT NULL"}
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        bizy_files.change(migration.source, f"CREATE TABLE {table} ({columns})")
    order = random.Random(1).sample(range(1, 101), 100)
    for number in order:
        bizy_files.change(
            migration.source, "INSERT INTO tasks (id, title, notes) VALUES (?, 'x', ?)",
            number, str(number),
        )  # fmt: skip
    for number in order[:10]:
        bizy_files.change(
            migration.source, "INSERT INTO daily_logs (id, date) VALUES (?, ?)",
            number, bizy_files.day(number),
        )  # fmt: skip
    migration.prove("goals", "tasks", "daily_logs")
    assert (compare("tasks").rows, compare("tasks").wrong.count) == (100, 0)
    assert (compare("daily_logs").rows, compare("daily_logs").wrong.count) == (10, 0)
    migration.query("UPDATE tasks SET notes = '7 ' WHERE id = 7")
    assert differing(compare("tasks")) == {"notes": {7}}


def mutated(kind: Kind, value: Any, dice: random.Random) -> Any:
    """Returns another value of the same kind, near to the first."""
    match kind:
        case Kind.INTEGER:
            return dice.choice([value + 1, value - 1, -value - 1, None])
        case Kind.FLOAT:
            close = value * (1 + 2**-52) if value else 5e-324
            # As text, since PostgreSQL takes the number -0.0 for zero.
            return dice.choice([repr(close), "NaN", "Infinity", repr(-value), None])
        case Kind.TIMESTAMP if value is None:
            return dice.choice(["infinity", "2025-10-11 16:21:51", "0001-01-01"])
        case Kind.TIMESTAMP:
            step = dice.choice([{"microseconds": 1}, {"hours": -1}, {"days": 1}])
            return value + timedelta(**step)
        case Kind.BOOLEAN:
            return dice.choice([not value, None])
        case Kind.JSON:
            return dice.choice([None, "[]", "null", f"[{value}]"])
        case _:
            place = dice.randrange(len(value))
            flipped = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
            return dice.choice([flipped, value + " ", value[:-1], ""])


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.table)
def test_a_broken_cell_of_every_column_is_found(rich: Migration, contract: Contract) -> None:
    dice = random.Random(contract.table)
    columns = [c for c in contract.columns if c.name not in ("id", "user_id")]
    broken = dict(enumerate(columns, 5))
    for number, column in broken.items():
        [(value,)] = rich.query(
            f"SELECT {_as_text(column)} FROM {contract.table} WHERE id = %s", number
        )
        unguarded(
            rich, f"UPDATE {contract.table} SET {column.name} = %s WHERE id = %s",
            mutated(column.kind, value, dice), number,
        )  # fmt: skip
    assert differing(compare(contract.table)) == {c.name: {n} for n, c in broken.items()}


@pytest.mark.parametrize("seed", [1])
def test_random_changes_of_single_cells_are_all_found(rich: Migration, seed: int) -> None:
    dice = random.Random(seed)
    cells = []
    for contract in CONTRACTS:
        columns = [c for c in contract.columns if c.name not in ("id", "user_id")]
        for row in rich.rows(contract.table, "id", *(_as_text(c) for c in columns)):
            cells += [(contract.table, row[0], c, v) for c, v in zip(columns, row[1:], strict=True)]
    changed: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    statements = []
    for table, number, column, value in dice.sample(cells, MUTATIONS):
        changed[table][column.name].add(number)
        other = mutated(column.kind, value, dice)
        statements.append((f"UPDATE {table} SET {column.name} = %s WHERE id = %s", other, number))
    texts, values = [], []
    for text, *given in statements:
        texts.append(text)
        values += given
    unguarded(rich, "; ".join(texts), *values)
    for table, expected in changed.items():
        found = compare(table)
        assert differing(found) == expected
        names = [column.name for column in BY_TABLE[table].columns]
        assert found.wrong.first == sorted(
            found.wrong.first, key=lambda cell: (cell.id, names.index(cell.column))
        )
        assert len(found.wrong.first) == SHOWN
    outcome = rich.run("verify")
    assert not outcome.success
    told = [outcome.checks()[f"pg_{table}", CONTENT].metadata for table in changed]
    assert sum(metadata["differences"].value for metadata in told) == MUTATIONS


def _as_text(column) -> str:
    return f"{column.name}::text" if column.kind is Kind.JSON else column.name


def is_error(check: dg.AssetCheckEvaluation) -> bool:
    return not check.passed and check.severity is dg.AssetCheckSeverity.ERROR


@pytest.mark.parametrize(
    ("table", "change"),
    first_and_last(
        [
            ("tasks", "description = overlay(description placing '~' from 3 for 1)"),
            ("tasks", "due_date = due_date + interval '1 hour'"),
            ("goals", "progress_percentage = 'NaN'"),
            ("goals", "metrics = '{}'"),
            ("daily_logs", "date = date + interval '1 day'"),
            ("research", "raw_data = '{}'"),
            ("metrics", "value = -value"),
            ("business_plans", "is_active = NOT is_active"),
        ]
    ),
)
def test_verify_fails_and_shows_the_difference(rich: Migration, table: str, change: str) -> None:
    rich.query(f"UPDATE {table} SET {change} WHERE id = 4")
    outcome = rich.run("verify")
    assert not outcome.success
    checks = outcome.checks()
    failed = [key for key, check in checks.items() if is_error(check)]
    assert failed == [(f"pg_{table}", "content")]
    check = checks[f"pg_{table}", "content"]
    column = change.split()[0]
    assert check.description == (
        f"1 row has a different {column} (id 4). {remedies.for_changed_values()}"
    )
    assert check.metadata["differences"].value == 1
    rows = len(bizy_files.rows(rich.source, table, "id"))
    assert check.metadata["cells_compared"].value == rows * (len(BY_TABLE[table].columns) - 1)
    [record] = check.metadata["first_differences"].records
    assert (record.data["id"], record.data["column"]) == (4, column)
    assert record.data["source value"] != record.data["target value"]


@pytest.mark.exhaustive
def test_a_deeply_nested_json_arrives_and_compares(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, tasks=[{"tags": DEEP}])
    migration.prove("goals", "tasks")
    assert compare("tasks").wrong.count == 0


def test_one_moment_is_compared_while_others_write(rich: Migration) -> None:
    with checking("tasks") as (connection, load):
        rich.query("UPDATE tasks SET title = 'later' WHERE id = 4")
        assert compared(connection, load).wrong.count == 0
    assert differing(compare("tasks")) == {"title": {4}}


@pytest.mark.exhaustive
def test_an_older_server_and_a_difficult_password(
    older_server: Server, source: Path, instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration = Migration(older_server, source, instance, monkeypatch)
    password = "p@ss/wörd:?#[]' \\%41&="
    migration.query("CREATE ROLE fussy LOGIN SUPERUSER PASSWORD %s", password)
    url = older_server.url(migration.database, "fussy", password)
    migration.setenv(DATABASE_URL=url)
    assert migration.run(asset_selection=only("goals", "tasks")).success
    assert compare("tasks").wrong.count == 0


def test_a_lost_column_is_named(rich: Migration) -> None:
    rich.query("ALTER TABLE tasks DROP COLUMN project_name")
    with pytest.raises(TargetError, match=r"project_name does not exist.*code 42703"):
        compare("tasks")


# Other accounts cannot enter the folders that pytest makes, once another pytest has started.
@pytest.mark.usefixtures("alone")
def test_an_embedded_server_is_compared_over_its_socket(
    source: Path, instance: Any, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    migration = Migration(server, source, instance, monkeypatch)
    monkeypatch.delenv("DATABASE_URL")
    migration.migrate("goals", "tasks")
    assert compare("tasks").rows == 149


def test_ids_of_all_differences_are_kept_beyond_the_ones_shown(rich: Migration) -> None:
    rich.query("UPDATE tasks SET notes = ''")
    found = compare("tasks")
    assert found.wrong.ids["notes"] == IdSet.of(range(1, 81))
    assert [cell.id for cell in found.wrong.first] == list(range(1, 21))
