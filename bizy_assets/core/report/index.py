"""The index page of all reports in a folder, newest first.

Each report has its verdict in ``meta`` elements at its start, so only that is read of each file.
Reports of earlier releases have none and are listed by name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from bizy_assets.core.report.model import Verdict

NAME = "index.html"

_HEAD = 8192
"""Number of bytes in which a report has its ``meta`` elements."""

_TIME = re.compile(r"migration_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A report as the index lists it; a report of an earlier release has only name and time."""

    file: str
    time: str
    verdict: Verdict | None = None
    headline: str = ""
    source: str = ""
    target: str = ""
    rows: str = ""


def entries(folder: Path) -> list[Entry]:
    """Return the reports of a folder, the newest first."""
    return sorted(_entries(folder), key=lambda entry: (entry.time, entry.file), reverse=True)


def _entries(folder: Path) -> Iterator[Entry]:
    for file in folder.glob("migration_*.html"):
        with file.open("rb") as stream:
            found = _Meta(stream.read(_HEAD).decode(errors="replace")).found
        name = found.get("bizy-verdict", "").upper()
        yield Entry(
            file=file.name,
            time=found.get("bizy-time") or _time(file.name),
            verdict=Verdict.__members__.get(name),
            **{
                key: found.get(f"bizy-{key}", "")
                for key in ("headline", "source", "target", "rows")
            },
        )


def _time(name: str) -> str:
    """Return the time in the name of a report."""
    match = _TIME.match(name)
    return "{}-{}-{} {}:{}:{}".format(*match.groups()) if match else ""


class _Meta(HTMLParser):
    """The contents of the ``meta`` elements of a page by name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect an element."""
        values = dict(attrs)
        if tag == "meta" and values.get("name"):
            self.found[str(values["name"])] = values.get("content") or ""
