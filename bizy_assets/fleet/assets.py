"""The assets of a fleet: those of a single file for each partition, and the target's schema.

The partitions are the keys of the manifest. There is no backfill policy: every policy runs several
partitions in one run, which loses the results of partitioned checks and fails all of its files
because of a bad one.

A run has two steps, the snapshot and the tables, and each asset has one check for all of its
checks, because the steps and events of Dagster take as long as the migration of a small file. The
target records the result of each check. A run that is repeated from a failed check of the snapshot
takes a new one; from a failed table it loads the tables again, which leaves those unchanged that
were loaded.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from bizy_assets import assets, checks
from bizy_assets.core import pipeline
from bizy_assets.core.common import CheckOutcome, quantity
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.fleet import read_manifest
from bizy_assets.core.postgres import describe_url
from bizy_assets.fleet.resources import PARTITIONS, FleetSource, FleetTarget
from bizy_assets.fleet.wording import reword_metadata, reword_result, reworded_failures
from bizy_assets.metadata import Scope, ScopedOptions, asset_options, beta_allowed, glossary
from bizy_assets.runtime import Context, check_outcome, log_lines, user_errors

FILES = dg.DynamicPartitionsDefinition(name=PARTITIONS)
"""One partition for each Bizy file of the manifest; the sensor adds and removes them."""

_PREFIX = ("fleet",)
SCOPE = Scope(
    upstream=dg.AssetKey([*_PREFIX, "target_schema"]), prefix=_PREFIX, partitions_def=FILES
)

VERIFIED = "verified"
"""Name of the check of each asset, which runs all checks of a single file."""


@dg.asset(
    key=SCOPE.upstream, kinds={"postgres"}, **asset_options(glossary.TARGET, glossary.TARGET_SCHEMA)
)
def target_schema(
    context: dg.AssetExecutionContext, target: FleetTarget
) -> dg.MaterializeResult[None]:
    """The tables of the target, with their columns, indexes and keys, and the migration's records.

    Whatever is missing is created here, once for all files, because the run of a file changes no
    definition. No other run writes meanwhile. Before that the whole manifest is checked, and
    afterwards each of its files has a partition.
    """
    with user_errors(context):
        keys = list(read_manifest().entries)
        with target.writing_alone() as connection:
            created = pipeline.prepare_target(connection, target.common_settings())
            target_name = describe_url(connection.engine.url)
    context.instance.add_dynamic_partitions(str(FILES.name), keys)
    things = quantity(
        len(created), "table, column, index or key", "tables, columns, indexes and keys"
    )
    log_lines(
        context,
        f"created {things} in {target_name}" if created else f"{target_name} is already prepared",
        f"{quantity(len(keys), 'file')} in the manifest, each with a partition",
    )
    return dg.MaterializeResult(
        metadata={"target": target_name, "created": created, "files": len(keys)}
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """An asset of each file with its check.

    Attributes:
        options: The options of the asset.
        materialize: Materializes the asset.
        check: Runs all checks of the asset.
        checks: The names of these checks.
    """

    options: ScopedOptions
    materialize: Callable[..., dg.MaterializeResult[None]]
    check: Callable[..., Iterable[checks.Checked]]
    checks: list[str]

    @property
    def parents(self) -> set[dg.AssetKey]:
        """The keys of the assets that it depends on."""
        return set(self.options["deps"])

    @property
    def key(self) -> dg.AssetKey:
        """The key of the asset."""
        return self.options["key"]

    def verify(
        self, context: Context, source: FleetSource, target: FleetTarget
    ) -> dg.AssetCheckResult:
        """Return the results of all checks of the asset as one."""
        with reworded_failures():
            checked = [
                (reword_result(result), reword_metadata(metadata))
                for result, metadata in self.check(context, source=source, target=target)
            ]
        last = {step.key for step in _TABLES}
        return checks.merge_results(
            self.key,
            VERIFIED,
            checked,
            warnings_fail=checks.warnings_fail_now(context, target, last),
        )


STEPS = [
    Step(
        options=assets.snapshot_options(SCOPE),
        materialize=assets.take_snapshot,
        check=functools.partial(checks.check_snapshot, scope=SCOPE),
        checks=list(checks.SNAPSHOT_CHECKS),
    ),
    *(
        Step(
            options=assets.table_options(contract, SCOPE),
            materialize=functools.partial(assets.load_table, contract=contract),
            check=functools.partial(
                checks.check_table, contract=contract, names=checks.checks_of(contract)
            ),
            checks=list(checks.checks_of(contract)),
        )
        for contract in CONTRACTS
    ),
]
"""The assets of each file that have checks."""


def _verified(step: Step) -> dg.AssetCheckSpec:
    """Return the check of an asset, which can also run alone."""
    with beta_allowed():
        return dg.AssetCheckSpec(
            VERIFIED,
            asset=step.key,
            blocking=True,
            description=f"All checks of a single file pass: {', '.join(step.checks)}.",
            metadata={"severity": "ERROR or WARN"},
            partitions_def=FILES,
        )


_OWNER = assets.owner_options(SCOPE)
_OWNER["description"] = (
    "The owner account of the file: the user who owns its rows, found by email or created. A new "
    "account is no administrator, and nobody knows its password: its user asks for a new one."
)
_SNAPSHOT, *_TABLES = STEPS

_Result = dg.MaterializeResult[None] | dg.AssetCheckResult


def _migrate(
    step: Step, context: dg.AssetExecutionContext, source: FleetSource, target: FleetTarget
) -> Iterator[_Result]:
    """Materialize an asset and run its checks, as far as they are selected."""
    if step.key in context.selected_asset_keys:
        with reworded_failures():
            result = step.materialize(context, scope=SCOPE, source=source, target=target)
        yield result
    if dg.AssetCheckKey(step.key, VERIFIED) in context.selected_asset_check_keys:
        yield step.verify(context, source, target)


@dg.multi_asset(
    name="fleet__sqlite_backup",
    specs=[dg.AssetSpec(**_SNAPSHOT.options)],
    check_specs=[_verified(_SNAPSHOT)],
    can_subset=True,
)
def sqlite_backup(
    context: dg.AssetExecutionContext, source: FleetSource, target: FleetTarget
) -> Iterator[_Result]:
    """Take a snapshot of a file."""
    verified = []
    for result in _migrate(_SNAPSHOT, context, source, target):
        if isinstance(result, dg.AssetCheckResult):
            verified.append(result)
        yield result
    target.write_results()
    checks.fail_on_errors(verified)


@dg.multi_asset(
    name="fleet__tables",
    specs=[dg.AssetSpec(**options) for options in (_OWNER, *(step.options for step in _TABLES))],
    check_specs=[_verified(step) for step in _TABLES],
    can_subset=True,
)
def tables(
    context: dg.AssetExecutionContext, source: FleetSource, target: FleetTarget
) -> Iterator[_Result]:
    """Find or create the owner account of a file, and load its tables."""
    if SCOPE.admin_user in context.selected_asset_keys:
        with reworded_failures():
            owner = assets.ensure_owner(context, SCOPE, source, target)
        yield owner
    failures: dict[dg.AssetKey, dg.Failure | None] = {}
    # Dagster and the target record the results of all tables together.
    verified = []
    for step in _TABLES:
        if failures.keys() & step.parents:
            failures[step.key] = None
            continue
        try:
            for result in _migrate(step, context, source, target):
                if not isinstance(result, dg.AssetCheckResult):
                    yield result
                    continue
                verified.append(result)
                if check_outcome(result) is CheckOutcome.FAILED:
                    # It fails the step after the checks of all tables.
                    failures[step.key] = None
        except dg.Failure as failure:
            failures[step.key] = failure
    target.write_results()
    yield from verified
    if raised := [failure for failure in failures.values() if failure is not None]:
        raise _merge_failures(raised)
    checks.fail_on_errors(verified)
    if not failures and context.selected_asset_keys:
        checks.fail_on_warnings(context, target, checks.warned_in_run(context))


def _merge_failures(failures: Sequence[dg.Failure]) -> dg.Failure:
    """Return the failures of several tables as one; they may have the same reason."""
    return dg.Failure(
        " ".join(dict.fromkeys(failure.description or "" for failure in failures)),
        metadata={name: value for each in failures for name, value in each.metadata.items()},
        allow_retries=False,
    )


ASSETS = [sqlite_backup, tables]
"""The assets of each file."""

RECORDED_CHECKS = sum(len(step.checks) for step in STEPS)
"""Number of checks of each file whose results the target records."""
