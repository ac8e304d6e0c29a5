"""The assets: a snapshot of the source, the owner, and one table for each contract.

They are thin: open, call the core, report. What they report is the user's view of the run.
"""

import dagster as dg

from bizy_assets.assets.inputs import load_request, load_summary, valid_snapshot
from bizy_assets.core import pipeline
from bizy_assets.core.common import COUNTS
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import describe_url
from bizy_assets.metadata import (
    ADMIN_USER,
    GROUP,
    OWNERS,
    TABLE,
    adopted_changes_table,
    glossary_metadata,
    lineage,
    table_key,
    target_schema,
)
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import user_errors


def make_table_asset(contract: Contract) -> dg.AssetsDefinition:
    """Makes the asset that loads one table."""
    parents = [table_key(table) for table in contract.loaded_after]

    @dg.asset(
        key=table_key(contract.table),
        deps=parents or [ADMIN_USER],
        group_name=GROUP,
        kinds={"postgres"},
        owners=OWNERS,
        metadata=glossary_metadata(TABLE, target_schema(contract)),
        description=(
            f"{contract.description} Loaded from the snapshot into `public.{contract.table}` in "
            "one transaction, which is audited before it commits: the table is complete, or as "
            "it was before."
        ),
    )
    def load(
        context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
    ) -> dg.MaterializeResult[None]:
        with user_errors(context):
            wanted = source.settings()
            with target.writing() as connection:
                chosen = valid_snapshot(context, connection, wanted)
                request = load_request(context, wanted, target, chosen)
                loaded = pipeline.load_table(connection, contract, request, target.owner())
                where = describe_url(connection.engine.url)
        context.log.info(load_summary(loaded))
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": loaded.load.counts.source_rows,
                "dagster/table_name": f"{where}/public.{contract.table}",
                **{name: getattr(loaded.load.counts, name) for name in COUNTS[1:]},
                "seconds": round(loaded.seconds, 3),
                "rows per second": round(loaded.load.counts.source_rows / loaded.seconds),
                "dagster/column_lineage": lineage(contract),
                "snapshot": dg.MetadataValue.path(str(chosen.path)),
                "snapshot_sha256": chosen.sha256,
                "zone": f"{wanted.zone.key} ({wanted.zone_origin})",
                "repairs": sum(loaded.repairs.values()),
                **{f"repaired: {rule}": count for rule, count in loaded.repairs.items()},
                **adopted_changes_table(loaded),
                "indexes and keys made": len(loaded.created),
            }
        )

    return load


TABLE_ASSETS = [make_table_asset(contract) for contract in CONTRACTS]
