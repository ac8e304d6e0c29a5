"""Generate a fleet of Bizy files with a manifest, for demonstrations, tests and benchmarks.

The same arguments generate the same content. Ids overlap between files, and some files have gaps
in them. Damaged files can be mended by writing them again with ``--mend``.
"""

import argparse
import random
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bizy_assets.core.fleet import Manifest, ManifestEntry, read_entry, read_manifest
from bizy_assets.core.settings import DEFAULT_TASKS_LOCAL_SINCE

MANIFEST = "fleet.toml"
SAMPLE = Path(__file__).parents[1] / "bizy_assets" / "samples" / "bizy_cli_mixed.db"

ZONES = ("America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "America/New_York", "Asia/Kolkata")
"""Zones of the files in turn; the first is the manifest's default."""

DAMAGES = ("truncated", "datetime", "column")
"""Damages of files in turn, each of which fails a run: a truncated file, a text that is not a
datetime, and an unknown column."""

_FIRST, _LAST = 1736150400, 1767225600
"""Seconds between which tasks are created: from January 2025, before Bizy's change to local time,
to the end of the year, after it."""

_LOCAL_SINCE = datetime.fromisoformat(DEFAULT_TASKS_LOCAL_SINCE).timestamp()
_DAY = 86400

_ROWS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :goals)
INSERT INTO goals
SELECT place(i), 'Goal ' || i || ': größer werden', 'Why this matters, part ' || i,
       CASE i % 3 WHEN 1 THEN 'yearly' WHEN 2 THEN 'quarterly' ELSE 'monthly' END,
       local(:first + i * :step + 90 * :day), CASE WHEN i % 4 THEN 'active' ELSE 'completed' END,
       i * 7 % 100 + 0.5, 'By number ' || (i % 17), CASE WHEN i % 3 <> 1 THEN place(i - 1) END,
       utc(:first + i * :step), local(:first + i * :step + :day), '{"mrr": ' || (i * 13) || '}',
       NULL, NULL
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :tasks)
INSERT INTO tasks
SELECT place(i), 'Task ' || i || ' — review the quarterly numbers', 'Body of task ' || i,
       i % 5 + 1,
       CASE i % 3 WHEN 0 THEN 'completed' WHEN 1 THEN 'pending' ELSE 'in_progress' END,
       CASE i % 4 WHEN 1 THEN 'marketing' WHEN 2 THEN 'sales' WHEN 3 THEN 'operations' END,
       i % 16 / 2.0, CASE WHEN i % 3 = 0 THEN i % 12 / 4.0 END,
       CASE WHEN i % 4 THEN local(:first + i * :step + 14 * :day) END,
       created(:first + i * :step),
       CASE WHEN i % 3 = 0 THEN local(:first + i * :step + 2 * :day) END,
       CASE WHEN i % 5 THEN place(1 + i % :goals) END,
       CASE WHEN i > 2 THEN '[' || place(i - 1) || ', ' || place(i - 2) || ']'
            WHEN i = 2 THEN '[]' END,
       CASE WHEN i % 2 THEN 'Call the auditor, ask for 東京' END, '["urgent", "a\\"b", "größe"]',
       CASE WHEN i % 4 = 0 THEN 'business-agent' END, CASE WHEN i % 4 = 0 THEN '/home/u/work' END
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :logs)
INSERT INTO daily_logs (id, date, tasks_completed, tasks_planned, completion_rate, mood, wins)
SELECT place(i), strftime('%Y-%m-%d 00:00:00.000000', :first + i * :day, 'unixepoch'), i % 4, 4,
       i % 4 / 4.0, 'ok', 'Day ' || i
FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :metrics)
INSERT INTO metrics (id, metric_name, value, date, category)
SELECT place(i), 'mrr', i * 100.5, utc(:first + i * :day), 'revenue' FROM n WHERE :metrics;
"""


def make_fleet(
    folder: Path, files: int, *, tasks: int = 67, corrupt: int = 0, seed: int = 0
) -> dict[str, str]:
    """Write files and their manifest into a folder, and damage some of the files.

    Returns:
        The damage by key of the damaged files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    schema = _schema()
    for number in range(1, files + 1):
        _write(folder / f"{_key(number)}.db", number, tasks, schema)
    manifest = folder / MANIFEST
    manifest.write_text(
        f'timezone = "{ZONES[0]}"\n' + "".join(map(_table, range(1, files + 1))), encoding="utf-8"
    )
    return _damage_some(read_manifest(manifest), corrupt, seed)


