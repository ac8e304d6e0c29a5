"""The architecture as told and drawn: every module, and the rules that lint enforces."""

import re
import tomllib
from xml.etree import ElementTree

import pytest

from bizy_assets_tests.support.environment import CHECKOUT

SVG = "{http://www.w3.org/2000/svg}"
TEXT = (CHECKOUT / "docs" / "ARCHITECTURE.md").read_text()
PICTURE = ElementTree.parse(CHECKOUT / "docs" / "architecture.svg").getroot()
RULES = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]


def section(title: str) -> list[list[str]]:
    """Returns the rows of a section's table, as cells."""
    lines = TEXT.split(f"## {title}\n")[1].split("\n## ")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return rows[1:]


def named(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def modules(folder: str) -> set[str]:
    return {path.stem for path in (CHECKOUT / folder).glob("[a-z]*.py")}


LAYERS = [named(modules) for modules, _ in section("The Dagster layer")]
ROOMS = {room: named(modules) for room, modules, _ in section("The core")}


def drawn(element: ElementTree.Element) -> list[str]:
    """Returns the modules that a part of the picture names."""
    texts = [text for text in element.iter(f"{SVG}text") if text.get("class") == "module"]
    return [name for text in texts for name in (text.text or "").split()]


def test_every_module_stands_once_and_exists() -> None:
    assert sorted(name for layer in LAYERS for name in layer) == sorted(modules("bizy_assets"))
    rooms = sorted(name for room in ROOMS.values() for name in room)
    assert rooms == sorted(modules("bizy_assets/core"))


def test_the_rows_are_the_layers_that_lint_enforces() -> None:
    [rule] = [rule for rule in RULES["contracts"] if rule["type"] == "layers"]
    layers = [
        [module.removeprefix("bizy_assets.") for module in layer.split(" : ")]
        for layer in rule["layers"]
    ]
    assert layers == [*LAYERS, ["core"]]


def test_every_rule_that_lint_enforces_is_told() -> None:
    text = " ".join(TEXT.split())
    for rule in RULES["contracts"]:
        assert f'"{rule["name"]}"' in text
        assert all(f"`{module}`" in text for module in rule.get("forbidden_modules", []))


def test_the_picture_shows_the_same_rows_and_rooms() -> None:
    groups = list(PICTURE.iter(f"{SVG}g"))
    assert [drawn(group) for group in groups if group.get("class") == "row"] == LAYERS
    rooms = [group for group in groups if group.get("class") == "room"]
    names = [room.findtext(f"{SVG}text[@class='room-name']") for room in rooms]
    assert dict(zip(names, map(drawn, rooms), strict=True)) == ROOMS


@pytest.mark.parametrize("change", [change for _, change in section("Where a change goes")])
def test_a_change_goes_to_modules_that_exist(change: str) -> None:
    known = modules("bizy_assets") | modules("bizy_assets/core")
    assert set(named(change)) <= known
    assert all((CHECKOUT / path).exists() for path in re.findall(r"`([\w/.]+[/.][\w.]+)`", change))
    assert named(change) or "`make" in change
