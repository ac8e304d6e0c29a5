"""A sequence that is read while other runs and the backend use it."""

import threading
from contextlib import closing

import psycopg2

from bizy_assets.core.postgres import connect, parse_url
from bizy_assets.core.target import TARGET_TABLES, sequences
from bizy_assets_tests.support.backends import use_backend
from bizy_assets_tests.support.migrations import Migration

READS = 1000
"""One read in some hundreds meets a move that has just been committed."""


def test_a_sequence_can_be_read_while_others_move_it(migration: Migration) -> None:
    use_backend(migration)
    address = migration.server.url(migration.database)
    moved, stopped = threading.Event(), threading.Event()

    def move() -> None:
        with closing(psycopg2.connect(address)) as session, session.cursor() as cursor:
            session.autocommit = True
            while not stopped.is_set():
                cursor.execute("ALTER SEQUENCE goals_id_seq RESTART WITH 1000")
                moved.set()

    mover = threading.Thread(target=move)
    mover.start()
    try:
        assert moved.wait(timeout=60)
        with connect(parse_url(address, variable="URL"), purpose="test") as connection:
            for _ in range(READS):
                with connection.begin():
                    used = sequences.sequence_use(connection, TARGET_TABLES["goals"])
                    assert used.sequence is not None
                    assert used.sequence.next == 1000
    finally:
        stopped.set()
        mover.join()
