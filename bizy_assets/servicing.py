"""What is done to a server besides migrating into it, as ops: jobs without an asset."""

import dagster as dg
import sqlalchemy as sa
from pydantic import Field

from bizy_assets.core import provisioning, settings, urls, users
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.failures import plainly_failing
from bizy_assets.resources import BizyTarget


class Provisioning(dg.Config):
    """What `provision` may do beyond making what is missing."""

    change_password: bool = Field(
        default=False,
        description="Whether a role that exists with another password gets the one of "
        "`DATABASE_URL`. Otherwise the run says so and fails.",
    )


@dg.op
def prepare(context: dg.OpExecutionContext, config: Provisioning) -> None:
    """Makes **role, database and rights** of `DATABASE_URL` where they are missing, and tries them.

    Done as the administrator of `BIZY_POSTGRES_ADMIN_URL`. What is there stays as it is.
    """
    told: dict[str, str] = {}
    changes = 0
    with plainly_failing(context, told):
        admin, wanted = _addresses()
        for step in provisioning.provision(
            admin,
            wanted,
            change_password=config.change_password,
            lock_wait_seconds=settings.lock_wait_seconds(),
        ):
            context.log.info(step.text)
            told[step.name] = step.text
            changes += step.changed
    context.add_output_metadata({**told, "changes": changes})


@dg.op
def new_password(context: dg.OpExecutionContext, target: BizyTarget) -> None:
    """Gives the migration's user a **new random password**, which stands in the file named here.

    The old one is void. A user that the migration did not create is left alone.
    """
    with plainly_failing(context):
        wanted = target.owner()
        with target.writing() as connection:
            wait = settings.lock_wait_seconds(target.lock_wait_seconds)
            owner = users.reset_password(
                connection, wanted, settings.bizy_home(), lock_wait_seconds=wait
            )
            where = urls.describe(connection.engine.url)
    context.log.info(
        f"user {wanted.email} (id {owner.user_id}) in {where} has a new password; it is in "
        f"{owner.password_file}"
    )
    context.add_output_metadata(
        {
            "user_id": owner.user_id,
            "email": wanted.email,
            "target": where,
            "password_file": dg.MetadataValue.path(str(owner.password_file)),
        }
    )


def _addresses() -> tuple[sa.URL, sa.URL]:
    """Returns the administrator's address, and the target's.

    Raises:
        ConfigurationError: One is not set, or is none.
    """
    wanted = settings.environment("DATABASE_URL")
    if wanted is None:
        raise ConfigurationError(
            "DATABASE_URL is not set, so the target is the embedded server, which needs no "
            "provisioning; set it to the address that the migration shall use."
        )
    admin = settings.environment("BIZY_POSTGRES_ADMIN_URL")
    if admin is None:
        raise ConfigurationError(
            "BIZY_POSTGRES_ADMIN_URL is not set; set it to the address of a role that may create "
            "roles and databases, like postgresql://postgres:password@localhost:5432/postgres."
        )
    return (
        urls.parse(admin, variable="BIZY_POSTGRES_ADMIN_URL"),
        urls.parse(wanted, variable="DATABASE_URL"),
    )
