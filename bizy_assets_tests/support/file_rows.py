"""The rows of a target, by the file from which they are."""

from collections.abc import Callable
from typing import Any

from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.target.state_tables import LEDGERS, STATE_METADATA
from bizy_assets.core.target.tables import PUBLIC_METADATA

Query = Callable[..., list[tuple[Any, ...]]]

FOREIGN = """
    WITH source (user_id) AS (SELECT user_id FROM bizy_migration.sources)
    SELECT t.id FROM tasks t JOIN source USING (user_id)
    JOIN goals g ON g.id = t.parent_goal_id AND g.user_id <> t.user_id
    UNION ALL
    SELECT c.id FROM goals c JOIN source USING (user_id)
    JOIN goals g ON g.id = c.parent_goal_id AND g.user_id <> c.user_id
    UNION ALL
    SELECT t.id FROM tasks t JOIN source USING (user_id)
    CROSS JOIN json_array_elements_text(t.dependencies) AS listed (id)
    LEFT JOIN tasks other ON other.id = listed.id::int
    WHERE other.user_id IS DISTINCT FROM t.user_id
"""
"""The rows of all files that lead to no row or to another owner's."""

_GOAL = "(SELECT title FROM goals WHERE goals.id = t.parent_goal_id)"
_DEPENDENCIES = """(
    SELECT json_agg(other.title ORDER BY place)
    FROM json_array_elements_text(t.dependencies) WITH ORDINALITY AS listed (id, place)
    LEFT JOIN tasks other ON other.id = listed.id::int
)"""
_REFERENCES = {
    "goals": f", 'parent_goal_id', {_GOAL}",
    "tasks": f", 'parent_goal_id', {_GOAL}, 'dependencies', {_DEPENDENCIES}",
}
_ROWS = """
    SELECT s.key, (to_jsonb(t) - ARRAY['user_id', 'updated_at'] || jsonb_build_object(
        'id', t.id - r.shift, 'updated_at', {updated} {references}))::text
    FROM {table} t JOIN bizy_migration.sources s USING (user_id)
    LEFT JOIN bizy_migration.id_ranges r ON r.source_id = s.id AND r.table_name = '{table}'
    AND t.id - r.shift BETWEEN r.first_id AND r.last_id
    ORDER BY 1, t.id - r.shift
"""


def rows_by_file(query: Query) -> dict[str, list[tuple[Any, ...]]]:
    """Returns the rows of each table with their ids in the file, and titles for references.

    When the tasks were migrated is left out.
    """
    return {
        table: query(
            _ROWS.format(
                table=table,
                references=_REFERENCES.get(table, ""),
                updated="NULL" if table == "tasks" else "to_jsonb(t) -> 'updated_at'",
            )
        )
        for table in (contract.table for contract in CONTRACTS)
    }


def all_rows(query: Query) -> dict[str, list[tuple[Any, ...]]]:
    """Returns the key of its file, if it has one, and the text of each row of all tables."""
    found = {}
    for table in (*PUBLIC_METADATA.sorted_tables, *STATE_METADATA.sorted_tables):
        found[str(table)] = sorted(
            query(f"SELECT s.key, t::text FROM {table} t LEFT JOIN {_source_of(table.name)}"),
            key=str,
        )
    return found


def _source_of(table: str) -> str:
    """Returns the join of a table's rows with their source."""
    if table in {"sources", "users"}:
        own, other = ("id", "id") if table == "sources" else ("id", "user_id")
        return f"bizy_migration.sources s ON s.{other} = t.{own}"
    if table in {ledger.name for ledger in LEDGERS.values()} | {"adopted"}:
        runs = "SELECT id FROM bizy_migration.runs WHERE source_id = s.id"
        return f"bizy_migration.sources s ON t.run IN ({runs})"
    if table == "creations":
        return "bizy_migration.sources s ON kind = 'user' AND t.name = s.user_id::text"
    if table in {"version", "sequence_moves"}:
        return "bizy_migration.sources s ON false"
    own = "source_id" if f"bizy_migration.{table}" in STATE_METADATA.tables else "user_id"
    return f"bizy_migration.sources s ON t.{own} = s.{'id' if own == 'source_id' else own}"
