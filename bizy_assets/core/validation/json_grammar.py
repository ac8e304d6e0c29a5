r"""Judges single texts as PostgreSQL's ``json`` type does, for the few that SQLite doubts.

``json`` keeps a text as it is and checks its grammar only: ``\u0000``, lone surrogates and
numbers of any size are fine. Nothing here recurses, so no text is too deep to be judged.
"""

import re
from collections.abc import Iterable

from bizy_assets.core.validation.rules import ReasonCode

DEEPEST = 10_000
"""Levels that are taken to fit.

PostgreSQL's parser recurses until ``max_stack_depth``, by default 2 MB. Through COPY, version 18
took 14,523 objects or 16,338 arrays in one another, version 16 took 16,364 of either (x86-64,
GCC); the rest is left to other compilers and to what else lies on the stack.
"""

_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        (?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+")
        |(?P<mark>[\[\]{},:])
        |(?P<scalar>true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)
        |(?P<infinite>NaN|-?Inf(?:inity)?)
        |(?P<end>\Z)
    )""",
    re.VERBOSE,
)

_VALUE = frozenset({"string", "scalar", "infinite", "[", "{"})
_FIRST_VALUE = _VALUE | {"]"}
_KEY = frozenset({"string"})
_FIRST_KEY = _KEY | {"}"}
_AFTER = {"[": frozenset(",]"), "{": frozenset(",}"), "": frozenset({"end"})}


def json_violation(raw: bytes) -> str | None:
    """Returns the fault that keeps a text out of a ``json`` column, or None if there is none.

    A text that is not UTF-8 or has a NUL is none of JSON's faults, and gets None too.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    tokens: set[str] = set()
    depth = _depth(_tokens(text, tokens))
    if depth is None:
        return ReasonCode.NOT_JSON
    if "infinite" in tokens:
        return ReasonCode.JSON_NOT_FINITE
    return ReasonCode.JSON_TOO_DEEP if depth > DEEPEST else None


def _tokens(text: str, seen: set[str]) -> Iterable[str]:
    """Yields what a text is made of: marks as they are, all else by its name."""
    position = 0
    while match := _TOKEN.match(text, position):
        kind = str(match.lastgroup)
        seen.add(kind)
        yield match["mark"] or kind
        if kind == "end":
            return
        position = match.end()
    yield "unknown"


def _depth(pieces: Iterable[str]) -> int | None:
    """Returns how deep the nesting goes, or None where a piece stands where it may not."""
    open_, deepest, expected = [""], 0, _VALUE
    for piece in pieces:
        if piece not in expected:
            return None
        match piece:
            case "[" | "{":
                open_.append(piece)
                deepest = max(deepest, len(open_) - 1)
                expected = _FIRST_VALUE if piece == "[" else _FIRST_KEY
                continue
            case ",":
                expected = _VALUE if open_[-1] == "[" else _KEY
                continue
            case ":":
                expected = _VALUE
                continue
            case "]" | "}":
                open_.pop()
            case "string" if expected in (_KEY, _FIRST_KEY):
                expected = frozenset(":")
                continue
        expected = _AFTER[open_[-1]]
    return deepest
