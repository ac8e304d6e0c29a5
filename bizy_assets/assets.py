"""The assets: a snapshot of the source, the owner, and one table for each contract.

They are thin: open, call the core, report. What they report is the user's view of the run.
"""

import dagster as dg

from bizy_assets import describing, reported, snapshots, tables
from bizy_assets.core import census, gate, journal, loading, schema, snapshot, users, vouching
from bizy_assets.core.contracts import BY_TABLE, CONTRACTS, Contract
from bizy_assets.core.counts import COUNTS
from bizy_assets.core.loading import Loaded, Order
from bizy_assets.core.settings import SourceSettings, bizy_home, lock_wait_seconds
from bizy_assets.core.snapshot import Backup, Snapshot
from bizy_assets.core.urls import describe
from bizy_assets.failures import plainly_failing
from bizy_assets.resources import BizySource, BizyTarget

ADMIN_USER = dg.AssetKey("admin_user")


def table_key(table: str) -> dg.AssetKey:
    """Returns the asset of a target table."""
    return dg.AssetKey(f"pg_{table}")


@dg.asset(
    key=snapshots.SQLITE_BACKUP,
    deps=[snapshots.BIZY_FILE],
    group_name=describing.GROUP,
    kinds={"sqlite"},
    owners=describing.OWNERS,
    metadata=reported.told(reported.SNAPSHOT, describing.source_schema()),
)
def sqlite_backup(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """A snapshot of the Bizy file: one point in time, which everything downstream reads.

    Made with SQLite's online backup, while Bizy may go on writing; the file itself is never
    changed. Proved with `PRAGMA integrity_check` and row counts. The target is looked at first,
    so that a run that could not load ends before it has written anything.
    """
    with plainly_failing(context):
        wanted = source.settings()
        # What only later assets need is read here too, so that a mistake ends the run at once.
        target.owner()
        target.skipped()
        bizy_home()
        with target.writing() as connection, connection.begin():
            schema.preflight(connection, connection.engine.url.username)
            last = journal.latest_of(connection, BY_TABLE)
            where = describe(connection.engine.url)
        backup = snapshot.make(
            wanted.path, wanted.backup_dir, wanted.ignore_columns, vouching.sound(last)
        )
        vouching.remember_census(backup.snapshot, last)
        removed = []
        if wanted.keep_backups is not None:
            earlier = snapshots.made_of(context, wanted.path)
            loaded = snapshots.loaded_last(context, map(table_key, BY_TABLE))
            loaded |= {load.snapshot.path for load in last}
            removed = snapshot.prune(
                [backup.snapshot, *earlier], keep=wanted.keep_backups, loaded=loaded
            )
    tags = {
        "bizy/source": str(backup.snapshot.source),
        "bizy/target": where,
        "bizy/snapshot": backup.snapshot.sha256,
    }
    context.instance.add_run_tags(context.run.run_id, tags)
    context.log.info(_backup_line(backup))
    unknown = _unknown(backup)
    for what, names in unknown.items():
        context.log.info(f"{what}: {', '.join(names)}")
    context.log.info(f"local times are read in {wanted.zone.key} ({wanted.zone_origin})")
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(backup.snapshot.path)),
            "source": dg.MetadataValue.path(str(backup.snapshot.source)),
            "sha256": backup.snapshot.sha256,
            "taken_at": dg.MetadataValue.timestamp(backup.snapshot.taken_at),
            "size": dg.MetadataValue.int(backup.size),
            "seconds": round(backup.seconds, 3),
            "dagster/row_count": sum(backup.rows.values()),
            **{f"rows in {table}": count for table, count in backup.rows.items()},
            **unknown,
            **({"removed": [str(path) for path in removed]} if removed else {}),
        }
    )


