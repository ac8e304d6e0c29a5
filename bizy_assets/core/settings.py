"""Settings of a run: a configured value first, then the environment, then the default.

Each setting is declared once, as a field of a model here. Resources derive their configuration
fields from these models. Nothing is read at import, as a process may outlive a run.
An empty variable counts as unset.
"""

import functools
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

import tzlocal
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bizy_assets.core.common import (
    CHOSEN_ZONE,
    IdPolicy,
    OnBadRow,
    TriggerPolicy,
    files,
    is_demo,
    parse_zone,
    places,
    zone_names,
)
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.setting_types import (
    DEFAULT_TASKS_LOCAL_SINCE,
    BadRowPolicy,
    Count,
    DatabaseName,
    IdPolicyName,
    IdsByTable,
    Instant,
    Seconds,
    Switch,
    Triggers,
    UnknownColumns,
    UserId,
    at_most,
)
from bizy_assets.core.setting_types import (
    AbsolutePath as AbsolutePath,
)
from bizy_assets.core.setting_types import (
    names as names,
)
from bizy_assets.core.setting_types import (
    setting as setting,
)
from bizy_assets.core.variables import environment as environment
from bizy_assets.core.variables import require_known

DEFAULT_LOCK_WAIT_SECONDS = 60.0


def machine_zone() -> str:
    """Return the name of this machine's zone; ``TZ`` must name an IANA zone, if it is set."""
    name = (environment("TZ") or "").lstrip(":").rpartition("zoneinfo/")[2]
    if name and name not in zone_names():
        raise ConfigurationError(
            f"TZ is {name!r}, which is not an IANA time zone; set BIZY_SOURCE_TIMEZONE to the "
            "zone of the laptop that wrote the source, like Europe/Berlin."
        )
    return name or str(tzlocal.get_localzone_name())


