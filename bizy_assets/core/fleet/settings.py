"""Settings of a fleet: where its manifest is, and how a file that it names is read."""

from typing import ClassVar

from bizy_assets.core.settings import AbsolutePath, Settings, SourceSettings, setting


class FleetSettings(Settings):
    """Which Bizy files a fleet has."""

    manifest: AbsolutePath = setting(
        "manifest",
        "BIZY_FLEET",
        default="fleet.toml",
        description="The manifest: TOML, or CSV if its name ends in `.csv`.",
    )


class FleetSourceSettings(SourceSettings):
    """How a file of a fleet is read; the manifest names it."""

    is_in_fleet: ClassVar[bool] = True

    name: str = setting("name")

    @property
    def key(self) -> str:
        """The key of the file in the manifest."""
        return self.name
