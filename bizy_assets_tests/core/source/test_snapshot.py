"""The snapshot of the source: complete, private, never in the way of anything."""

import hashlib
import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bizy_assets.core.errors import BizyError
from bizy_assets.core.source.snapshot import sha256, take_snapshot, verify_snapshot
from bizy_assets_tests.support import bizy_files, neighbours
from bizy_assets_tests.support.migrations import Migration

BACK_UP = """
import sys
from pathlib import Path
from bizy_assets.core.source import snapshot
from bizy_assets.core.errors import BizyError
def back_up():
    try:
        print(snapshot.take_snapshot(Path(sys.argv[1]), Path(sys.argv[2])).snapshot.path)
    except BizyError as error:
        print(error)
"""

WRITE_PAIRS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = OFF")
print("ready", flush=True)
number = 1000
while True:
    connection.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        number += 1
        connection.execute("INSERT INTO tasks (id, title) VALUES (?, 'one of a pair')", [number])
    connection.execute("COMMIT")
"""


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """A folder for snapshots, empty."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def state(*files: Path) -> list[tuple[bytes, int]]:
    return [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]


def into_wal_mode(source: Path) -> Path:
    """Makes a change that only the -wal file holds, by a process that died."""
    status, _ = neighbours.run(
        """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("INSERT INTO tasks (id, title) VALUES (500, 'in the log')")
os._exit(0)
""",
        source,
    )
    assert status == 0
    return source.with_name(source.name + "-wal")


def test_the_name_tells_source_and_moment(source: Path, backups: Path) -> None:
    made = take_snapshot(source, backups).snapshot
    assert made.path == backups / f"tasks_backup_{made.taken_at:%Y%m%d_%H%M%S}.db"
    assert abs(datetime.now(UTC) - made.taken_at) < timedelta(minutes=5)


def test_no_file_is_ever_overwritten(source: Path, backups: Path) -> None:
    taken = [
        backups / f"tasks_backup_{datetime.now(UTC) + timedelta(seconds=n):%Y%m%d_%H%M%S}.db"
        for n in range(20)
    ]
    for path in taken:
        path.write_text("mine")
    first = take_snapshot(source, backups).snapshot
    second = take_snapshot(source, backups).snapshot
    assert len({first.path, second.path, *taken}) == 22
    assert {path.read_text() for path in taken} == {"mine"}
    assert re.fullmatch(r"tasks_backup_\d{8}_\d{6}\.db", second.path.name)


@pytest.mark.parametrize("count", [3, pytest.param(10, marks=pytest.mark.exhaustive)])
def test_processes_at_once_make_a_snapshot_each(source: Path, backups: Path, count: int) -> None:
    code = BACK_UP + "\nprint('ready', flush=True)\nsys.stdin.readline()\nback_up()"
    running = [neighbours.start(code, source, backups) for _ in range(count)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = {Path(process.communicate()[0].strip()) for process in running}
    assert len(said) == count
    assert {path.name for path in said} == names(backups)
    assert len({sha256(path) for path in said}) == 1


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o644])
def test_the_snapshot_is_as_private_as_the_source(source: Path, backups: Path, mode: int) -> None:
    source.chmod(mode)
    made = take_snapshot(source, backups).snapshot
    assert made.path.stat().st_mode & 0o777 == mode


def test_another_group_than_the_source_s_gets_no_access(source: Path, backups: Path) -> None:
    source.chmod(0o640)
    # Only root can give a file to a group that it does not belong to.
    others = neighbours.NOBODY if os.geteuid() == 0 else os.getgid()
    os.chown(source, -1, others)
    status = take_snapshot(source, backups).snapshot.path.stat()
    assert status.st_mode & 0o777 == (0o640 if status.st_gid == others else 0o600)


