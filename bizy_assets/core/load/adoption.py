"""Takes over rows that the ledger does not know: a database that an older script filled.

A row is taken over only where the user said so, and only a row of the owner. What it held before
is written down first, so that it can be shown, and put back.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import IDS_SHOWN, IdSet, format_ids
from bizy_assets.core.contracts import Contract
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.load.merge_plan import MergePlan, RowAction
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.state import Run
from bizy_assets.core.target import (
    ADOPTED_TABLE,
    LEDGER_TABLES,
    REJECTED_ROWS_TABLE,
    REPAIRS_TABLE,
    RUNS_TABLE,
    TARGET_TABLES,
)

_TAKEN = (RowAction.TAKE_EQUAL, RowAction.TAKE_DIFFERENT)


@dataclass(frozen=True, kw_only=True)
class AdoptedChange:
    """A cell of a row that was taken over, before and after."""

    id: int
    column: str
    before: str | None
    after: str | None


def adopt_entries(connection: sa.Connection, contract: Contract, stage: sa.Table, run: Run) -> int:
    """Makes entries of the owner's other sources this one's: a Bizy file that was moved.

    Args:
        connection: In the load's transaction.
        contract: The table.
        stage: The snapshot's rows.
        run: The run that takes them over.

    Returns:
        How many there were.
    """
    entry = LEDGER_TABLES[contract.table]
    others = sa.and_(
        RUNS_TABLE.c.source != str(run.snapshot.source), RUNS_TABLE.c.user_id == run.user_id
    )
    staged = sa.exists(sa.select(stage.c.id).where(stage.c.id == entry.c.id))
    theirs = sa.and_(entry.c.run == RUNS_TABLE.c.id, others, staged)
    sources = list(connection.scalars(sa.select(RUNS_TABLE.c.source).distinct().where(theirs)))
    if not sources:
        return 0
    taken = connection.execute(sa.update(entry).where(theirs).values(run=run.number)).rowcount
    _take_remarks(connection, contract, run, sources)
    return taken


def _take_remarks(
    connection: sa.Connection, contract: Contract, run: Run, sources: list[str]
) -> None:
    """Takes out what was written down about single values, as this run writes it down anew."""
    entry, repairs, rejected = (
        LEDGER_TABLES[contract.table], REPAIRS_TABLE, REJECTED_ROWS_TABLE
    )  # fmt: skip
    taken = sa.select(entry.c.id).where(entry.c.run == run.number)
    connection.execute(
        sa.delete(repairs).where(
            repairs.c.table_name == contract.table,
            repairs.c.source.in_(sources),
            repairs.c.source_id.in_(taken),
        )
    )
    connection.execute(
        sa.delete(rejected).where(
            rejected.c.table_name == contract.table, rejected.c.source.in_(sources)
        )
    )


def adopt_rows(work: "MergePlan", *, allowed: bool) -> int:
    """Writes down rows that are taken over as they are, and returns how many there are.

    Args:
        work: The merge, before it has written anything.
        allowed: Whether rows may be taken over at all.

    Raises:
        ConflictError: They may not, or rows of other owners have the ids.
    """
    taken = work.of(*_TAKEN)
    foreign = work.ids(RowAction.FOREIGN)
    own = work.ids(*_TAKEN)
    if len(foreign) or (len(own) and not allowed):
        raise ConflictError(_sentence(work, own, foreign))
    _let_go(work)
    if len(own):
        model = work.model
        rows = sa.select(
            sa.literal(work.contract.table),
            model.c.id,
            sa.literal(work.run.number),
            _whole(model),
        ).where(model.c.id.in_(taken))
        new = postgresql.insert(ADOPTED_TABLE).from_select(
            ["table_name", "id", "run", "before"], rows
        )
        # What it was before it was taken over the first time is what a rollback puts back.
        work.connection.execute(new.on_conflict_do_nothing())
    return len(own)


def _let_go(work: "MergePlan") -> None:
    """Forgets what rows were that are gone for good, since others deleted or replaced them."""
    adopted, entry = ADOPTED_TABLE, LEDGER_TABLES[work.contract.table]
    known = sa.exists(sa.select(entry.c.id).where(entry.c.id == adopted.c.id))
    # A row with an entry was there until somebody else deleted it.
    deleted = adopted.c.id.in_(work.of(RowAction.FORGET, RowAction.INSERT)) & known
    # One without was deleted by the migration, and somebody else has its id now.
    replaced = adopted.c.id.in_(work.of(*_TAKEN)) & ~known
    of_table = adopted.c.table_name == work.contract.table
    work.connection.execute(sa.delete(adopted).where(of_table, sa.or_(deleted, replaced)))


def adopted_changes(connection: sa.Connection, contract: Contract, run: Run) -> list[AdoptedChange]:
    """Returns the cells that taking rows over has changed, by id; the first few."""
    model, c = TARGET_TABLES[contract.table], ADOPTED_TABLE.c
    before = sa.func.json_each_text(c.before).table_valued("key", "value").lateral("was")
    after = sa.func.json_each_text(_whole(model)).table_valued("key", "value").lateral("now")
    names = [column.name for column in contract.source_columns]
    found = connection.execute(
        sa.select(c.id, before.c.key, before.c.value, after.c.value)
        .select_from(ADOPTED_TABLE)
        .join(model, model.c.id == c.id)
        .join(before, sa.true())
        .join(after, after.c.key == before.c.key)
        .where(
            c.table_name == contract.table,
            c.run == run.number,
            before.c.key.in_(names),
            before.c.value.is_distinct_from(after.c.value),
        )
        .order_by(c.id, before.c.key)
        .limit(IDS_SHOWN)
    )
    return [AdoptedChange(id=i, column=name, before=was, after=now) for i, name, was, now in found]


def _whole(model: sa.Table) -> sa.ColumnElement[object]:
    """Returns a whole row as JSON, with columns that we do not know."""
    return sa.func.to_json(sa.column(model.name))


def _sentence(work: "MergePlan", own: IdSet, foreign: IdSet) -> str:
    table = work.model.name
    where = f"Table {table} in {describe_url(work.connection.engine.url)}"
    skip = f"skip_ids: {{{table}: [...]}} leaves them out"
    if len(foreign):
        return (
            f"{where} has rows of other users with ids that Bizy uses too: {format_ids(foreign)}; "
            "nothing was changed. Migrate into a database where these ids are free, or let the "
            f"target's configuration say {skip}."
        )
    entry = LEDGER_TABLES[table]
    named = work.connection.scalars(
        sa.select(RUNS_TABLE.c.source)
        .distinct()
        .where(
            entry.c.run == RUNS_TABLE.c.id,
            entry.c.id.in_(work.of(*_TAKEN)),
        )
    )
    origin = (
        " and ".join(f"from {source}" for source in named)
        or "by another script, or an earlier release"
    )
    return (
        f"{where} has rows of the owner with ids that {work.run.snapshot.source} uses too, but "
        f"that were written {origin}: {format_ids(own)}; nothing was changed. If they are the same "
        "tasks and goals, let the target's configuration say adopt: true, which takes them over "
        f"(the job dry_run shows the differences); {skip}."
    )
