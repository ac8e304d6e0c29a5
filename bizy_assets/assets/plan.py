"""A migration's rehearsal as an asset: all that ``migrate`` would do, and nothing of it done."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import dagster as dg

from bizy_assets.assets.inputs import load_request, load_summary
from bizy_assets.core.common import COUNTS, AuditError, CheckResult
from bizy_assets.core.load import DryRunResult, LoadResult, dry_run_migration
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import SourceSettings, bizy_home
from bizy_assets.core.source import Snapshot, take_snapshot
from bizy_assets.core.target import preflight
from bizy_assets.core.validation import enforce, validate
from bizy_assets.metadata import (
    GROUP,
    OWNERS,
    PLAN,
    adopted_changes_table,
    glossary_metadata,
    markdown_metadata,
)
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import user_errors


@dg.asset(
    key="migration_plan",
    group_name=GROUP,
    kinds={"postgres"},
    owners=OWNERS,
    metadata=glossary_metadata(PLAN),
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
    with user_errors(context):
        wanted, owner, home = source.settings(), target.owner(), bizy_home()
        with target.writing() as connection:
            with connection.begin():
                preflight(connection, connection.engine.url.username)
            with _passing_snapshot(wanted) as chosen:
                enforce(validate(chosen), wanted.on_bad_row, home)
                planned = load_request(context, wanted, target, chosen, owner_id=0)
                plan = dry_run_migration(connection, planned, owner, home)
            where = describe_url(connection.engine.url)
        for line in _lines(plan):
            context.log.info(line)
        metadata: dict[str, dg.MetadataValue | str] = {"target": where, **_metadata(plan)}
        if plan.failure is not None:
            with user_errors(context, metadata):
                raise plan.failure
    return dg.MaterializeResult(metadata=metadata)


@contextmanager
def _passing_snapshot(wanted: SourceSettings) -> Iterator[Snapshot]:
    """Makes a snapshot as the migration would, and takes it away again."""
    folder = wanted.backup_dir
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    made = take_snapshot(wanted.path, folder, wanted.ignore_columns).snapshot
    try:
        yield made
    finally:
        made.path.unlink(missing_ok=True)
        for path in missing:
            # Others may have put something there meanwhile.
            with suppress(OSError):
                path.rmdir()


def _lines(plan: DryRunResult) -> Iterator[str]:
    if plan.owner is not None:
        found = "would be created" if plan.owner.created else "exists"
        yield f"the owner of the rows, user {plan.owner.user_id}, {found}"
    for loaded in plan.loads:
        yield f"pg_{loaded.load.table}: {load_summary(loaded)}"
        yield from map(_line, loaded.results)
    yield from map(_line, _failed_verdicts(plan))
    yield "all of this is undone: the target is as it was"


def _line(verdict: CheckResult) -> str:
    return f"{_word(verdict):<8} {verdict.check}: {verdict.text}"


def _word(verdict: CheckResult) -> str:
    if verdict.errors:
        return "FAILED"
    return "ok" if verdict.passed else "WARNING"


def _failed_verdicts(plan: DryRunResult) -> list[CheckResult]:
    return plan.failure.check_results if isinstance(plan.failure, AuditError) else []


def _metadata(plan: DryRunResult) -> dict[str, dg.MetadataValue]:
    found: dict[str, dg.MetadataValue] = {}
    if plan.loads:
        found["plan"] = markdown_metadata(map(_row, plan.loads))
    audits = [
        {"table": table, "audit": v.check, "verdict": _word(v), "findings": v.text}
        for table, verdicts in _audits(plan)
        for v in verdicts
    ]
    if audits:
        found["audits"] = markdown_metadata(audits)
    for loaded in plan.loads:
        found |= adopted_changes_table(loaded, f" in {loaded.load.table}")
    return found


def _audits(plan: DryRunResult) -> Iterable[tuple[str, list[CheckResult]]]:
    yield from ((loaded.load.table, loaded.results) for loaded in plan.loads)
    yield "(failed)", _failed_verdicts(plan)


def _row(loaded: LoadResult) -> dict[str, str | int | None]:
    counts = {name.replace("_", " "): getattr(loaded.load.counts, name) for name in COUNTS}
    return {
        "table": loaded.load.table,
        **counts,
        "repaired": sum(loaded.repairs.values()),
        "indexes and keys made": len(loaded.created),
    }
