"""The asset ``admin_user``: the owner account of the migrated rows."""

from typing import Any

import dagster as dg

from bizy_assets.assets.inputs import valid_snapshot
from bizy_assets.core import pipeline
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import bizy_home
from bizy_assets.metadata import ADMIN_USER, SQLITE_BACKUP, asset_options, glossary
from bizy_assets.resources import BizySource, BizyTarget
from bizy_assets.runtime import log_lines, user_errors


@dg.asset(key=ADMIN_USER, deps=[SQLITE_BACKUP], kinds={"postgres"}, **asset_options(glossary.OWNER))
def admin_user(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """The owner account: the user who owns every migrated row, found by email or created.

    A new account gets a random password, saved in a file readable only by you, whose path is
    reported here. PostgreSQL stores its bcrypt hash.
    """
    with user_errors(context):
        account = target.owner()
        with target.writing() as connection:
            valid_snapshot(context, connection, source.settings())
            wait = target.settings().lock_wait_seconds
            owner = pipeline.ensure_owner(connection, account, bizy_home(), lock_wait_seconds=wait)
            target_name = describe_url(connection.engine.url)
    name = f"owner account {account.email} (id {owner.user_id})"
    if owner.created:
        log_lines(
            context, f"created {name} in {target_name}; its password is in {owner.password_file}"
        )
    else:
        log_lines(context, f"{name} exists in {target_name}")
    metadata: dict[str, Any] = {
        "user_id": owner.user_id,
        "email": account.email,
        "created": owner.created,
        "target": target_name,
    }
    if owner.password_file:
        metadata["password_file"] = dg.MetadataValue.path(str(owner.password_file))
    return dg.MaterializeResult(metadata=metadata)
