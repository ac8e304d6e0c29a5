"""Triggers and rules of the target's tables, which can change the rows that a load writes.

A trigger for each row that fires before the row is written can replace or skip it; a rule can
replace the statement. Triggers that fire afterwards can only write again, so they are accepted.
Wherever a trigger fires, the load compares the rows that it wrote. Triggers of foreign keys and
those of ``users`` always fire.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.common import TriggerPolicy
from bizy_assets.core.errors import SchemaError
from bizy_assets.core.postgres import execute, name_text, table_name

_ENABLE = {"O": "ENABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}
"""The statement for each state in which a trigger or rule can be enabled."""


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A user's trigger or rule that is enabled and fires in this session when rows are written.

    ``definition`` creates the trigger again on ``pg_temp``'s table of the same name.
    """

    table: sa.Table
    kind: str
    name: str
    state: str
    changes_rows: bool
    definition: str

    @property
    def is_rule(self) -> bool:
        """Whether it is a rule."""
        return self.kind == "rule"

    def __str__(self) -> str:
        return f"{self.kind} {self.name} of {self.table.name}"


def find_triggers(connection: sa.Connection, tables: Iterable[sa.Table]) -> list[Trigger]:
    """Return the triggers and rules that fire when rows of the tables are written."""
    named = {name_text(connection, table): table for table in tables}
    return [
        Trigger(
            table=named[table],
            kind=kind,
            name=name,
            state=state,
            changes_rows=changes,
            definition=definition,
        )
        for table, _, kind, name, state, changes, definition in connection.execute(
            _TRIGGERS, {"tables": list(named)}
        )
    ]


def require_permitted(
    connection: sa.Connection, tables: Iterable[sa.Table], policy: TriggerPolicy
) -> None:
    """Require, before anything is written, that no trigger or rule may change written rows.

    A policy can permit triggers. Rules that are not disabled are never permitted.

    Raises:
        SchemaError: There is one; the message names all of them.
    """
    if policy is TriggerPolicy.DISABLE:
        return
    refused = [
        str(trigger)
        for trigger in find_triggers(connection, tables)
        if trigger.is_rule or (trigger.changes_rows and policy is TriggerPolicy.REFUSE)
    ]
    if refused:
        fire = (
            " or BIZY_TRIGGERS=fire to let triggers fire (a load whose values they change is "
            "rolled back),"
            if policy is TriggerPolicy.REFUSE
            else ""
        )
        raise SchemaError(
            f"The target's tables have triggers or rules that may change the rows to load: "
            f"{', '.join(refused)}. Nothing was written. Set BIZY_TRIGGERS=disable to disable them "
            f"in the transaction of each load,{fire} and run again."
        )


def disable_triggers(
    connection: sa.Connection, tables: Iterable[sa.Table], policy: TriggerPolicy
) -> list[Trigger]:
    """Disable triggers and rules in the caller's transaction if the policy is to do so.

    Returns those that were enabled, for ``enable_triggers``.
    """
    found = find_triggers(connection, tables) if policy is TriggerPolicy.DISABLE else []
    for trigger in found:
        _alter(connection, trigger, "DISABLE")
    return found


def enable_triggers(connection: sa.Connection, triggers: Iterable[Trigger]) -> None:
    """Enable triggers and rules as they were before."""
    for trigger in triggers:
        # A table cannot be altered while deferred constraints of its rows wait to be checked.
        connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        _alter(connection, trigger, _ENABLE[trigger.state])


def _alter(connection: sa.Connection, trigger: Trigger, action: str) -> None:
    statement = sql.SQL("ALTER TABLE {} {} {}").format(
        table_name(connection, trigger.table),
        sql.SQL(f"{action} {trigger.kind.upper()}"),
        sql.Identifier(trigger.name),
    )
    execute(connection, statement)


_TRIGGERS = sa.text("""
    WITH firing (states) AS (
        SELECT CASE current_setting('session_replication_role')
               WHEN 'replica' THEN '{R,A}' ELSE '{O,A}' END::text[]),
    named AS (
        SELECT name, place, to_regclass(name) AS oid
        FROM unnest(CAST(:tables AS text[])) WITH ORDINALITY AS given (name, place))
    SELECT named.name AS table, place, 'trigger' AS kind, tgname AS name, tgenabled::text AS state,
           tgtype & 1 <> 0 AND tgtype & 2 <> 0 AS changes_rows,  -- for each row, before
           replace(pg_get_triggerdef(pg_trigger.oid),
                   format(' ON %I.%I ', nspname, relname), format(' ON pg_temp.%I ', relname))
           AS definition
    FROM named
    JOIN pg_trigger ON tgrelid = named.oid
    JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    CROSS JOIN firing
    WHERE NOT tgisinternal
      AND tgtype & 28 <> 0  -- on insert, delete or update
      AND tgenabled::text = ANY (states)
    UNION ALL
    SELECT named.name, place, 'rule', rulename, ev_enabled::text, true, ''
    FROM named JOIN pg_rewrite ON ev_class = named.oid CROSS JOIN firing
    WHERE ev_type <> '1'  -- not on select
      AND ev_enabled::text = ANY (states)
    ORDER BY place, kind, name
""")
