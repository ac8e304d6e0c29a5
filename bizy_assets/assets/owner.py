"""The asset ``admin_user``: the owner account of the migrated rows."""

import inspect
from typing import Any

import dagster as dg

from bizy_assets.assets.inputs import valid_snapshot
from bizy_assets.core import pipeline
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.settings import OwnerSettings, bizy_home
from bizy_assets.core.target import Owner
from bizy_assets.metadata import SINGLE_FILE, Scope, ScopedOptions, asset_options, glossary
from bizy_assets.resources import BizySource, BizyTarget, SourceResource, TargetResource
from bizy_assets.runtime import log_details, user_errors


def ensure_owner(
    context: dg.AssetExecutionContext, scope: Scope, source: SourceResource, target: TargetResource
) -> dg.MaterializeResult[None]:
    """The owner account: the user who owns every migrated row, found by email or created.

    A new account gets a random password, saved in a file readable only by you, whose path is
    reported here. PostgreSQL stores its bcrypt hash.
    """
    with user_errors(context):
        account = target.owner()
        with target.writing() as connection:
            settings = source.settings()
            valid_snapshot(context, scope, connection, settings)
            pipeline.require_same_owner(connection, settings.key, account)
            wait = target.settings().lock_wait_seconds
            owner = pipeline.ensure_owner(
                connection,
                account,
                bizy_home(),
                lock_wait_seconds=wait,
                concurrent=settings.is_in_fleet,
            )
            target_name = describe_url(connection.engine.url)
    _log(context, account, owner, target_name)
    return dg.MaterializeResult(scope.admin_user, metadata=_metadata(account, owner, target_name))


def owner_options(scope: Scope) -> ScopedOptions:
    """Return the options of the asset."""
    return {
        "key": scope.admin_user,
        "deps": [scope.sqlite_backup],
        "partitions_def": scope.partitions_def,
        "kinds": {"postgres"},
        "description": inspect.getdoc(ensure_owner),
        **asset_options(glossary.TARGET, glossary.OWNER),
    }


@dg.asset(**owner_options(SINGLE_FILE))
def admin_user(
    context: dg.AssetExecutionContext, source: BizySource, target: BizyTarget
) -> dg.MaterializeResult[None]:
    """Find or create the owner account of the single file."""
    return ensure_owner(context, SINGLE_FILE, source, target)


def _log(
    context: dg.AssetExecutionContext, account: OwnerSettings, owner: Owner, target_name: str
) -> None:
    name = f"owner account {account.email} (id {owner.user_id})"
    if owner.created:
        log_details(
            context, f"created {name} in {target_name}; its password is in {owner.password_file}"
        )
    else:
        log_details(context, f"{name} exists in {target_name}")


def _metadata(account: OwnerSettings, owner: Owner, target_name: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "user_id": str(owner.user_id),
        "email": account.email,
        "created": owner.created,
        "target": target_name,
    }
    if owner.password_file:
        metadata["password_file"] = dg.MetadataValue.path(str(owner.password_file))
    return metadata
