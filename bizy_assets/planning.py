"""A migration's rehearsal as an asset: all that ``migrate`` would do, and nothing of it done."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import dagster as dg

from bizy_assets import describing, reported, tables
from bizy_assets.assets import load_line, order
from bizy_assets.core import census, gate, rehearsing, schema, snapshot
from bizy_assets.core.auditing import Verdict
from bizy_assets.core.counts import COUNTS
from bizy_assets.core.errors import AuditError
from bizy_assets.core.loading import Loaded
from bizy_assets.core.rehearsing import Rehearsal
from bizy_assets.core.settings import SourceSettings, bizy_home
from bizy_assets.core.snapshot import Snapshot
from bizy_assets.core.urls import describe
from bizy_assets.failures import plainly_failing
from bizy_assets.resources import BizySource, BizyTarget


@dg.asset(
    key="migration_plan",
    group_name=describing.GROUP,
    kinds={"postgres"},
    owners=describing.OWNERS,
    metadata=reported.told(reported.PLAN),
)
def migration_plan(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """What `migrate` would do now, found out by doing it and undoing all of it.

    The same code runs against the real target in one transaction that is always rolled back, on
    temporary copies of the backend's tables, so that nobody has to wait. No backup, no password
    file, and no materialization of the tables is left. Where the migration would fail, this fails
    with the same findings.
    """
    with plainly_failing(context):
        wanted, owner, home = source.settings(), target.owner(), bizy_home()
        with target.writing() as connection:
            with connection.begin():
                schema.preflight(connection, connection.engine.url.username)
            with _passing_snapshot(wanted) as chosen:
                gate.require_good(census.of(chosen), wanted.on_bad_row, home)
                planned = order(context, wanted, target, chosen, owner_id=0)
                plan = rehearsing.rehearse(connection, planned, owner, home)
            where = describe(connection.engine.url)
        for line in _lines(plan):
            context.log.info(line)
        metadata: dict[str, dg.MetadataValue | str] = {"target": where, **_metadata(plan)}
        if plan.failure is not None:
            with plainly_failing(context, metadata):
                raise plan.failure
    return dg.MaterializeResult(metadata=metadata)


@contextmanager
def _passing_snapshot(wanted: SourceSettings) -> Iterator[Snapshot]:
    """Makes a snapshot as the migration would, and takes it away again."""
    folder = wanted.backup_dir
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    made = snapshot.make(wanted.path, folder, wanted.ignore_columns).snapshot
    try:
        yield made
    finally:
        made.path.unlink(missing_ok=True)
        for path in missing:
            # Others may have put something there meanwhile.
            with suppress(OSError):
                path.rmdir()


def _lines(plan: Rehearsal) -> Iterator[str]:
    if plan.owner is not None:
        found = "would be created" if plan.owner.created else "exists"
        yield f"the owner of the rows, user {plan.owner.user_id}, {found}"
    for loaded in plan.loaded:
        yield f"pg_{loaded.load.table}: {load_line(loaded)}"
        yield from map(_line, loaded.verdicts)
    yield from map(_line, _failed_verdicts(plan))
    yield "all of this is undone: the target is as it was"


def _line(verdict: Verdict) -> str:
    return f"{_word(verdict):<8} {verdict.check}: {verdict.text}"


def _word(verdict: Verdict) -> str:
    if verdict.errors:
        return "FAILED"
    return "ok" if verdict.passed else "WARNING"


def _failed_verdicts(plan: Rehearsal) -> list[Verdict]:
    return plan.failure.verdicts if isinstance(plan.failure, AuditError) else []


def _metadata(plan: Rehearsal) -> dict[str, dg.MetadataValue]:
    found: dict[str, dg.MetadataValue] = {}
    if plan.loaded:
        found["plan"] = tables.markdown(map(_row, plan.loaded))
    audits = [
        {"table": table, "audit": v.check, "verdict": _word(v), "findings": v.text}
        for table, verdicts in _audits(plan)
        for v in verdicts
    ]
    if audits:
        found["audits"] = tables.markdown(audits)
    for loaded in plan.loaded:
        found |= tables.taken_over(loaded, f" in {loaded.load.table}")
    return found


def _audits(plan: Rehearsal) -> Iterable[tuple[str, list[Verdict]]]:
    yield from ((loaded.load.table, loaded.verdicts) for loaded in plan.loaded)
    yield "(failed)", _failed_verdicts(plan)


def _row(loaded: Loaded) -> dict[str, str | int | None]:
    counts = {name.replace("_", " "): getattr(loaded.load.counts, name) for name in COUNTS}
    return {
        "table": loaded.load.table,
        **counts,
        "repaired": sum(loaded.repairs.values()),
        "indexes and keys made": len(loaded.made),
    }
