"""Measures how long a backend waits that writes the rows of a file while the file is loaded.

Many tasks of the file have changed, so that their locks are held for seconds. One write in each
twentieth of a second to a random one of them is more than a load can ever get past.
"""

import argparse
import random
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from beside import Target
from server import Server

from bizy_assets.core.errors import TargetError
from bizy_assets.core.fleet import read_entry
from tools import fleet_files

INTERVAL_SECONDS = 0.05

WITHOUT_DISK = "-c synchronous_commit=off"
"""Makes a session wait for locks only."""

_CHANGE = """
UPDATE tasks SET title = title || '!'
WHERE id IN (SELECT id FROM tasks ORDER BY random() LIMIT ?)
RETURNING id
"""


def longest_wait(folder: Path, tasks: int, changed: int) -> float:
    """Returns the seconds of the longest write."""
    server = Server(folder)
    fleet_files.make_fleet(folder / "files", 1, tasks=tasks)
    entry = read_entry("u00001", folder / "files/fleet.toml")
    try:
        target = Target(server, "waits")
        target.prepare()
        target.migrate(entry)
        with closing(sqlite3.connect(entry.path)) as bizy:
            ids = [row for (row,) in bizy.execute(_CHANGE, [changed]).fetchall()]
            [first] = bizy.execute("SELECT min(id) FROM tasks").fetchone()
            bizy.commit()
        with _backend(server.libpq("waits"), [row - first for row in ids]) as seconds:
            try:
                print(f"loaded after {target.migrate(entry):.1f} s", flush=True)
            except TargetError as error:
                print(error, flush=True)
    finally:
        server.stop()
    print(f"{len(seconds):,} writes to {changed:,} changed tasks", flush=True)
    return max(seconds, default=0)


@contextmanager
def _backend(address: str, ids: list[int]) -> Iterator[list[float]]:
    """Writes tasks of the file in a thread, and collects how long each write takes.

    ``ids`` are counted from the first one of the file.
    """
    ended, seconds = threading.Event(), list[float]()

    def write() -> None:
        with (
            closing(psycopg2.connect(address, options=WITHOUT_DISK)) as session,
            session.cursor() as cursor,
        ):
            session.autocommit = True
            cursor.execute("SELECT min(id) FROM tasks")
            [first] = cursor.fetchone() or [0]
            while not ended.wait(INTERVAL_SECONDS):
                started = time.perf_counter()
                task = first + random.choice(ids)
                cursor.execute("UPDATE tasks SET status = status WHERE id = %s", [task])
                seconds.extend([time.perf_counter() - started] * cursor.rowcount)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            yield seconds
        finally:
            ended.set()
        writing.result()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=200_000)
    parser.add_argument("--changed", type=int, default=50_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bizy-fleet-") as name:
        wait = longest_wait(Path(name).resolve(), arguments.tasks, arguments.changed)
    print(f"longest wait: {wait:.2f} s")
