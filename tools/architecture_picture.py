"""Draw ``docs/architecture.svg`` from import layers and docstrings; ``make docs`` runs it."""

import ast
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
CONTAINERS = ("bizy_assets", "bizy_assets.core")

WIDTH = 900
MARGIN = 12
GAP = 6
NAME_WIDTH = 140
LINE = 17
CHARACTER = 7.6
"""Width of a character in the widest of the usual fonts, so that no line leaves its box."""

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
  <title>The packages of bizy_assets in layers, with their purposes</title>
  <style>
    svg {{ --paper: #fff; --ink: #1f2328; --soft: #57606a; --line: #afb8c1; --band: #f0f4fa; }}
    @media (prefers-color-scheme: dark) {{
      svg {{ --paper: #0d1117; --ink: #e6edf3; --soft: #9da7b1; --line: #57606a; --band: #1c2433; }}
    }}
    text {{ fill: var(--soft); font: 12.5px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }}
    .name {{ fill: var(--ink); font: 600 12.5px ui-monospace, Menlo, Consolas, monospace; }}
    .paper, .box {{ fill: var(--paper); }}
    .band {{ fill: var(--band); }}
    .band, .box {{ stroke: var(--line); }}
  </style>
"""


def layers(container: str) -> list[list[str]]:
    """Return the import layers of a package, top to bottom, each a list of module names."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [rule] = [rule for rule in settings["contracts"] if rule.get("containers") == [container]]
    return [layer.split(" | ") for layer in rule["layers"]]


def summary(module: str) -> str:
    """Return the first line of a module's docstring."""
    path = ROOT / module.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(source.read_text())) or ""
    return docstring.partition("\n")[0].replace("``", "")


def picture() -> str:
    """Return the picture: a band for each container, with its layers as rows of boxes."""
    shapes: list[str] = []
    height = MARGIN
    for container in CONTAINERS:
        band, height = _band(container, height)
        shapes += band
    paper = _rectangle("paper", 0, 0, WIDTH, height)
    lines = "".join(f"  {shape}\n" for shape in [paper, *shapes])
    return f"{HEAD.format(width=WIDTH, height=height)}{lines}</svg>\n"


def _band(container: str, top: int) -> tuple[list[str], int]:
    """Return the shapes of a container, and the height at which the next one starts."""
    shapes: list[str] = []
    bottom = top + GAP
    for modules in [[container], *layers(container)]:
        names = {
            name: name if name == container else f"{container}.{name}"
            for name in modules
            if f"{container}.{name}" not in CONTAINERS
        }
        if names:
            row, height = _row(names, bottom, boxed=container not in names)
            shapes += row
            bottom += height + GAP
    band = _rectangle("band", MARGIN, top, WIDTH - 2 * MARGIN, bottom - top)
    return [band, *shapes], bottom + MARGIN


def _row(names: dict[str, str], top: int, *, boxed: bool) -> tuple[list[str], int]:
    """Return the shapes of one layer, side by side, and its height.

    A name that has the row for itself stands left of its purpose, others above theirs.
    """
    alone = len(names) == 1
    width = (WIDTH - 4 * MARGIN + GAP) // len(names) - GAP
    indent, above = (NAME_WIDTH, 0) if alone else (0, 1)
    columns = int((width - 2 * GAP - indent) / CHARACTER)
    purposes = [textwrap.wrap(summary(module), columns) for module in names.values()]
    height = 2 * GAP + LINE * (above + max(map(len, purposes)))
    shapes = []
    for index, (name, lines) in enumerate(zip(names, purposes, strict=True)):
        x = 2 * MARGIN + index * (width + GAP)
        if boxed:
            shapes.append(_rectangle("box", x, top, width, height))
        y = top + LINE
        shapes.append(f'<text class="name" x="{x + GAP}" y="{y}">{escape(name)}</text>')
        for line in lines:
            place = f'x="{x + GAP + indent}" y="{y + above * LINE}"'
            shapes.append(f"<text {place}>{escape(line)}</text>")
            y += LINE
    return shapes, height


def _rectangle(kind: str, x: int, y: int, width: int, height: int) -> str:
    place = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="5"'
    return f'<rect class="{kind}" {place}/>'


if __name__ == "__main__":
    PICTURE.write_text(picture())
