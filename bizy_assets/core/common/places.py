"""Folders of this installation, and the name of the demo's database."""

import os
from pathlib import Path

PACKAGE = Path(__file__).parents[2]

CHECKOUT = PACKAGE.parent if (PACKAGE.parent / "pyproject.toml").is_file() else None
"""The checkout that the package runs from, or None if it was installed without one."""

DEMO_DATABASE = "bizy_demo"
"""The embedded server's database for the sample, apart from that of real data."""


def default_home() -> Path:
    """Return the folder for the project's own files, unless ``BIZY_HOME`` names another.

    It is in the checkout or, for an installed package, in the user's data folder as defined by
    https://specifications.freedesktop.org/basedir-spec/latest.
    """
    if CHECKOUT is not None:
        return CHECKOUT / ".bizy"
    data = os.environ.get("XDG_DATA_HOME", "")
    # The specification says to ignore relative paths.
    folder = Path(data) if Path(data).is_absolute() else Path("~/.local/share").expanduser()
    return folder / "bizy-assets"