@pytest.mark.migrated
def test_metadata_tells_what_was_made(migration: Migration) -> None:
    found = migration.metadata("sqlite_backup")
    path = Path(found["path"])
    assert found["source"] == str(migration.source)
    assert found["size"] == path.stat().st_size
    assert found["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    rows = {"goals": 13, "tasks": 149, "daily_logs": 11, "research": 9, "metrics": 14}
    rows["business_plans"] = 2
    assert found["rows"] == ", ".join(f"{table} {count}" for table, count in rows.items())
    assert found["dagster/row_count"] == sum(rows.values())
    assert not [name for name in found if "ignored" in name]
    assert 0 < found["seconds"] < 600


def test_the_source_stays_as_it_was(source: Path, backups: Path) -> None:
    before = state(source)
    take_snapshot(source, backups)
    assert state(source) == before
    assert names(source.parent) == {"tasks.db"}


def test_a_source_in_wal_mode_stays_as_it_was(source: Path, backups: Path) -> None:
    log = into_wal_mode(source)
    before = state(source, log)
    assert take_snapshot(source, backups).rows["tasks"] == 150
    assert state(source, log) == before


def test_the_snapshot_of_a_source_in_wal_mode_is_one_file(source: Path, backups: Path) -> None:
    into_wal_mode(source)
    made = take_snapshot(source, backups).snapshot
    assert made.path.read_bytes()[18:20] == b"\x01\x01"
    verify_snapshot(made)
    assert (500, "in the log") in bizy_files.rows(made.path, "tasks", "id", "title")
    assert names(backups) == {made.path.name}


def test_a_snapshot_is_one_moment_while_another_process_writes(source: Path, backups: Path) -> None:
    seen = set()
    with neighbours.running(WRITE_PAIRS, source) as writer:
        while len(seen) < 4:
            assert writer.poll() is None
            made = take_snapshot(source, backups)
            found = len(bizy_files.rows(made.snapshot.path, "tasks", "id"))
            assert found == made.rows["tasks"]
            assert (found - 149) % 2 == 0
            seen.add(found)


def test_a_whole_migration_succeeds_while_another_process_writes(migration: Migration) -> None:
    with neighbours.running(WRITE_PAIRS, migration.source):
        outcome = migration.migrate()
    [(found,)] = migration.query("SELECT count(*) FROM tasks")
    assert f"tasks {found:,}," in outcome.metadata("sqlite_backup")["rows"]


def damage_a_table(source: Path) -> None:
    """Overwrites the head of the first page of tasks."""
    with closing(sqlite3.connect(source)) as connection:
        [(size,)] = connection.execute("PRAGMA page_size")
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tasks'")
    with source.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 64)


def damage_an_index(source: Path) -> None:
    """Changes one letter in an index, which no row count shows."""
    bizy_files.change(source, "UPDATE tasks SET title = 'Xylophone' WHERE id = 1")
    bizy_files.change(source, "CREATE INDEX by_title ON tasks (title)")
    content = source.read_bytes()
    place = content.rindex(b"Xylophone")
    source.write_bytes(content[:place] + b"Aylophone" + content[place + 9 :])


@pytest.mark.parametrize("damage", [damage_a_table, damage_an_index])
def test_a_damaged_source_fails_and_leaves_no_file(
    source: Path, backups: Path, damage: Any
) -> None:
    damage(source)
    with pytest.raises(BizyError, match=r"integrity_check.*earlier backup of it\.$"):
        take_snapshot(source, backups)
    assert names(backups) == set()


def test_a_full_disk_leaves_no_file(source: Path, backups: Path) -> None:
    limited = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
back_up()
"""
    assert source.stat().st_size > 40_000
    _, said = neighbours.run(BACK_UP + limited, source, backups)
    assert f"The backup folder {backups} has no room" in said
    assert "Traceback" not in said
    assert names(backups) == set()


def test_what_a_killed_process_leaves_is_hidden_and_removed_by_the_next(
    source: Path, backups: Path
) -> None:
    # The kernel kills the process in the middle of the copy, at its first byte past the limit.
    killed = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
back_up()
"""
    status, _ = neighbours.run(BACK_UP + killed, source, backups)
    assert status < 0
    assert names(backups)
    assert all(name.startswith(".") and ".db" not in name for name in names(backups))
    made = take_snapshot(source, backups).snapshot
    assert names(backups) == {made.path.name}


def test_what_a_running_process_is_making_is_left_alone(source: Path, backups: Path) -> None:
    pausing = """
check = snapshot.find_damage
def pause(*arguments):
    print("ready", flush=True)
    sys.stdin.readline()
    return check(*arguments)
snapshot.find_damage = pause
back_up()
"""
    with neighbours.running(BACK_UP + pausing, source, backups) as other:
        made = take_snapshot(source, backups).snapshot
        said, _ = other.communicate("go\n")
    assert names(backups) == {made.path.name, Path(said.strip()).name}


def test_files_of_others_with_like_names_are_left_alone(source: Path, backups: Path) -> None:
    others = {".tasks_backup_notes.partial", ".other_backup_0123.partial", "tasks_backup.partial"}
    for name in others:
        (backups / name).touch()
    made = take_snapshot(source, backups).snapshot
    assert names(backups) == others | {made.path.name}


def test_a_backup_folder_is_made_where_it_is_missing(source: Path, tmp_path: Path) -> None:
    made = take_snapshot(source, tmp_path / "a" / "b").snapshot
    assert made.path.parent == tmp_path / "a" / "b"
