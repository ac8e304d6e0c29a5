"""The page on the architecture: a fresh picture, and places that exist."""

import re

import pytest

from bizy_assets_tests.support.environment import CHECKOUT
from tools.architecture_picture import CONTAINERS, PICTURE, layers, picture

TEXT = (CHECKOUT / "docs" / "ARCHITECTURE.md").read_text()
PACKAGE = CHECKOUT / "bizy_assets"
CHANGES = re.findall(r"^\| (.+) \| (.*`.*) \|$", TEXT, re.MULTILINE)


def test_the_picture_is_drawn_from_the_code() -> None:
    assert PICTURE.read_text() == picture(), "run `make docs`"


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_layers_name_each_module(container: str) -> None:
    folder = CHECKOUT / container.replace(".", "/")
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert sorted(name for layer in layers(container) for name in layer) == sorted(
        packages | modules
    )


@pytest.mark.parametrize("places", [places for _, places in CHANGES])
def test_a_change_goes_to_a_place_that_exists(places: str) -> None:
    paths = [path for path in re.findall(r"`([^`]+)`", places) if path != "make docs"]
    assert paths
    assert [path for path in paths if not (PACKAGE / path).exists()] == []


def test_every_path_of_the_page_exists() -> None:
    paths = re.findall(r"`([\w.]+(?:/[\w.]+)+)`", TEXT.replace("bizy_assets/core", "core"))
    assert len(paths) > len(CHANGES)
    assert [path for path in paths if not (PACKAGE / path).exists()] == []
