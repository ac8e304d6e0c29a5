"""Text for people: shortened values, counts and lists."""

import codecs
from collections.abc import Iterable

FORMULA = "^[=+@\\-\\t\\r\\n\uff1d\uff0b\uff20\uff0d]"
"""Pattern of how texts begin that spreadsheets may take for formulas, also in wide characters."""

NUMBER = r"^[+\-]?[0-9.]+([eE][+\-]?[0-9]+)?$"
"""Pattern of numbers, which begin like a formula if they have a sign but do no harm."""


def is_utf8(text: str) -> bool:
    """Return whether a text of the operating system has no bytes that are not UTF-8.

    Python represents such bytes by surrogates, which neither database can store.
    """
    return not any("\ud800" <= character <= "\udfff" for character in text)


def shorten(text: str, length: int) -> str:
    """Cut a text to a number of characters and mark the cut with an ellipsis."""
    return text if len(text) <= length else text[:length] + "…"


def decode(raw: bytes, *, cut: bool = False) -> str:
    """Return UTF-8 as text and any other bytes in hexadecimal.

    Bytes that are cut may end within a character, which is then dropped.
    """
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(raw, final=not cut)
    except UnicodeDecodeError:
        return f"0x{raw.hex()}"


def quantity(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun, such as ``1 row`` or ``2,000 rows``.

    The noun may include the verb of a sentence. The default plural adds an ``s``.
    """
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


def and_more(first: Iterable[object], more: int, noun: str = "more") -> str:
    """Join the first items of a list and state how many others follow, if any."""
    listed = ", ".join(map(str, first))
    return f"{listed} and {more:,} {noun}" if more > 0 else listed
