"""The assets of the target's tables, one for each contract."""

from typing import Any

import dagster as dg

from bizy_assets import metadata
from bizy_assets.assets.inputs import load_summary, valid_snapshot
from bizy_assets.core import pipeline
from bizy_assets.core.common import row_counts
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.load import LoadResult
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import SourceSettings
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import log_lines, user_errors


def make_table_asset(contract: Contract) -> dg.AssetsDefinition:
    """Create the asset that loads one table."""
    parents = [metadata.table_key(table) for table in contract.loaded_after]

    @dg.asset(
        key=metadata.table_key(contract.table),
        deps=parents or [metadata.ADMIN_USER],
        kinds={"postgres"},
        description=(
            f"{contract.description} Loaded from the snapshot into `public.{contract.table}` in "
            "one transaction, which is audited before it commits: the table is either complete or "
            "unchanged."
        ),
        **metadata.asset_options(metadata.glossary.TABLE, metadata.target_schema(contract)),
    )
    def load(
        context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
    ) -> dg.MaterializeResult[None]:
        with user_errors(context):
            settings = source.settings()
            with target.writing() as connection:
                snapshot = valid_snapshot(context, connection, settings)
                request = pipeline.load_request(
                    snapshot, settings, target.settings(), context.run.run_id
                )
                result = pipeline.load_table(connection, contract, request, target.owner())
                target_name = describe_url(connection.engine.url)
        log_lines(context, load_summary(result))
        return dg.MaterializeResult(metadata=_metadata(contract, result, settings, target_name))

    return load


def _metadata(
    contract: Contract, result: LoadResult, settings: SourceSettings, target_name: str
) -> dict[str, Any]:
    counts, snapshot = result.load.counts, result.load.run.snapshot
    return {
        "dagster/row_count": counts.source_rows,
        "dagster/table_name": f"{target_name}/public.{contract.table}",
        **{name: getattr(counts, name) for name in row_counts.COUNTS[1:]},
        "seconds": round(result.seconds, 3),
        "rows per second": round(counts.source_rows / result.seconds),
        "dagster/column_lineage": metadata.lineage(contract),
        "snapshot": dg.MetadataValue.path(str(snapshot.path)),
        "snapshot_sha256": snapshot.sha256,
        "zone": f"{settings.zone.key} ({settings.zone_origin})",
        "repairs": sum(result.repairs.values()),
        **{f"repaired: {rule}": number for rule, number in result.repairs.items()},
        **metadata.tables.adopted_changes_table(result),
        "indexes and keys made": len(result.created),
    }


TABLE_ASSETS = [make_table_asset(contract) for contract in CONTRACTS]
