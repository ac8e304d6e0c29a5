"""A laptop that Bizy runs on: writes databases under a moving clock, and knows the truth."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bizy_assets_tests.support import bizy_files

SWITCH = datetime(2025, 10, 11, 16, 21, 51, tzinfo=UTC)
"""When the release came out from which ``tasks.created_at`` is local time."""

Cell = tuple[str, int, str]


@dataclass
class Laptop:
    """A laptop in a zone, whose owner takes up the new release as soon as it is out.

    Attributes:
        zone: Where it is.
        truth: The instant that each time really was, UTC without a zone.
        twice: Cells whose wall time the clock showed a second time when it was written.
    """

    zone: ZoneInfo
    truth: dict[Cell, datetime] = field(default_factory=dict)
    twice: set[Cell] = field(default_factory=set)

    def write(self, path: Path, *moments: datetime) -> Path:
        """Writes a database with a row of each table at each moment."""
        rows: dict[str, list[dict[str, object]]] = defaultdict(list)
        for number, moment in enumerate(moments, 1):
            for table, row in self._rows(number, moment).items():
                rows[table].append(row)
        return bizy_files.make(path, **rows)

    def _rows(self, number: int, now: datetime) -> dict[str, dict[str, object]]:
        """Returns a row of each table, made at a moment and done or changed a little later."""
        later = now + timedelta(hours=7, minutes=13, microseconds=number)
        return {
            "goals": {
                "created_at": self._utc(now, "goals", number, "created_at"),
                "updated_at": self._local(later, "goals", number, "updated_at")
                if number % 2
                else self._utc(now, "goals", number, "updated_at"),
            },
            "tasks": {
                "parent_goal_id": number,
                "created_at": self._local(now, "tasks", number, "created_at")
                if now >= SWITCH
                else self._utc(now, "tasks", number, "created_at"),
                "completed_at": self._local(later, "tasks", number, "completed_at"),
            },
            "daily_logs": {"date": self._day(number, "daily_logs", number, "date")},
            "research": {"date_found": self._local(now, "research", number, "date_found")},
            "metrics": {"date": self._utc(now, "metrics", number, "date")},
            "business_plans": {
                "created_at": self._utc(now, "business_plans", number, "created_at"),
                "updated_at": self._utc(later, "business_plans", number, "updated_at"),
            },
        }

    def _day(self, days: int, *cell: str | int) -> str:
        """Writes a day; it is the same day everywhere, whatever the clock does on it."""
        text = bizy_files.day(days)
        self.truth[cell] = datetime.fromisoformat(text)  # type: ignore[index]
        return text

    def _utc(self, now: datetime, *cell: str | int) -> str:
        self.truth[cell] = now.replace(tzinfo=None)  # type: ignore[index]
        return f"{now:%Y-%m-%d %H:%M:%S.%f}"

    def _local(self, now: datetime, *cell: str | int) -> str:
        wall = now.astimezone(self.zone)
        self.truth[cell] = now.replace(tzinfo=None)  # type: ignore[index]
        if wall.fold:
            self.twice.add(cell)  # type: ignore[arg-type]
        return f"{wall:%Y-%m-%d %H:%M:%S.%f}"