class Settings(BaseModel):
    """Base of all groups of settings; a field's description is its help in the Dagster UI."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_default=True)

    @classmethod
    def read(cls, configured: Mapping[str, object] | None = None) -> Self:
        """Complete the configured values from the environment and the defaults.

        Raises:
            ConfigurationError: A value is invalid, or the name of a variable is misspelled.
        """
        require_known(declared_variables())
        # Only declared variables: no error can show another one, which may hold a password.
        variables = [name for field in cls.model_fields.values() for name in names(field)[1:]]
        values = {name: environment(name) for name in variables} | dict(configured or {})
        try:
            return cls.model_validate({k: v for k, v in values.items() if v not in (None, "")})
        except ValidationError as error:
            first, *_ = error.errors()
            problem = first["msg"].removeprefix("Value error, ")
            raise ConfigurationError(f"{first['loc'][0]} {problem}") from None


class HomeSettings(Settings):
    """Folder of the project's own files, and the embedded server's database in it."""

    home: AbsolutePath = setting(
        "home",
        "BIZY_HOME",
        default_factory=places.default_home,
        description="Folder of the embedded server, reports and password files; if unset, `.bizy` "
        "in the checkout or, for an installed package, `bizy-assets` in the user's data folder.",
    )

    embedded_database: DatabaseName = setting(
        "embedded_database",
        "BIZY_EMBEDDED_DATABASE",
        default="bizy",
        description="Database of the embedded server, the target if `DATABASE_URL` is not set.",
    )


class SourceFileSettings(Settings):
    """Where the Bizy file is, whether or not it exists."""

    path: AbsolutePath = setting(
        "path",
        "SQLITE_DB_PATH",
        "BUSINESS_AGENT_DB",
        default="~/.business-agent/tasks.db",
        description="The Bizy database.",
    )

    is_in_fleet: ClassVar[bool] = False
    """Whether other sources are loaded into the same target, perhaps at the same time."""

    @property
    def key(self) -> str:
        """The key by which the target's records know the source.

        The sample of the demo stays the same wherever the program is installed.
        """
        return "demo" if is_demo() else str(self.path)


class SourceSettings(SourceFileSettings):
    """How the Bizy file is read, and where its snapshots go."""

    backup_dir: AbsolutePath = setting(
        "backup_dir",
        "BIZY_BACKUP_DIR",
        default_factory=lambda fields: fields["path"].parent,
        description="Folder for snapshots; if unset, the file's own folder.",
    )

    zone: Annotated[zoneinfo.ZoneInfo, BeforeValidator(parse_zone)] = setting(
        "timezone",
        "BIZY_SOURCE_TIMEZONE",
        default_factory=machine_zone,
        description="IANA time zone of the laptop that wrote the file; if unset, this machine's "
        "zone.",
    )

    tasks_local_since: Instant = setting(
        "tasks_local_since",
        "BIZY_TASKS_LOCAL_SINCE",
        default=DEFAULT_TASKS_LOCAL_SINCE,
        description="Instant from which Bizy wrote `tasks.created_at` in local time, with its "
        "offset.",
    )

    keep_backups: Count = setting(
        "keep_backups",
        "BIZY_KEEP_BACKUPS",
        default=None,
        description="How many snapshots of this file to keep, with the loaded one always kept; if "
        "unset, all.",
    )

    on_bad_row: BadRowPolicy = setting(
        "on_bad_row",
        "BIZY_ON_BAD_ROW",
        default=OnBadRow.FAIL,
        description="Policy for values that PostgreSQL cannot hold: `fail` ends the run before it "
        "writes, `quarantine` loads the other rows.",
    )

    ignore_columns: UnknownColumns = setting(
        "ignore_columns",
        "BIZY_IGNORE_COLUMNS",
        default=frozenset(),
        description="Unknown columns to leave out, like `tasks.mood`; any other unknown column "
        "ends the run.",
    )

    id_policy: IdPolicyName = setting(
        "id_policy",
        "BIZY_ID_POLICY",
        default=IdPolicy.KEEP,
        description="Policy for the ids of rows, which the first load of the file fixes: `keep` or "
        "`move`.",
    )

    @property
    def zone_label(self) -> str:
        """The name of the zone and how it was chosen, as shown to users."""
        return f"{self.zone.key} ({self.zone_origin})"

    @property
    def zone_origin(self) -> str:
        """How the zone was chosen, as shown to users."""
        default = "this machine's zone, as BIZY_SOURCE_TIMEZONE is not set"
        return CHOSEN_ZONE if "zone" in self.model_fields_set else default


class OwnerSettings(Settings):
    """The owner account: the user who will own every migrated row."""

    email: Annotated[str, at_most(255, "users.email")] = setting(
        "owner_email",
        "DEFAULT_USER_EMAIL",
        default="admin@bizy.local",
        description="Email of the user who will own every row.",
    )

    username: Annotated[str, at_most(100, "users.username")] = setting(
        "owner_username",
        "DEFAULT_USER_USERNAME",
        default="admin",
        description="Username of that user, if the run creates it.",
    )

    user_id: UserId = setting(
        "owner_id",
        "DEFAULT_USER_ID",
        default=None,
        description="`users.id` of that user in the backend's login service; if unset, the next "
        "free id.",
    )


class TargetSettings(Settings):
    """How rows are loaded into the target."""

    lock_wait_seconds: Seconds = setting(
        "lock_wait_seconds",
        "BIZY_LOCK_WAIT_SECONDS",
        default=DEFAULT_LOCK_WAIT_SECONDS,
        description="How long to wait for another run on this target, and for locks of the "
        "backend; also how long a run of a fleet repeats a load that gives way to the backend.",
    )

    triggers: Triggers = setting(
        "triggers",
        "BIZY_TRIGGERS",
        default=TriggerPolicy.REFUSE,
        description="Policy for triggers and rules of the target's tables that may change the rows "
        "to load: `refuse` ends the run before it writes, `disable` disables them in "
        "the transaction of each load, `fire` lets triggers fire and rolls a load back "
        "whose values they change.",
    )

    adopt: bool = setting(
        "adopt",
        default=False,
        description="Whether to adopt the owner's existing rows under ids that Bizy uses too, "
        "written by an older script or before the Bizy file was moved.",
    )

    skip_ids: IdsByTable = setting(
        "skip_ids",
        default={},
        description="Ids of rows to leave out, by table; they are recorded in "
        "`bizy_migration.rejected_rows`.",
    )


class CheckSettings(Settings):
    """How the findings of checks decide the outcome of a run."""

    strict: Switch = setting(
        "strict",
        "BIZY_STRICT",
        default=False,
        description="Whether a warning of a check fails the run. `migrate` and `fleet_migrate` "
        "fail at their end, when everything is loaded; a run of some of their assets may fail "
        "before.",
    )


MODELS = (HomeSettings, SourceSettings, OwnerSettings, TargetSettings, CheckSettings)
"""All settings of a single file."""


@functools.cache
def declared_variables() -> frozenset[str]:
    """Return the variables that settings declare."""
    fields = (field for model in MODELS for field in model.model_fields.values())
    return frozenset(name for field in fields for name in names(field)[1:])


def bizy_home() -> Path:
    """Return the folder where the project keeps its own files, absolute.

    Raises:
        ConfigurationError: Another account could replace its files.
    """
    home = HomeSettings.read().home
    files.require_own_folder(home, "BIZY_HOME")
    return home
