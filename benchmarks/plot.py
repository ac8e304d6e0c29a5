"""Draws time and memory against size, from a benchmark's results; runs in its own environment.

Takes the JSON file, and where the picture goes.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

LINES = {
    "`bizy-assets migrate`": ("migrate, whole process", "tab:blue"),
    "load of goals and tasks": ("load", "tab:cyan"),
    "floor: server alone": ("floor", "tab:gray"),
    "pgloader": ("pgloader, bare load", "tab:orange"),
    "DuckDB, bare copy": ("DuckDB, bare copy", "tab:green"),
    "empty Dagster job of the same graph": ("empty Dagster job", "tab:purple"),
}


def main() -> None:
    """Draws."""
    results, picture = map(Path, sys.argv[1:])
    sizes = json.loads(results.read_text())
    # The same figures make the same file.
    mpl.rcParams["svg.hashsalt"] = "bizy-assets"
    figure, (seconds, memory) = plt.subplots(1, 2, figsize=(11, 4.5))
    for name, (label, color) in LINES.items():
        _line(seconds, sizes, name, "seconds", label=label, color=color)
        _line(memory, sizes, name, "peak_mb", label=label, color=color)
    for axes, title in ((seconds, "seconds"), (memory, "peak memory of the process, MB")):
        axes.set(title=title, xlabel="tasks", xscale="log")
        axes.grid(visible=True, alpha=0.3)
    seconds.set_yscale("log")
    memory.set_ylim(bottom=0)
    seconds.legend()
    figure.tight_layout()
    figure.savefig(picture, format="svg", metadata={"Date": None})


def _line(axes: Any, sizes: list[dict[str, Any]], name: str, what: str, **style: str) -> None:  # noqa: ANN401
    points = [
        (size["tasks"], figure[what])
        for size in sizes
        for figure in size["figures"]
        if figure["name"] == name and figure[what]
    ]
    if points:
        axes.plot(*zip(*points, strict=True), marker="o", **style)


if __name__ == "__main__":
    main()
