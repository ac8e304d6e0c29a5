"""What a browser or a terminal showed, kept to be looked at."""

import io
import os
from pathlib import Path

from rich.console import Console
from rich.text import Text


def screens_folder() -> Path | None:
    """Returns the folder to keep screens in, or None if they are not kept."""
    if not (name := os.environ.get("TEST_SCREENSHOTS")):
        return None
    folder = Path(name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep_screen(name: str, output: str, columns: int = 80) -> None:
    """Keeps what a terminal of so many columns shows, as text and as a picture."""
    if (folder := screens_folder()) is None:
        return
    console = Console(
        record=True, width=columns, file=io.StringIO(), force_terminal=True, highlight=False
    )
    for line in Text.from_ansi(output.replace("\r\n", "\n").strip("\n")).split():
        line.rstrip()
        # As a terminal does, and not between words.
        for part in line.divide(range(columns, len(line), columns)):
            console.print(part)
    (folder / f"{name}.txt").write_text(console.export_text(clear=False))
    (folder / f"{name}.svg").write_text(console.export_svg(title=name))
