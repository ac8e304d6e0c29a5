"""Write the rows of a table, in one of three ways.

An empty table is copied into, before its indexes are built. So is a table that has nothing of the
source. Any other table is merged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import errors

from bizy_assets.core.common import IdSet, Progress, RowCounts, log_elapsed
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.errors import TransientError
from bizy_assets.core.load.merge import create_stage, merge_rows
from bizy_assets.core.load.merge_plan import changed_since_load
from bizy_assets.core.load.request import LoadRequest
from bizy_assets.core.load.row_locking import EvidenceBefore
from bizy_assets.core.load.row_stream import RowStream
from bizy_assets.core.postgres import catalog, copy_batches, id_between, locks
from bizy_assets.core.state import LoadContext, is_same_work, ledger, row_log, runs
from bizy_assets.core.target import TARGET_TABLES, state_tables, triggers
from bizy_assets.core.validation import quarantine


@dataclass(frozen=True, kw_only=True)
class WrittenRows:
    """The counts, the triggers that were disabled or fired, and the evidence before, if known."""

    counts: RowCounts
    triggers: list[str]
    before: EvidenceBefore | None = None


def changed_rows(connection: sa.Connection, context: LoadContext) -> IdSet | None:
    """Return the rows to merge where the previous load wrote all others; None means all rows."""
    load = context.load
    previous = runs.latest_load(connection, load.table, load.run.source.id)
    if previous is None and not (context.table_validation.rows or context.within):
        # The source has no row here, and never had one.
        return IdSet()
    if previous is None or not is_same_work(load, previous):
        return None
    return changed_since_load(connection, context)


def write_rows(
    connection: sa.Connection,
    context: LoadContext,
    request: LoadRequest,
    changed: IdSet | None,
    *,
    is_empty: bool,
) -> WrittenRows:
    """Copy or merge rows under the policy for triggers.

    ``changed`` are the rows to merge, see ``changed_rows``.

    Raises:
        TransientError: Another session deleted a parent of the rows meanwhile.
    """
    table = TARGET_TABLES[context.load.table]
    # A deletion sets the parents of rows of other tables to NULL.
    children = {c.table for c in CONTRACTS for p in c.parents if p.references == table.name}
    with locks.lock_timeout(connection, table, seconds=request.lock_wait_seconds):
        tables = [TARGET_TABLES[name] for name in sorted({table.name, *children})]
        disabled = triggers.disable_triggers(connection, tables, request.triggers)
    before = None
    firing = triggers.find_triggers(connection, [table])
    with _parents_exist(table.name):
        if not firing and (is_empty or _is_new(connection, context)):
            counts = _copy(connection, context, is_empty=is_empty)
        else:
            counts, before = _merge(connection, context, request, changed, compare=bool(firing))
    if counts.inserted > counts.unchanged and not request.concurrent:
        catalog.update_statistics(connection, table, state_tables.LEDGERS[table.name])
    triggers.enable_triggers(connection, disabled)
    named = [f"{t} disabled" for t in disabled] + [f"{t} fired" for t in firing]
    return WrittenRows(counts=counts, triggers=named, before=before)


@contextmanager
def _parents_exist(table: str) -> Iterator[None]:
    """Translate the refusal of rows whose parent was deleted after it was looked up."""
    try:
        yield
    except (sa.exc.IntegrityError, errors.ForeignKeyViolation) as error:
        cause = getattr(error, "orig", error)
        # The table of the referring rows; those of another one may keep rows from being deleted.
        if isinstance(cause, errors.ForeignKeyViolation) and cause.diag.table_name == table:
            raise TransientError(
                f"Another session deleted a row that rows of {table} refer to, while they were "
                f"loaded; {table} is unchanged, run again."
            ) from None
        raise


def _is_new(connection: sa.Connection, context: LoadContext) -> bool:
    """Return whether a table has nothing of a source, and nothing that its rows could violate."""
    contract, within = context.contract, context.within
    table, entry = TARGET_TABLES[contract.table], state_tables.LEDGERS[contract.table]
    of_owner = table.c.user_id == context.load.run.user_id
    has_unique = any(column.unique for column in contract.columns)
    is_used = sa.or_(
        sa.exists(sa.select(table.c.id).where(id_between(table.c.id, within))),
        sa.exists(sa.select(entry.c.id).where(id_between(entry.c.id, within))),
        sa.exists(sa.select(table.c.id).where(of_owner)) if has_unique else sa.false(),
    )
    return not connection.scalar(sa.select(is_used))


def _copy(connection: sa.Connection, context: LoadContext, *, is_empty: bool) -> RowCounts:
    """Copy all rows into a table that has none of the source, and enter them in its ledger."""
    contract, load = context.contract, context.load
    rejected = quarantine.quarantined_rows(context.validation, contract)
    row_log.record_rejected_rows(connection, load, rejected)
    stream = RowStream(context)
    inserted = copy_batches(
        connection,
        TARGET_TABLES[contract.table],
        stream.schema,
        stream.batches(fill_missing=True),
        Progress(f"{contract.table} copied", context.table_validation.valid_row_count),
    )
    with log_elapsed(f"{inserted:,} {contract.table} recorded in bizy_migration"):
        if is_empty:
            ledger.build_ledger(connection, contract, load.run.number)
        else:
            ledger.enter_rows(connection, contract, load.run.number, context.ids)
    row_log.record_repairs(connection, load, context.ids, stream.repairs)
    return RowCounts(inserted=inserted)


def _merge(
    connection: sa.Connection,
    context: LoadContext,
    request: LoadRequest,
    only: IdSet | None,
    *,
    compare: bool,
) -> tuple[RowCounts, EvidenceBefore | None]:
    """Stage and merge all rows, or only those that changed in PostgreSQL."""
    contract, load = context.contract, context.load
    # The merge reads the rejected rows: they do not count as deleted in the source.
    rejected = quarantine.quarantined_rows(context.validation, contract)
    row_log.record_rejected_rows(connection, load, rejected)
    staged = context.table_validation.valid_row_count if only is None else len(only)
    stage = create_stage(connection, contract)
    stream = RowStream(context)
    batches = stream.batches(fill_missing=False, only=only)
    progress = Progress(f"{contract.table} staged", staged)
    copy_batches(connection, stage, stream.schema, batches, progress)
    # Before the merge, which locks rows.
    if only is None:
        row_log.record_repairs(connection, load, context.ids, stream.repairs)
    with log_elapsed(f"{staged:,} {contract.table} merged"):
        return merge_rows(connection, context, request, stage, only=only, compare=compare)
