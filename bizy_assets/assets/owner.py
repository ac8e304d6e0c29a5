"""TODO."""

import dagster as dg

from bizy_assets.assets.inputs import valid_snapshot
from bizy_assets.core import pipeline
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import bizy_home
from bizy_assets.metadata import ADMIN_USER, GROUP, OWNER, OWNERS, SQLITE_BACKUP, glossary_metadata
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import user_errors


@dg.asset(
    key=ADMIN_USER,
    deps=[SQLITE_BACKUP],
    group_name=GROUP,
    kinds={"postgres"},
    owners=OWNERS,
    metadata=glossary_metadata(OWNER),
)
def admin_user(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """The user who owns every migrated row, found by email or created.

    A created user gets a random password, which stands in the file named here and nowhere else;
    PostgreSQL holds its bcrypt hash.
    """
    with user_errors(context):
        wanted = target.owner()
        with target.writing() as connection:
            valid_snapshot(context, connection, source.settings())
            wait = target.settings().lock_wait_seconds
            owner = pipeline.ensure_owner(connection, wanted, bizy_home(), lock_wait_seconds=wait)
            where = describe_url(connection.engine.url)
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
