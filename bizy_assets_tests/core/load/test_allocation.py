"""Ids of a source: kept, moved, and what happens when both sides use the same one."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bizy_assets.core import pipeline
from bizy_assets.core.common import IdPolicy
from bizy_assets.core.errors import BizyError, ConflictError
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.pipelines import Pipeline
from bizy_assets_tests.support.servers import Server


@pytest.fixture
def target(server: Server, tmp_path: Path) -> Iterator[Pipeline]:
    with Pipeline.in_new_database(server, tmp_path / "home") as target:
        yield target


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.db"
    bizy_files.make(
        path,
        goals=[{"id": 1}, {"id": 2, "parent_goal_id": 1}],
        tasks=[{"id": n, "parent_goal_id": 1 + n % 2, "dependencies": "[]"} for n in range(1, 6)],
    )
    return path


def add(file: Path, table: str, **values: object) -> int:
    """Adds a row as the command line does, with the id after the highest one."""
    row = {**bizy_files.PLAIN[table], **values}
    columns = ", ".join(row)
    with closing(sqlite3.connect(file)) as connection, connection:
        places = ", ".join("?" * len(row))
        statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"
        return int(connection.execute(statement, list(row.values())).lastrowid or 0)


def add_in_web(target: Pipeline, table: str, title: str, **values: object) -> int:
    """Adds a row as the web backend does, with the id of the sequence."""
    row = {"user_id": 1, "title": title, **values}
    columns = ", ".join([*row, "created_at", "updated_at"])
    places = ", ".join(["%s"] * len(row))
    [(number,)] = target.query(
        f"INSERT INTO {table} ({columns}) VALUES ({places}, now(), now()) RETURNING id",
        *row.values(),
    )
    return int(number)


def test_web_and_command_line_each_add_a_task_and_a_goal(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    for number in range(3):
        goal = add(file, "goals", title=f"file {number}")
        task = add(file, "tasks", title=f"file {number}", parent_goal_id=goal)
        depends = json.dumps([task, 1])
        child = add(file, "tasks", title=f"child {number}", dependencies=depends)
        web_goal = add_in_web(target, "goals", f"web {number}")
        web_task = add_in_web(target, "tasks", f"web {number}", parent_goal_id=web_goal)
        web_rows = [
            target.query(f"SELECT {table}.*, xmin::text FROM {table} WHERE title LIKE 'web%%'")
            for table in ("goals", "tasks")
        ]
        loaded = target.migrate(file)
        assert loaded.errors == []
        if not number:
            # Both sides took the next free id.
            assert (web_goal, web_task) == (goal, task)
            assert loaded.loads["goals"].renumbered.endswith(f"in Bizy {goal}")
            assert f"in Bizy {task}" in loaded.loads["tasks"].renumbered
        assert web_rows == [
            target.query(f"SELECT {table}.*, xmin::text FROM {table} WHERE title LIKE 'web%%'")
            for table in ("goals", "tasks")
        ]
        ids = dict(target.query("SELECT title, id FROM tasks WHERE title <> 'Call'"))
        goals = dict(target.query("SELECT title, id FROM goals WHERE title <> 'Grow'"))
        assert len(ids) == 3 * (number + 1)
        rows = target.query(
            "SELECT title, parent_goal_id, dependencies::text FROM tasks "
            "WHERE title IN (%s, %s) ORDER BY title DESC",
            f"file {number}",
            f"child {number}",
        )
        assert rows == [
            (f"file {number}", goals[f"file {number}"], None),
            (f"child {number}", None, f"[{ids[f'file {number}']}, 1]"),
        ]
        assert child
        assert target.migrate(file).inserted == 0


def test_the_backend_gets_no_id_that_a_later_table_needs(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    task, web = add(file, "tasks", title="file"), []
    loaded = target.migrate(
        file, after_goals=lambda: web.append(add_in_web(target, "tasks", "web"))
    )
    assert loaded.errors == []
    assert web == [task + 1]
    rows = target.query("SELECT id, title FROM tasks WHERE id >= %s ORDER BY 1", task)
    assert rows == [(task, "file"), (task + 1, "web")]


def test_nothing_is_loaded_if_another_table_cannot_be(target: Pipeline, file: Path) -> None:
    """Goals are never new while tasks are old."""
    target.migrate(file)
    target.query("INSERT INTO users SELECT 7, 'o@x', 'o', '', NULL, true, true, false, "
          "created_at, updated_at FROM users")  # fmt: skip
    # An older script's task, from before the first load, which no later id explains.
    target.query("UPDATE bizy_migration.loads SET next_id = 1000")
    add(file, "goals", title="new")
    add(file, "tasks", title="new")
    target.query("INSERT INTO tasks (id, user_id, title, created_at, updated_at) "
          "VALUES (6, 1, 'old', now(), now())")  # fmt: skip
    with pytest.raises(ConflictError, match=r"tasks .* were written by another script.*: 6"):
        target.migrate(file)
    assert target.query("SELECT count(*) FROM goals WHERE title = 'new'") == [(0,)]
    target.query("UPDATE tasks SET user_id = 7 WHERE id = 6")
    # A row of another user cannot be adopted, so the new one gets another id.
    assert target.migrate(file).errors == []


def test_files_with_the_same_ids_share_a_target(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    copy = file.with_name("other.db")
    copy.write_bytes(file.read_bytes())
    add(copy, "tasks", title="last", dependencies="[1, 5, 999]", parent_goal_id=2)
    with pytest.raises(ConflictError, match="BIZY_ID_POLICY=move"):
        target.migrate(copy, email="other@x.org")
    loaded = target.migrate(copy, email="other@x.org", policy=IdPolicy.MOVE)
    assert loaded.errors == []
    assert loaded.inserted == 8
    assert target.query("SELECT min(id), max(id) FROM tasks WHERE user_id = 2") == [(6, 11)]
    assert target.query(
        "SELECT parent_goal_id, dependencies::text FROM tasks WHERE title = 'last'"
    ) == [(4, "[6, 10]")]
    assert target.query("SELECT rule, raw, written FROM bizy_migration.repairs") == [
        ("unknown_id", "[1, 5, 999]", "[6, 10]")
    ]
    # The next rows of both sides do not meet.
    assert add_in_web(target, "tasks", "web") == 6 + 256
    add(copy, "tasks", title="later")
    assert target.migrate(copy, email="other@x.org", policy=IdPolicy.MOVE).errors == []
    assert target.query("SELECT id FROM tasks WHERE title = 'later'") == [(12,)]
    assert target.verify(str(file)) == target.verify(str(copy)) == []


def test_a_list_that_leads_to_another_owner_fails(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    copy = file.with_name("other.db")
    copy.write_bytes(file.read_bytes())
    target.migrate(copy, email="other@x.org", policy=IdPolicy.MOVE)
    target.query("UPDATE tasks SET dependencies = '[1]' WHERE id = 7")
    target.query("UPDATE tasks SET parent_goal_id = 1 WHERE id = 8")
    errors = " ".join(target.verify(str(copy)))
    assert "row refers to a different owner's row in dependencies (id 7; in Bizy 2)" in errors
    assert "row refers to a different owner's row in parent_goal_id (id 8; in Bizy 3)" in errors


@pytest.mark.exhaustive
def test_a_file_for_which_no_ids_are_left_is_refused(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    half = 2**30 + 1
    target.query(
        "INSERT INTO tasks (id, user_id, title, created_at, updated_at) "
        "VALUES (%s, 1, 'high', now(), now())",
        half,
    )
    copy = file.with_name("other.db")
    copy.write_bytes(file.read_bytes())
    loaded = target.migrate(copy, email="other@x.org", policy=IdPolicy.MOVE)
    [sequence] = [each for each in loaded.results["tasks"] if each.check == "sequence"]
    assert "More than half of the ids of tasks are used" in sequence.text
    target.query(
        "INSERT INTO tasks (id, user_id, title, created_at, updated_at) "
        "VALUES (%s, 1, 'high', now(), now())",
        2**31 - 2,
    )
    third = file.with_name("third.db")
    third.write_bytes(file.read_bytes())
    before = target.dump()
    with pytest.raises(ConflictError, match=r"Table tasks .* too few ids left"):
        target.migrate(third, email="third@x.org", policy=IdPolicy.MOVE)
    after = target.dump()
    assert after.pop("public.users") != before.pop("public.users")
    assert after == before


@pytest.mark.exhaustive
def test_other_rows_may_be_skipped_of_the_same_snapshot(target: Pipeline, file: Path) -> None:
    target.migrate(file, skip_ids={"tasks": [1]})
    assert target.migrate(file, skip_ids={"tasks": [5]}).errors == []
    # The fifth row was loaded before, so it stays.
    assert target.query("SELECT count(*) FROM tasks") == [(5,)]
    assert target.migrate(file).errors == []


@pytest.mark.exhaustive
def test_a_file_that_outgrows_its_moved_rows_changes_none_of_their_ids(
    target: Pipeline, file: Path
) -> None:
    target.migrate(file)
    add_in_web(target, "tasks", "web")
    add(file, "tasks", title="6")
    target.migrate(file)
    # The range of task 6 ends with 261, whose id is 262.
    bizy_files.change(
        file,
        "INSERT INTO tasks (id, title, created_at) VALUES (261, '261', '2025-03-02 10:00:00')",
    )
    target.migrate(file)
    before = target.query("SELECT id, title FROM tasks ORDER BY id")
    assert before[-1] == (262, "261")
    assert add(file, "tasks", title="262") == 262
    assert target.migrate(file).errors == []
    assert target.query("SELECT id, title FROM tasks ORDER BY id") == [*before, (263, "262")]


def test_a_moved_file_finds_its_moved_rows(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    add(file, "tasks", title="file")
    add_in_web(target, "tasks", "web")
    target.migrate(file)
    before = target.query("SELECT id, title FROM tasks ORDER BY id")
    for name in ("moved.db", file.name):
        file = file.rename(file.with_name(name))
        with pytest.raises(ConflictError, match=r"written from .*\.db: .* set adopt: true"):
            target.migrate(file)
        loaded = target.migrate(file, adopt=True)
        assert loaded.errors == []
        assert loaded.inserted == 0
        assert target.query("SELECT id, title FROM tasks ORDER BY id") == before
        # Rows that both sides made meanwhile.
        add(file, "tasks", title=f"file {name}")
        add_in_web(target, "tasks", f"web {name}")
        assert target.migrate(file).errors == []
        before = target.query("SELECT id, title FROM tasks ORDER BY id")
        assert len(before) == len({title for _, title in before}) + 4
    assert len(before) == 5 + 2 * 3


@pytest.mark.exhaustive
def test_a_skipped_row_is_not_taken_for_the_row_that_has_its_id(
    target: Pipeline, file: Path
) -> None:
    bizy_files.change(file, "UPDATE tasks SET id = id + 995")
    target.migrate(file)
    small = file.with_name("small.db")
    bizy_files.make(small, tasks=[{"title": "stays"}, {"title": "goes"}])
    options: dict[str, Any] = {"email": "other@x.org", "policy": IdPolicy.MOVE}
    target.migrate(small, **options)
    assert target.query("SELECT id FROM tasks WHERE title = 'goes'") == [(1002,)]
    bizy_files.change(small, "UPDATE tasks SET id = 1002, title = 'skipped' WHERE id = 2")
    assert target.migrate(small, skip_ids={"tasks": [1002]}, **options).errors == []
    assert target.query("SELECT title FROM tasks WHERE user_id = 2") == [("stays",)]


@pytest.mark.exhaustive
def test_rows_of_files_that_keep_their_ids_may_alternate(target: Pipeline, tmp_path: Path) -> None:
    odd, even = tmp_path / "odd.db", tmp_path / "even.db"
    bizy_files.make(odd, tasks=[{"id": n, "title": f"odd {n}"} for n in (1, 3, 5)])
    bizy_files.make(even, tasks=[{"id": n, "title": f"even {n}"} for n in (2, 4, 6)])
    email = "even@x.org"
    target.migrate(odd)
    assert target.migrate(even, email=email).errors == []
    # An id behind its own rows and one between them, both of which the other file has.
    assert add(odd, "tasks", title="odd 6") == 6
    add(odd, "tasks", id=2, title="odd 2")
    assert target.migrate(odd).errors == []
    bizy_files.change(odd, "DELETE FROM tasks WHERE id IN (2, 3)")
    assert add(even, "tasks", title="even 7") == 7
    assert target.migrate(even, email=email).errors == []
    assert target.migrate(odd).errors == []
    assert target.query(
        "SELECT user_id, array_agg(title ORDER BY title) FROM tasks GROUP BY 1"
    ) == [
        (1, ["odd 1", "odd 5", "odd 6"]),
        (2, ["even 2", "even 4", "even 6", "even 7"]),
    ]
    assert target.verify(str(odd)) == target.verify(str(even)) == []


@pytest.mark.exhaustive
@pytest.mark.usefixtures("_sparse_ids")
def test_extreme_ids_get_a_place(target: Pipeline, tmp_path: Path) -> None:
    file, ids = tmp_path / "extreme.db", (-(2**31), -7, 0, 3, 2**31 - 1)
    tasks = [{"id": n, "title": f"{n}", "dependencies": f"[-7, {2**31 - 1}]"} for n in ids]
    bizy_files.make(file, tasks=tasks)
    assert target.migrate(file, policy=IdPolicy.MOVE).errors == []
    rows = dict(target.query("SELECT title, id FROM tasks"))
    assert max(rows.values()) < 5000
    assert target.query("SELECT DISTINCT dependencies::text FROM tasks") == [
        (f"[{rows['-7']}, {rows[str(2**31 - 1)]}]",)
    ]
    kept = tmp_path / "kept.db"
    bizy_files.make(kept, tasks=[{"id": n} for n in (-3, 2**31 - 1)])
    assert target.migrate(kept, email="kept@x.org").errors == []
    assert target.verify(str(file)) == target.verify(str(kept)) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("policy", list(IdPolicy))
def test_a_file_that_was_empty_for_a_while(target: Pipeline, file: Path, policy: IdPolicy) -> None:
    target.migrate(file, policy=policy)
    for table in ("tasks", "goals"):
        bizy_files.change(file, f"DELETE FROM {table}")
    assert target.migrate(file, policy=policy).errors == []
    assert target.query("SELECT count(*) FROM tasks") == [(0,)]
    add_in_web(target, "tasks", "web")
    # SQLite gives the ids again.
    goal = add(file, "goals", title="again")
    assert add(file, "tasks", title="again", parent_goal_id=goal) == 1
    assert target.migrate(file, policy=policy).errors == []
    assert target.query("SELECT title, parent_goal_id FROM tasks ORDER BY id") == [
        ("again", 1),
        ("web", None),
    ]


@pytest.mark.exhaustive
def test_a_run_that_failed_after_the_allocation_is_repeated(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    copy = file.with_name("other.db")
    copy.write_bytes(file.read_bytes())
    target.query("ALTER TABLE goals ADD CONSTRAINT early CHECK (user_id < 2) NOT VALID")
    options: dict[str, Any] = {"email": "other@x.org", "policy": IdPolicy.MOVE}
    with pytest.raises(BizyError):
        target.migrate(copy, **options)
    ranges = target.query("SELECT * FROM bizy_migration.id_ranges ORDER BY 1, 2, 3")
    assert {row[0] for row in ranges} == {1, 2}
    web = add_in_web(target, "tasks", "web")
    target.query("ALTER TABLE goals DROP CONSTRAINT early")
    assert target.migrate(copy, **options).errors == []
    assert target.query("SELECT * FROM bizy_migration.id_ranges ORDER BY 1, 2, 3") == ranges
    assert target.query("SELECT user_id FROM tasks WHERE id = %s", web) == [(1,)]
    assert target.query("SELECT count(*) FROM tasks WHERE user_id = 2") == [(5,)]


@pytest.mark.parametrize("policy", list(IdPolicy))
def test_a_second_file_of_an_owner_whose_first_run_loaded_nothing(
    target: Pipeline, file: Path, policy: IdPolicy
) -> None:
    target.prepare()
    target.query("ALTER TABLE goals ADD CONSTRAINT none CHECK (false) NOT VALID")
    with pytest.raises(BizyError):
        target.migrate(file, policy=policy)
    target.query("ALTER TABLE goals DROP CONSTRAINT none")
    other = file.with_name("other.db")
    bizy_files.make(other, goals=[{"id": 11}], tasks=[{"id": 11}])
    files = [other]
    if policy is IdPolicy.KEEP:
        # No id is used twice, so both may be loaded.
        files += [file, other]
    else:
        with pytest.raises(ConflictError, match=r"whose first run has loaded no table yet"):
            target.migrate(other, policy=policy)
        with target.writing() as connection:
            pipeline.roll_back(connection, target.home, keep_edited=False, lock_wait_seconds=20)
    for each in files:
        assert target.migrate(each, policy=policy).errors == []
    [(count,)] = target.query("SELECT count(*) FROM tasks")
    assert count == (6 if policy is IdPolicy.KEEP else 1)


@pytest.mark.parametrize("name", [None, "u1"])
def test_another_owner_is_refused_before_it_exists(
    target: Pipeline, file: Path, name: str | None
) -> None:
    if name:
        target.prepare()
    target.migrate(file, name)
    before = target.dump(state=True)
    with pytest.raises(ConflictError, match="for user 1, but this run is for a new user"):
        target.migrate(file, name, email="new@x.org")
    assert target.dump(state=True) == before


@pytest.mark.parametrize(
    "policy", [IdPolicy.KEEP, pytest.param(IdPolicy.MOVE, marks=pytest.mark.exhaustive)]
)
def test_a_dry_run_allocates_ids_and_leaves_the_target_as_it_is(
    target: Pipeline, file: Path, server: Server, policy: IdPolicy
) -> None:
    database = target.url.rsplit("/", 1)[1]
    for _ in range(2):
        before = server.dump(database)
        result = target.dry_run(file, policy=policy)
        assert result.failure is None
        assert server.dump(database) == before
        target.migrate(file, policy=policy)
        add(file, "tasks", title="file")
        add_in_web(target, "tasks", "web")
    assert "in Bizy 6" in result.loads[1].renumbered or policy is IdPolicy.MOVE


def now() -> str:
    """Returns the time as the command line writes it into a new row."""
    return f"{datetime.now():%Y-%m-%d %H:%M:%S.%f}"


def replace_last(file: Path, table: str) -> None:
    """Deletes the last row and adds another one, as the command line does: with the same id."""
    [(number,)] = bizy_files.rows(file, table, "max(id)")
    bizy_files.change(file, f"DELETE FROM {table} WHERE id = ?", number)
    assert add(file, table, title="new", created_at=now()) == number


@pytest.mark.parametrize("policy", IdPolicy)
@pytest.mark.parametrize("in_web", ["DELETE FROM {}", "UPDATE {} SET title = 'edited'"])
def test_a_new_row_is_not_taken_for_an_old_one_that_had_its_id(
    target: Pipeline, file: Path, policy: IdPolicy, in_web: str
) -> None:
    target.migrate(file, policy=policy)
    old = {}
    for table in ("tasks", "goals"):
        [(old[table],)] = target.query(f"SELECT max(id) FROM {table}")
        target.query(f"{in_web} WHERE id = %s".format(table), old[table])
        replace_last(file, table)
    bizy_files.change(file, "UPDATE tasks SET parent_goal_id = 2 WHERE id = 5")
    # A row that is left out at first is no less new.
    left_out = target.migrate(file, policy=policy, skip_ids={"tasks": [5]})
    assert left_out.errors == []
    for inserted in (1, 0):
        loaded = target.migrate(file, policy=policy)
        assert (loaded.errors, loaded.inserted) == ([], inserted)
        [(task, parent, goal)] = target.query(
            "SELECT tasks.id, tasks.parent_goal_id, goals.id FROM tasks, goals "
            "WHERE tasks.title = 'new' AND goals.title = 'new'"
        )
        assert parent == goal
        for table, new in (("tasks", task), ("goals", goal)):
            assert new != old[table]
            edited = target.query(f"SELECT id FROM {table} WHERE title = 'edited'")
            assert edited == ([(old[table],)] if "edited" in in_web else [])
    with target.writing() as connection:
        pipeline.roll_back(connection, target.home, keep_edited=True, lock_wait_seconds=20)
    # Tasks of the deleted goal count as edited too.
    [(highest,)] = target.query("SELECT max(id) FROM tasks")
    assert add_in_web(target, "tasks", "made in web") > highest


def test_a_new_row_is_not_lost_if_the_old_one_is_edited_during_the_run(
    target: Pipeline, file: Path
) -> None:
    target.migrate(file)
    replace_last(file, "tasks")
    edit = "UPDATE tasks SET title = 'edited' WHERE id = 5"
    with pytest.raises(ConflictError, match=r"replaced them: id 5\. tasks is unchanged, run again"):
        target.migrate(file, after_goals=lambda: target.query(edit))
    assert target.migrate(file).errors == []
    titles = target.query("SELECT title FROM tasks WHERE id >= 5 ORDER BY id")
    assert titles == [("edited",), ("new",)]


def test_a_new_row_with_an_impossible_id_is_left_out(
    target: Pipeline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIZY_ON_BAD_ROW", "quarantine")
    target.migrate(file)
    add(file, "tasks", id=5_000_000_000, created_at=now())
    loaded = target.migrate(file)
    assert loaded.errors == []
    assert loaded.loads["tasks"].load.counts.rejected == 1


def test_a_corrected_time_of_creation_makes_no_new_row(target: Pipeline, file: Path) -> None:
    target.migrate(file)
    target.query("DELETE FROM tasks WHERE id = 5")
    bizy_files.change(file, "UPDATE tasks SET created_at = '2025-03-02 11:00:00' WHERE id = 5")
    assert target.migrate(file).errors == []
    assert target.query("SELECT max(id) FROM tasks") == [(4,)]
