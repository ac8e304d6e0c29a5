"""The terminal of a command: whether it may be drawn on, its live part, and the time it took.

It does not import Dagster, so that a command can draw while it imports Dagster.
"""

from bizy_assets.terminal.clock import command_start, duration
from bizy_assets.terminal.next_steps import height, short_path, step_lines
from bizy_assets.terminal.screen import (
    ICONS,
    console,
    icon,
    is_live,
    screen,
    show_progress,
    show_start,
)

__all__ = [
    "ICONS",
    "command_start",
    "console",
    "duration",
    "height",
    "icon",
    "is_live",
    "screen",
    "short_path",
    "show_progress",
    "show_start",
    "step_lines",
]
