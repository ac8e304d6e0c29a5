"""What a page is made of, whichever language it is then written in."""

from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST = 80
"""How many characters of a value are shown."""


class Code(str):
    """A text for machines: a path, a digest, a command."""

    __slots__ = ()


class Word(str):
    """A verdict, which stands out."""

    __slots__ = ()


Cell = str | int | float | None


@dataclass(frozen=True)
class Heading:
    """The title of the page, or of a section."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Names and what they stand for."""

    pairs: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Table:
    """Rows under a header; the last one may be a sum."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    summed: bool = False


@dataclass(frozen=True)
class Steps:
    """What to do: a sentence each, and what to type where that is known."""

    items: Sequence[tuple[str, Code | None]]


@dataclass(frozen=True)
class Bar:
    """A bar of a chart.

    Attributes:
        label: What it is about.
        parts: From left to right, what each part is and how large.
        note: What stands behind it.
    """

    label: str
    parts: Sequence[tuple[str, float]]
    note: str


@dataclass(frozen=True)
class Chart:
    """Bars below each other; a page without pictures leaves it out.

    Attributes:
        title: What it shows.
        bars: The bars.
        shares: Whether every bar is as long as the others, so that its parts are shares.
        legend: What parts there can be, where there is more than one.
    """

    title: str
    bars: Sequence[Bar]
    shares: bool
    legend: Sequence[str] = field(default=())


Block = Heading | Paragraph | Facts | Table | Steps | Chart


def plain(text: str) -> str:
    """Makes visible what cannot be seen, line breaks too."""
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() else ascii(mark)[1:-1]  # without its quotes
        for mark in text
    )


def shortened(text: str) -> str:
    """Cuts a value of the user's to what is shown of it."""
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def shown(cell: Cell) -> str:
    """Returns what a cell reads like."""
    match cell:
        case None:
            return "-"
        case float():
            return f"{cell:.1f} s"
        case int():
            return f"{cell:,}"
        case _:
            return plain(cell)
