"""The id ranges of sources are stored, read, and written only where they change."""

import pytest
import sqlalchemy as sa

from bizy_assets.core.state.id_ranges import read_ranges, write_ranges
from bizy_assets.core.transform.id_map import IdMap, IdRange
from bizy_assets_tests.support.backends import engine_of, make_own_tables
from bizy_assets_tests.support.migrations import Migration

pytestmark = pytest.mark.core

STORED = sa.text(
    "SELECT source_id, table_name, first_id, last_id, shift, xmin::text "
    "FROM bizy_migration.id_ranges ORDER BY 1, 2, 3"
)


def test_ranges_are_read_as_they_were_written_and_only_changes_are_written(
    migration: Migration,
) -> None:
    make_own_tables(migration)
    engine = engine_of(migration)
    near, far = IdRange(1, 100), IdRange(5000, 5010, 2**31 - 1 - 5010)
    with engine.begin() as connection:
        assert read_ranges(connection, 1)["tasks"] == IdMap()
        write_ranges(connection, 1, "tasks", IdMap(), IdMap([far, near]))
        write_ranges(connection, 1, "goals", IdMap(), IdMap([near]))
        write_ranges(connection, 2, "tasks", IdMap(), IdMap([IdRange(1, 256, 1024)]))
    with engine.begin() as connection:
        ranges = read_ranges(connection, 1)
        assert (ranges["tasks"], ranges["goals"]) == (IdMap([near, far]), IdMap([near]))
        assert ranges["metrics"] == IdMap()
        before = connection.execute(STORED).all()
        longer = IdMap([near, IdRange(5000, 5020, far.shift - 10)])
        write_ranges(connection, 1, "tasks", ranges["tasks"], longer)
    with engine.begin() as connection:
        after = connection.execute(STORED).all()
        assert [row[:5] for row in set(after) - set(before)] == [
            (1, "tasks", 5000, 5020, far.shift - 10)
        ]
        assert [row[:5] for row in set(before) - set(after)] == [
            (1, "tasks", 5000, 5010, far.shift)
        ]
        write_ranges(connection, 1, "tasks", longer, IdMap())
        assert read_ranges(connection, 1)["tasks"] == IdMap()
        assert len(connection.execute(STORED).all()) == 2
