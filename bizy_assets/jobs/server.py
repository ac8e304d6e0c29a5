"""What is done to a server besides migrating into it, as ops: jobs without an asset."""

import dagster as dg
import sqlalchemy as sa
from pydantic import Field

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres import describe_url, parse_url
from bizy_assets.core.provisioning import provision
from bizy_assets.core.settings import bizy_home, environment, lock_wait_seconds
from bizy_assets.core.target import reset_owner_password
from bizy_assets.resources import BizyTarget
from bizy_assets.runtime import user_errors


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
    with user_errors(context, told):
        admin, wanted = _addresses()
        for step in provision(
            admin,
            wanted,
            change_password=config.change_password,
            lock_wait_seconds=lock_wait_seconds(),
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
    with user_errors(context):
        wanted = target.owner()
        with target.writing() as connection:
            wait = lock_wait_seconds(target.lock_wait_seconds)
            owner = reset_owner_password(connection, wanted, bizy_home(), lock_wait_seconds=wait)
            where = describe_url(connection.engine.url)
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
    wanted = environment("DATABASE_URL")
    if wanted is None:
        raise ConfigurationError(
            "DATABASE_URL is not set, so the target is the embedded server, which needs no "
            "provisioning; set it to the address that the migration shall use."
        )
    admin = environment("BIZY_POSTGRES_ADMIN_URL")
    if admin is None:
        raise ConfigurationError(
            "BIZY_POSTGRES_ADMIN_URL is not set; set it to the address of a role that may create "
            "roles and databases, like postgresql://postgres:password@localhost:5432/postgres."
        )
    return (
        parse_url(admin, variable="BIZY_POSTGRES_ADMIN_URL"),
        parse_url(wanted, variable="DATABASE_URL"),
    )
