"""What every refusal has in common: one sentence, no secret, and nothing written."""

import os
from pathlib import Path
from typing import Any

from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import password_of

SIDE_FILES = ("-wal", "-shm")
"""SQLite may make these, empty, beside a source that it only reads."""


def refused(migration: Migration, job: str = "migrate", **options: Any) -> str:
    """Runs a job that must fail without having written anything, and returns what it says."""
    before = everything(migration)
    outcome = migration.run(job, **options)
    after = everything(migration)
    assert not outcome.success
    assert after == before
    return sentence_of(migration, outcome.sentences)


def sentence_of(migration: Migration, sentences: list[str]) -> str:
    """Makes sure that this is one sentence without a secret."""
    [sentence] = set(sentences)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    assert "Error" not in sentence
    assert migration.server.password not in sentence
    if "://" in os.environ["DATABASE_URL"]:
        assert password_of(os.environ["DATABASE_URL"]) not in sentence
    return sentence


def everything(migration: Migration) -> tuple[str, set[Path]]:
    """Returns the target's whole content, and the files around source and home."""
    folder = migration.source.parent.parent
    files = {path for path in folder.rglob("*") if not path.name.endswith(SIDE_FILES)}
    return migration.server.dump(migration.database), files
