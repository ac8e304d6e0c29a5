"""Locks of rows for a merge while others write the same table.

Everything that takes time is done before the first lock, so that the locks are held for a short
time: the plan, and reading the rest of the table for the audit.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from bizy_assets.core.load.merge_plan import MergePlan, plan_actions
from bizy_assets.core.postgres import catalog, id_between, locks, temporary_id_table
from bizy_assets.core.reconcile import TableEvidence, collect_evidence, renew_evidence
from bizy_assets.core.state import LoadContext, ledger


@dataclass(frozen=True, kw_only=True)
class EvidenceBefore:
    """The evidence on a table before a merge, and a temporary table of the rows that it locked."""

    evidence: TableEvidence
    locked: sa.Table

    def after(self, connection: sa.Connection, context: LoadContext) -> TableEvidence:
        """Return the evidence after the merge, for which only the locked rows are read."""
        return renew_evidence(connection, self.evidence, context, self.locked)


def lock_planned_rows(plan: MergePlan, seconds: float) -> tuple[MergePlan, EvidenceBefore]:
    """Lock the rows that need an action, and return a plan for them as they are now.

    Others may write all other rows. A row that they change after it was planned is one that they
    change after the load. The plan stays as it is if no planned row was changed until it was
    locked. Staged rows that need no action are left out. A lock is waited for ``seconds``.

    Raises:
        TargetError: Another session did not release its lock on a row in time.
    """
    connection, table = plan.connection, plan.table
    locked = temporary_id_table(connection, f"bizy_locked_{table.name}")
    connection.execute(sa.insert(locked).from_select(["id"], sa.select(plan.actions.c.id)))
    planned = replace(plan, stage=_planned_rows(plan, locked))
    catalog.update_statistics(connection, locked, planned.stage)
    before = EvidenceBefore(evidence=_collect(plan), locked=locked)
    of_source = id_between(table.c.id, plan.context.within)
    with locks.lock_timeout(connection, table, seconds=seconds):
        locks.lock_rows(connection, table, of_source & table.c.id.in_(sa.select(locked.c.id)))
    if _is_outdated(plan):
        connection.execute(sa.delete(plan.actions))
        plan_actions(planned, locked)
    return planned, before


def _collect(plan: MergePlan) -> TableEvidence:
    context = plan.context
    states = ledger.ledger_states(plan.connection, context.contract, context.ids)
    return collect_evidence(plan.connection, context, states)


def _planned_rows(plan: MergePlan, planned: sa.Table) -> sa.Table:
    """Return a copy of the stage with the planned rows only."""
    others = (sa.Column(c.name, c.type) for c in plan.stage.columns if c.name != "id")
    name = f"bizy_planned_{plan.contract.table}"
    stage = temporary_id_table(plan.connection, name, *others)
    columns = [plan.stage.c[column.name] for column in stage.columns]
    rows = sa.select(*columns).where(plan.stage.c.id.in_(sa.select(planned.c.id)))
    plan.connection.execute(sa.insert(stage).from_select(list(stage.c), rows))
    return stage


def _is_outdated(plan: MergePlan) -> bool:
    """Return whether a planned row was written or deleted since it was planned."""
    table, actions = plan.table, plan.actions
    same_id = (table.c.id == actions.c.id) & id_between(table.c.id, plan.context.within)
    written_by = ledger.writing_transaction(table)
    changed = (
        sa.select(actions.c.id)
        .select_from(actions.outerjoin(table, same_id))
        .where(written_by.is_distinct_from(actions.c.written_by))
    )
    return bool(plan.connection.scalar(sa.select(sa.exists(changed))))
