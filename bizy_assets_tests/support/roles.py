"""A role that owns nothing, and what makes it one that may migrate."""

import re

from bizy_assets_tests.support.migrations import Migration

ROLE_PASSWORD = "walrus-9127-umbrella"


def administer(migration: Migration, statement: str) -> None:
    """Runs a statement in the target as its owner."""
    connection = migration.server.connect(migration.database)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def advice(sentence: str) -> str:
    """Returns the statement that a sentence says to run."""
    found = re.search(r"run: (GRANT .*)\.$", sentence)
    assert found is not None
    return found[1]
