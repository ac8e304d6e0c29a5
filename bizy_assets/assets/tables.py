"""The assets of the target's tables, one for each contract."""

import logging
from typing import Any

import dagster as dg

from bizy_assets import metadata
from bizy_assets.assets.inputs import load_summary, load_warnings, valid_snapshot
from bizy_assets.core import pipeline
from bizy_assets.core.contracts import BY_TABLE, CONTRACTS, Contract
from bizy_assets.core.load import LoadResult
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import SourceSettings, bizy_home
from bizy_assets.metadata import SINGLE_FILE, Scope
from bizy_assets.resources import BizySource, BizyTarget, SourceResource, TargetResource
from bizy_assets.runtime import log_details, log_lines, user_errors


def load_table(
    context: dg.AssetExecutionContext,
    contract: Contract,
    scope: Scope,
    source: SourceResource,
    target: TargetResource,
) -> dg.MaterializeResult[None]:
    """Load a table from the snapshot of this run."""
    with user_errors(context):
        settings = source.settings()
        with target.writing() as connection:
            snapshot = valid_snapshot(context, scope, connection, settings)
            request = pipeline.load_request(
                snapshot,
                settings,
                target.settings(),
                context.run.run_id,
                bizy_home(),
                _tables_of_run(context, scope),
            )
            result = pipeline.load_table(connection, contract, request, target.owner())
            target_name = describe_url(connection.engine.url)
    log_details(context, load_summary(result))
    for warning in load_warnings(result):
        log_lines(context, warning, level=logging.WARNING)
    return dg.MaterializeResult(
        scope.table(contract.table),
        metadata=_metadata(contract, scope, result, settings, target_name),
    )


def _tables_of_run(context: dg.AssetExecutionContext, scope: Scope) -> list[str]:
    """Return the tables that this run loads."""
    # A whole job has no selection.
    selected = context.run.asset_selection
    return [table for table in BY_TABLE if not selected or scope.table(table) in selected]


def table_options(contract: Contract, scope: Scope) -> metadata.ScopedOptions:
    """Return the options of the asset of a table."""
    parents = [scope.table(table) for table in contract.loaded_after]
    return {
        "key": scope.table(contract.table),
        "deps": parents or [scope.admin_user],
        "partitions_def": scope.partitions_def,
        "kinds": {"postgres"},
        "description": f"{contract.description} Loaded from the snapshot into "
        f"`public.{contract.table}` in one transaction, which is audited before it commits: the "
        "table is either complete or unchanged.",
        **metadata.asset_options(
            metadata.glossary.TARGET, metadata.glossary.TABLE, metadata.target_schema(contract)
        ),
    }


def _make_table_asset(contract: Contract) -> dg.AssetsDefinition:
    @dg.asset(**table_options(contract, SINGLE_FILE))
    def load(
        context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
    ) -> dg.MaterializeResult[None]:
        return load_table(context, contract, SINGLE_FILE, source, target)

    return load


def _metadata(
    contract: Contract,
    scope: Scope,
    result: LoadResult,
    settings: SourceSettings,
    target_name: str,
) -> dict[str, Any]:
    counts, snapshot = result.load.counts, result.load.run.snapshot
    return {
        **metadata.counts_metadata(counts),
        "dagster/table_name": f"{target_name}/public.{contract.table}",
        "seconds": round(result.seconds, 3),
        "rows_per_second": round(counts.source_rows / result.seconds),
        **_adjusted(result),
        "zone": settings.zone_label,
        "snapshot": dg.MetadataValue.path(str(snapshot.path)),
        "snapshot_sha256": snapshot.sha256,
        **metadata.tables.adopted_changes_table(result),
        **({"new_indexes_and_keys": str(len(result.created))} if result.created else {}),
        **_lineage(contract, scope),
    }


def _adjusted(result: LoadResult) -> dict[str, str]:
    """Return the number of adjusted values of each rule, if any."""
    rules = ", ".join(f"{rule} {number:,}" for rule, number in result.repairs.items() if number)
    return {"adjusted_values": rules} if rules else {}


def _lineage(contract: Contract, scope: Scope) -> dict[str, dg.TableColumnLineage]:
    """Return the lineage of the columns, which would be most of what many files report."""
    if scope.partitions_def is not None:
        return {}
    return {"dagster/column_lineage": metadata.lineage(contract)}


TABLE_ASSETS = [_make_table_asset(contract) for contract in CONTRACTS]
