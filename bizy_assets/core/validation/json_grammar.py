r"""The grammar of PostgreSQL's ``json`` type, for the few texts that SQLite does not accept.

``json`` stores a text unchanged and checks only its grammar: ``\u0000``, lone surrogates and
numbers of any size are valid. The parser does not recurse, so texts of any depth can be checked.
"""

import re
from collections.abc import Iterable, Iterator

from bizy_assets.core.validation.rules import ReasonCode

DEEPEST = 10_000
"""Nesting levels that are certain to load.

PostgreSQL's parser recurses up to ``max_stack_depth``, by default 2 MB. Through COPY, version 18
accepted 14,523 nested objects or 16,338 nested arrays, version 16 accepted 16,364 of either
(x86-64, GCC); the difference is a margin for other compilers and other use of the stack.
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


def json_violation(raw: bytes) -> ReasonCode | None:
    """Return why a ``json`` column rejects a text, or None if JSON's grammar is not the reason.

    Text that is not UTF-8 or has a NUL character violates other rules, so the result is None.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    seen: set[str] = set()
    depth = _depth(_tokens(text, seen))
    if depth is None:
        return ReasonCode.NOT_JSON
    if "infinite" in seen:
        return ReasonCode.JSON_NOT_FINITE
    return ReasonCode.JSON_TOO_DEEP if depth > DEEPEST else None


def _tokens(text: str, seen: set[str]) -> Iterator[str]:
    """Yield the tokens of a text: punctuation as it is, any other token by its kind.

    The kinds of all tokens are added to ``seen``.
    """
    index = 0
    while match := _TOKEN.match(text, index):
        kind = str(match.lastgroup)
        seen.add(kind)
        yield match["mark"] or kind
        if kind == "end":
            return
        index = match.end()
    yield "unknown"


def _depth(tokens: Iterable[str]) -> int | None:
    """Return the depth of the nesting, or None if the tokens are not JSON."""
    open_, deepest, expected = [""], 0, _VALUE
    for symbol in tokens:
        if symbol not in expected:
            return None
        match symbol:
            case "[" | "{":
                open_.append(symbol)
                deepest = max(deepest, len(open_) - 1)
                expected = _FIRST_VALUE if symbol == "[" else _FIRST_KEY
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
