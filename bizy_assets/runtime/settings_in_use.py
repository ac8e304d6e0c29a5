"""The settings of the next run, and where each comes from, without secrets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bizy_assets.core.common import OnBadRow
from bizy_assets.core.errors import BizyError, printable
from bizy_assets.core.postgres import describe_url, parse_url
from bizy_assets.core.server import embedded
from bizy_assets.core.settings import (
    HomeSettings,
    Settings,
    SourceFileSettings,
    SourceSettings,
    bizy_home,
    environment,
    names,
)

DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class SettingInUse:
    """A setting as a user reads it.

    Attributes:
        title: What it is.
        value: Its value; if it is invalid, what is wrong.
        origin: The variable that sets it, or that it has its default.
        problem: Whether it prevents a run.
    """

    title: str
    value: str
    origin: str
    problem: bool = False


def describe_settings() -> Iterator[SettingInUse]:
    """Yield the settings that decide from where and to where rows are migrated."""
    parts: dict[str, Callable[[], Iterator[SettingInUse]]] = {
        "Bizy file": _file,
        "Reading of the file": _reading,
        "Target": _target,
        "Folder of reports and other files": _home,
    }
    for title, describe in parts.items():
        try:
            yield from describe()
        except BizyError as error:
            yield SettingInUse(title=title, value=printable(str(error)), origin="", problem=True)


def _file() -> Iterator[SettingInUse]:
    path = SourceFileSettings.read().path
    found = path.is_file()
    yield SettingInUse(
        title="Bizy file",
        value=printable(str(path)) + ("" if found else " (not found)"),
        origin=_origin(SourceFileSettings, "path"),
        problem=not found,
    )


def _reading() -> Iterator[SettingInUse]:
    settings = SourceSettings.read()
    yield SettingInUse(
        title="Time zone of its times",
        value=settings.zone.key,
        origin=_origin(SourceSettings, "zone", settings.zone_origin),
    )
    yield SettingInUse(
        title="Rows that PostgreSQL cannot store",
        value=_POLICIES[settings.on_bad_row],
        origin=_origin(SourceSettings, "on_bad_row"),
    )


_POLICIES = {
    OnBadRow.FAIL: "fail: the run ends before it writes",
    OnBadRow.QUARANTINE: "quarantine: the other rows are loaded",
}


def _target() -> Iterator[SettingInUse]:
    if (text := environment("DATABASE_URL")) is not None:
        # Host, port and database only.
        value = printable(describe_url(parse_url(text, variable="DATABASE_URL")))
        yield SettingInUse(title="Target", value=value, origin="DATABASE_URL")
        return
    folder = embedded.embedded_cluster_folder(bizy_home())
    yield SettingInUse(
        title="Target",
        value=f"embedded PostgreSQL server in {printable(str(folder))}",
        origin="default, as DATABASE_URL is not set",
    )


def _home() -> Iterator[SettingInUse]:
    yield SettingInUse(
        title="Folder of reports and other files",
        value=printable(str(bizy_home())),
        origin=_origin(HomeSettings, "home"),
    )


def _origin(model: type[Settings], field: str, default: str = DEFAULT) -> str:
    """Return the first variable of a setting that is set, or else how its default is chosen."""
    _, *variables = names(model.model_fields[field])
    return next((name for name in variables if environment(name)), default)
