"""Settings of a run: a configured value first, then the environment, then the default.

Each setting is declared once, as a field of a model here. Resources derive their configuration
fields from these models. Nothing is read at import, as a process may outlive a run.
An empty variable counts as unset.
"""

import os
import zoneinfo
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import tzlocal
from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.fields import FieldInfo

from bizy_assets.core.common import (
    IdPolicy,
    OnBadRow,
    TriggerPolicy,
    files,
    is_utf8,
    parse_zone,
    places,
    zone_names,
)
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import ConfigurationError

DEFAULT_TASKS_LOCAL_SINCE = "2025-10-11T16:21:51Z"
"""Release of Bizy's command line 1.1.1, the first to write ``tasks.created_at`` in local time."""

DEFAULT_LOCK_WAIT_SECONDS = 60.0


def environment(name: str) -> str | None:
    """Return the variable's value, or None if it is unset or empty; raises ConfigurationError."""
    value = os.environ.get(name, "").strip() or None
    if value and not is_utf8(value):
        raise ConfigurationError(f"{name} is not valid UTF-8; set it to UTF-8 text.")
    return value


def names(field: FieldInfo) -> list[str]:
    """Return a setting's name in the configuration of a resource, then its variables."""
    choices = field.validation_alias
    return [str(name) for name in choices.choices] if isinstance(choices, AliasChoices) else []


def setting(*names: str, **default: Any) -> Any:  # noqa: ANN401 - of the field's type
    """Declare a setting by its names, of which the first with a value counts, and its default."""
    return Field(validation_alias=AliasChoices(*names), **default)


def _expect(expected: str) -> WrapValidator:
    """Describe the expected value to a user who set another one."""

    def check(value: object, validate: ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except (ValueError, OverflowError):
            raise ValueError(f"is {value!r}; set it to {expected}.") from None

    return WrapValidator(check)


def _at_most(limit: int, column: str) -> AfterValidator:
    def check(text: str) -> str:
        if len(text) <= limit:
            return text
        raise ValueError(
            f"is {len(text)} characters long, but {column} holds at most {limit} characters; "
            "choose a shorter one."
        )

    return AfterValidator(check)


def _machine_zone() -> str:
    """Return the name of this machine's zone; ``TZ`` must name an IANA zone, if it is set."""
    name = (environment("TZ") or "").lstrip(":").rpartition("zoneinfo/")[2]
    if name and name not in zone_names():
        raise ConfigurationError(
            f"TZ is {name!r}, which is not an IANA time zone; set BIZY_SOURCE_TIMEZONE to the "
            "zone of the laptop that wrote the source, like Europe/Berlin."
        )
    return name or str(tzlocal.get_localzone_name())


def _unknown_columns(listed: str | Collection[str]) -> frozenset[str]:
    """Parse the names of columns to ignore, none of which is ever migrated."""
    texts = listed.split(",") if isinstance(listed, str) else listed
    columns = frozenset(text.strip() for text in texts if text.strip())
    for name in sorted(columns):
        table, _, column = name.partition(".")
        if table not in BY_TABLE or not column:
            raise ValueError(
                f"names {name!r}, which is not a column of one of Bizy's tables "
                f"({', '.join(BY_TABLE)}); write it like tasks.mood."
            )
        if column in {known.name for known in BY_TABLE[table].source_columns}:
            raise ValueError(
                f"names {name}, which is migrated; only columns that bizy-assets does not know "
                "can be ignored, so remove it from the list."
            )
    return columns


def _known_tables(by_table: dict[str, list[int]]) -> dict[str, list[int]]:
    if unknown := [table for table in by_table if table not in BY_TABLE]:
        raise ValueError(
            f"names the table {unknown[0]!r}, but the tables are {', '.join(BY_TABLE)}; correct "
            "the name."
        )
    return by_table


AbsolutePath = Annotated[Path, BeforeValidator(files.resolve)]
_Instant = Annotated[
    AwareDatetime,
    BeforeValidator(datetime.fromisoformat),
    AfterValidator(lambda instant: instant.astimezone(UTC)),
    _expect(f"an instant with its offset, like {DEFAULT_TASKS_LOCAL_SINCE}"),
]
_IdsByTable = Annotated[dict[str, list[int]], AfterValidator(_known_tables)]
_UnknownColumns = Annotated[frozenset[str], BeforeValidator(_unknown_columns)]
_Policy = Annotated[OnBadRow, BeforeValidator(str.lower), _expect("fail or quarantine")]
_IdPolicyName = Annotated[IdPolicy, BeforeValidator(str.lower), _expect("keep or move")]
_Triggers = Annotated[TriggerPolicy, BeforeValidator(str.lower), _expect("refuse, fire or disable")]
_Count = Annotated[
    int | None, Field(ge=1), _expect("a number of at least 1 (the loaded snapshot is always kept)")
]
_UserId = Annotated[
    int | None,
    Field(ge=1, le=2**31 - 1),
    _expect("the user's id in the login service (users.id holds 1 to 2147483647)"),
]
_DatabaseName = Annotated[
    str,
    Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$"),
    _expect("a name of at most 63 lower-case letters, digits and underscores"),
]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False), _expect("a number of at least 0")]