def mend(folder: Path, keys: Sequence[str], *, tasks: int = 67) -> None:
    """Write the files of some keys again, undamaged."""
    for key in keys:
        path = read_entry(key, folder / MANIFEST).path
        _write(path, int(key[1:]), tasks, _schema())


def _key(number: int) -> str:
    return f"u{number:05}"


def _zone(number: int) -> str:
    return ZONES[number % len(ZONES)]


def _table(number: int) -> str:
    key, zone = _key(number), _zone(number)
    lines = [
        "[[file]]",
        f'key = "{key}"',
        f'path = "{key}.db"',
        f'email = "{key}@example.org"',
        f'username = "{key}"',
        *([f'timezone = "{zone}"'] if zone != ZONES[0] else []),
    ]
    return "\n" + "\n".join(lines) + "\n"


def _schema() -> str:
    """Return the statements that create Bizy's tables, as Bizy wrote them."""
    with closing(sqlite3.connect(f"{SAMPLE.as_uri()}?mode=ro", uri=True)) as connection:
        return ";".join(
            sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master") if sql
        )


def _write(path: Path, number: int, tasks: int, schema: str) -> None:
    """Write one file; its number decides about its zone, its ids and how many goals it has."""
    zone = ZoneInfo(_zone(number))
    path.unlink(missing_ok=True)
    goals = 3 + number % 8
    values = {
        "tasks": tasks,
        "goals": goals,
        "logs": number % 12 + 1,
        "metrics": number % 5,
        "first": _FIRST + number % 1000,
        "step": max(1, (_LAST - _FIRST) // max(tasks, goals)),
        "day": _DAY,
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_function("place", 1, _placement(number, tasks))
        connection.create_function("utc", 1, lambda seconds: _text(seconds, UTC))
        connection.create_function("local", 1, lambda seconds: _text(seconds, zone))
        connection.create_function(
            "created", 1, lambda seconds: _text(seconds, UTC if seconds < _LOCAL_SINCE else zone)
        )
        connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; {schema}"
        )
        for statement in _ROWS.split(";\n\n"):
            connection.execute(statement, values)
        connection.execute("COMMIT")


def _placement(number: int, tasks: int) -> Callable[[int], int]:
    """Return how a file numbers its rows: densely, from a later id, with a gap, or sparsely."""
    return (
        lambda i: i,
        lambda i: i + 10,
        lambda i: i if i <= tasks // 2 else i + 5000,
        lambda i: i * 3,
    )[number % 4]


def _text(seconds: int, zone: ZoneInfo | type[UTC]) -> str:
    moment = datetime.fromtimestamp(seconds, zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{seconds * 7919 % 1_000_000:06}"


def _damage_some(manifest: Manifest, count: int, seed: int) -> dict[str, str]:
    """Damage some files of a fleet, and return the damage by key."""
    keys = sorted(random.Random(seed).sample(list(manifest.entries), count))  # noqa: S311
    damages = {key: DAMAGES[turn % len(DAMAGES)] for turn, key in enumerate(keys)}
    for key, damage in damages.items():
        _damage(manifest.entries[key], damage)
    return damages


def _damage(entry: ManifestEntry, damage: str) -> None:
    if damage == "truncated":
        content = entry.path.read_bytes()
        entry.path.write_bytes(content[: len(content) // 2])
        return
    statement = {
        "datetime": "UPDATE tasks SET due_date = '13/01/2025' WHERE priority = 1",
        "column": "ALTER TABLE tasks ADD COLUMN estimated_cost",
    }[damage]
    with closing(sqlite3.connect(entry.path)) as connection, connection:
        connection.execute(statement)


def main() -> None:
    """Generate a fleet, or mend files of one, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tools.fleet_files")
    parser.add_argument("--folder", type=Path, required=True, help="where to write the files")
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--tasks", type=int, default=67, help="tasks of each file")
    parser.add_argument("--corrupt", type=int, default=0, help="number of files to damage")
    parser.add_argument("--seed", type=int, default=0, help="decides which files are damaged")
    parser.add_argument("--mend", nargs="+", metavar="KEY", help="only write these files again")
    arguments = parser.parse_args()
    if arguments.mend:
        mend(arguments.folder, arguments.mend, tasks=arguments.tasks)
        return
    damages = make_fleet(
        arguments.folder,
        arguments.files,
        tasks=arguments.tasks,
        corrupt=arguments.corrupt,
        seed=arguments.seed,
    )
    sys.stdout.writelines(f"{key}: damaged ({damage})\n" for key, damage in damages.items())
    sys.stdout.write(f"export BIZY_FLEET={(arguments.folder / MANIFEST).resolve()}\n")


if __name__ == "__main__":
    main()
