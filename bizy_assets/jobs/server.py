"""The ops of the jobs ``provision`` and ``reset_admin_password``."""

import dagster as dg
import sqlalchemy as sa
from pydantic import Field

from bizy_assets.core import pipeline
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import describe_url, parse_url
from bizy_assets.core.server import provision
from bizy_assets.core.settings import TargetSettings, bizy_home, environment
from bizy_assets.resources import BizyTarget
from bizy_assets.runtime import log_lines, user_errors


class ProvisionConfig(dg.Config):
    """Configuration of `provision`."""

    change_password: bool = Field(
        default=False,
        description="Whether to set the password of `DATABASE_URL` for an existing role that has "
        "another one. Otherwise the run fails with an explanation.",
    )


@dg.op
def prepare(context: dg.OpExecutionContext, config: ProvisionConfig) -> None:
    """Creates the missing role, database and privileges of DATABASE_URL and tests them.

    Connects as the administrator of BIZY_POSTGRES_ADMIN_URL. Existing objects are left as they
    are.
    """
    metadata: dict[str, str] = {}
    changes = 0
    with user_errors(context, metadata):
        admin_url, target_url = _connection_urls()
        for step in provision(
            admin_url,
            target_url,
            change_password=config.change_password,
            lock_wait_seconds=TargetSettings.read().lock_wait_seconds,
        ):
            log_lines(context, step.text)
            metadata[step.name] = step.text
            changes += step.changed
    context.add_output_metadata({**metadata, "changes": changes})


@dg.op
def new_password(context: dg.OpExecutionContext, target: BizyTarget) -> None:
    """Generates a new random password for the owner account and saves it in the file shown.

    The old password stops working. An account that the migration did not create is left unchanged.
    """
    with user_errors(context):
        account = target.owner()
        with target.writing() as connection:
            wait = target.settings().lock_wait_seconds
            owner = pipeline.reset_owner_password(
                connection, account, bizy_home(), lock_wait_seconds=wait
            )
            target_name = describe_url(connection.engine.url)
    log_lines(
        context,
        f"owner account {account.email} (id {owner.user_id}) in {target_name} has a new "
        f"password; it is in {owner.password_file}",
    )
    context.add_output_metadata(
        {
            "user_id": str(owner.user_id),
            "email": account.email,
            "target": target_name,
            "password_file": dg.MetadataValue.path(str(owner.password_file)),
        }
    )


def _connection_urls() -> tuple[sa.URL, sa.URL]:
    """Return the connection URLs of the administrator and of the target; both must be set."""
    target_url = environment("DATABASE_URL")
    if target_url is None:
        raise ConfigurationError(
            "DATABASE_URL is not set, so the target is the embedded server, which needs no "
            "provisioning; set it to the connection URL that the migration will use."
        )
    admin_url = environment("BIZY_POSTGRES_ADMIN_URL")
    if admin_url is None:
        raise ConfigurationError(
            "BIZY_POSTGRES_ADMIN_URL is not set; set it to the connection URL of a role that may "
            "create roles and databases, like "
            "postgresql://postgres:password@localhost:5432/postgres."
        )
    return (
        parse_url(admin_url, variable="BIZY_POSTGRES_ADMIN_URL"),
        parse_url(target_url, variable="DATABASE_URL"),
    )