class Settings(BaseModel):
    """Base of all groups of settings; a field's docstring is its help in the Dagster UI."""

    model_config = ConfigDict(
        frozen=True, use_attribute_docstrings=True, validate_by_name=True, validate_default=True
    )

    @classmethod
    def read(cls, configured: Mapping[str, object] | None = None) -> Self:
        """Complete the configured values from the environment and the defaults.

        Raises:
            ConfigurationError: A value is invalid.
        """
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

    home: AbsolutePath = setting("home", "BIZY_HOME", default_factory=places.default_home)
    """Folder of the embedded server, reports and password files; if unset, `.bizy` in the checkout
    or, for an installed package, `bizy-assets` in the user's data folder."""

    embedded_database: _DatabaseName = setting(
        "embedded_database", "BIZY_EMBEDDED_DATABASE", default="bizy"
    )
    """Database of the embedded server that is the target if `DATABASE_URL` is not set."""


class SourceFileSettings(Settings):
    """Where the Bizy file is, whether or not it exists."""

    path: AbsolutePath = setting(
        "path", "SQLITE_DB_PATH", "BUSINESS_AGENT_DB", default="~/.business-agent/tasks.db"
    )
    """The Bizy database."""

    is_in_fleet: ClassVar[bool] = False
    """Whether other sources are loaded into the same target, perhaps at the same time."""

    @property
    def key(self) -> str:
        """The key by which the target's records know the source."""
        return str(self.path)


class SourceSettings(SourceFileSettings):
    """How the Bizy file is read, and where its snapshots go."""

    backup_dir: AbsolutePath = setting(
        "backup_dir", "BIZY_BACKUP_DIR", default_factory=lambda fields: fields["path"].parent
    )
    """Folder for snapshots; if unset, the file's own folder."""

    zone: Annotated[zoneinfo.ZoneInfo, BeforeValidator(parse_zone)] = setting(
        "timezone", "BIZY_SOURCE_TIMEZONE", default_factory=_machine_zone
    )
    """IANA time zone of the laptop that wrote the file; if unset, this machine's zone."""

    tasks_local_since: _Instant = setting(
        "tasks_local_since", "BIZY_TASKS_LOCAL_SINCE", default=DEFAULT_TASKS_LOCAL_SINCE
    )
    """Instant from which Bizy wrote `tasks.created_at` in local time, with its offset."""

    keep_backups: _Count = setting("keep_backups", "BIZY_KEEP_BACKUPS", default=None)
    """How many snapshots of this file to keep, with the loaded one always kept; if unset, all."""

    on_bad_row: _Policy = setting("on_bad_row", "BIZY_ON_BAD_ROW", default=OnBadRow.FAIL)
    """Policy for values that PostgreSQL cannot hold: `fail` ends the run before it writes,
    `quarantine` loads the other rows."""

    ignore_columns: _UnknownColumns = setting(
        "ignore_columns", "BIZY_IGNORE_COLUMNS", default=frozenset()
    )
    """Unknown columns to leave out, like `tasks.mood`; any other unknown column ends the run."""

    id_policy: _IdPolicyName = setting("id_policy", "BIZY_ID_POLICY", default=IdPolicy.KEEP)
    """Policy for the ids of rows, which the first load of the file fixes: `keep` or `move`."""

    @property
    def zone_origin(self) -> str:
        """How the zone was chosen, as shown to users."""
        default = "this machine's zone, as BIZY_SOURCE_TIMEZONE is not set"
        return "configured" if "zone" in self.model_fields_set else default


class OwnerSettings(Settings):
    """The owner account: the user who will own every migrated row."""

    email: Annotated[str, _at_most(255, "users.email")] = setting(
        "owner_email", "DEFAULT_USER_EMAIL", default="admin@bizy.local"
    )
    """Email of the user who will own every row."""

    username: Annotated[str, _at_most(100, "users.username")] = setting(
        "owner_username", "DEFAULT_USER_USERNAME", default="admin"
    )
    """Username of that user, if the run creates it."""

    user_id: _UserId = setting("owner_id", "DEFAULT_USER_ID", default=None)
    """`users.id` of that user in the backend's login service; if unset, the next free id."""


class TargetSettings(Settings):
    """How rows are loaded into the target."""

    lock_wait_seconds: _Seconds = setting(
        "lock_wait_seconds", "BIZY_LOCK_WAIT_SECONDS", default=DEFAULT_LOCK_WAIT_SECONDS
    )
    """How long to wait for another run on this target, and for table locks of the backend."""

    triggers: _Triggers = setting("triggers", "BIZY_TRIGGERS", default=TriggerPolicy.REFUSE)
    """Policy for triggers and rules of the target's tables that may change the rows to load:
    `refuse` ends the run before it writes, `disable` disables them in the transaction of each
    load, `fire` lets triggers fire and rolls a load back whose values they change."""

    adopt: bool = setting("adopt", default=False)
    """Whether to adopt the owner's existing rows under ids that Bizy uses too, written by an
    older script or before the Bizy file was moved."""

    skip_ids: _IdsByTable = setting("skip_ids", default={})
    """Ids of rows to leave out, by table; they are recorded in `bizy_migration.rejected_rows`."""


def bizy_home() -> Path:
    """Return the folder where the project keeps its own files, absolute.

    Raises:
        ConfigurationError: Another account could replace its files.
    """
    home = HomeSettings.read().home
    files.require_own_folder(home, "BIZY_HOME")
    return home