@dg.asset(
    key=ADMIN_USER,
    deps=[snapshots.SQLITE_BACKUP],
    group_name=describing.GROUP,
    kinds={"postgres"},
    owners=describing.OWNERS,
    metadata=reported.told(reported.OWNER),
)
def admin_user(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """The user who owns every migrated row, found by email or created.

    A created user gets a random password, which stands in the file named here and nowhere else;
    PostgreSQL holds its bcrypt hash.
    """
    with plainly_failing(context):
        wanted = target.owner()
        _good_snapshot(context, source.settings())
        with target.writing() as connection:
            wait = lock_wait_seconds(target.lock_wait_seconds)
            owner = users.ensure(connection, wanted, bizy_home(), lock_wait_seconds=wait)
            where = describe(connection.engine.url)
    if owner.created:
        context.log.info(
            f"created user {wanted.email} (id {owner.user_id}) in {where}; its password is in "
            f"{owner.password_file}"
        )
    else:
        context.log.info(f"found user {wanted.email} (id {owner.user_id}) in {where}")
    return dg.MaterializeResult(
        metadata={
            "user_id": owner.user_id,
            "email": wanted.email,
            "created": owner.created,
            "target": where,
            **(
                {"password_file": dg.MetadataValue.path(str(owner.password_file))}
                if owner.password_file
                else {}
            ),
        }
    )


def table_asset(contract: Contract) -> dg.AssetsDefinition:
    """Makes the asset that loads one table."""
    parents = [table_key(table) for table in contract.loaded_after]

    @dg.asset(
        key=table_key(contract.table),
        deps=parents or [ADMIN_USER],
        group_name=describing.GROUP,
        kinds={"postgres"},
        owners=describing.OWNERS,
        metadata=reported.told(reported.TABLE, describing.target_schema(contract)),
        description=(
            f"{contract.description} Loaded from the snapshot into `public.{contract.table}` in "
            "one transaction, which is audited before it commits: the table is complete, or as "
            "it was before."
        ),
    )
    def load(
        context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
    ) -> dg.MaterializeResult[None]:
        with plainly_failing(context):
            wanted = source.settings()
            chosen = _good_snapshot(context, wanted)
            with target.writing() as connection:
                with connection.begin():
                    schema.ensure_own(connection)
                    owner_id = users.owner_id(connection, target.owner())
                wish = order(context, wanted, target, chosen, owner_id=owner_id)
                loaded = loading.load_table(connection, contract, wish)
                where = describe(connection.engine.url)
        context.log.info(load_line(loaded))
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": loaded.load.counts.source_rows,
                "dagster/table_name": f"{where}/public.{contract.table}",
                **{name: getattr(loaded.load.counts, name) for name in COUNTS[1:]},
                "seconds": round(loaded.seconds, 3),
                "rows per second": round(loaded.load.counts.source_rows / loaded.seconds),
                "dagster/column_lineage": describing.lineage(contract),
                "snapshot": dg.MetadataValue.path(str(chosen.path)),
                "snapshot_sha256": chosen.sha256,
                "zone": f"{wanted.zone.key} ({wanted.zone_origin})",
                "repairs": sum(loaded.repairs.values()),
                **{f"repaired: {rule}": count for rule, count in loaded.repairs.items()},
                **tables.taken_over(loaded),
                "indexes and keys made": len(loaded.made),
            }
        )

    return load


def order(
    context: dg.AssetExecutionContext,
    wanted: SourceSettings,
    target: BizyTarget,
    chosen: Snapshot,
    *,
    owner_id: int,
) -> Order:
    """Returns what to load and how, as the run is configured."""
    return Order(
        snapshot=chosen,
        zone=wanted.zone,
        tasks_local_since=wanted.tasks_local_since,
        owner_id=owner_id,
        run_id=context.run.run_id,
        lock_wait_seconds=lock_wait_seconds(target.lock_wait_seconds),
        adopt=target.adopt,
        skip_ids=target.skipped(),
    )


def _good_snapshot(context: dg.AssetExecutionContext, wanted: SourceSettings) -> Snapshot:
    """Returns the snapshot to load, once its census allows it.

    Raises:
        SnapshotError: There is none, or it is gone or altered.
        SourceError: It has unknown columns that are not to be ignored.
        BadRowsError: It holds bad values, and the run shall fail then.
    """
    chosen = snapshots.to_load(context, wanted.path)
    snapshot.require_known(chosen, wanted.ignore_columns)
    gate.require_good(census.of(chosen), wanted.on_bad_row, bizy_home())
    return chosen


def _backup_line(backup: Backup) -> str:
    counts = ", ".join(f"{count:,} {table}" for table, count in backup.rows.items())
    made = backup.snapshot
    return f"{counts} of {made.source} copied to {made.path} ({backup.seconds:.1f} s)"


def _unknown(backup: Backup) -> dict[str, list[str]]:
    """Names what of the source is not migrated, where there is such."""
    found = {
        "unknown tables ignored": list(backup.unknown_tables),
        "unknown columns ignored": list(backup.unknown_columns),
    }
    return {what: names for what, names in found.items() if names}


def load_line(loaded: Loaded) -> str:
    """Says what a load did, for a log."""
    counts = loaded.load.counts
    line = (
        f"{counts.source_rows:,} rows: {counts.inserted:,} inserted, {counts.updated:,} updated, "
        f"{counts.unchanged:,} unchanged ({loaded.seconds:.1f} s)"
    )
    for name in COUNTS[4:]:
        if number := getattr(counts, name):
            line += f"; {number:,} {name.replace('_', ' ')}"
    if loaded.repairs:
        line += "; repaired: " + ", ".join(f"{n:,} {rule}" for rule, n in loaded.repairs.items())
    return line


TABLE_ASSETS = [table_asset(contract) for contract in CONTRACTS]
ASSETS = [sqlite_backup, admin_user, *TABLE_ASSETS]
