"""What the documents and the code say."""

import ast
import functools
from collections.abc import Iterator

from bizy_assets_tests.support.environment import CHECKOUT


def documented_commands(text: str) -> set[str]:
    """Returns what the text shows to type at a prompt."""
    return {line[2:] for line in text.splitlines() if line.startswith("$ ")}


@functools.cache
def texts(*, without: str = "") -> frozenset[str]:
    """Returns every text of the code but one module's, with ``…`` for what is filled in."""
    return frozenset(_texts(without))


def _texts(without: str) -> Iterator[str]:
    modules = (CHECKOUT / "bizy_assets").rglob("*.py")
    for path in (module for module in modules if module.stem != without):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.JoinedStr(values=parts):
                    yield "".join(p.value if isinstance(p, ast.Constant) else "…" for p in parts)
                case ast.Constant(value=str(text)):
                    yield text
