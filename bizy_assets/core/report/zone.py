"""Doubts about the time zone of local times, and the next steps that they need.

Only the user knows the zone. The evidence of a file is no proof, so a step leaves the choice open.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bizy_assets.core.common import user_command
from bizy_assets.core.report.model import Code, Evaluation, Step
from bizy_assets.core.validation import time_zone


@dataclass(frozen=True, kw_only=True)
class ZoneDoubt:
    """Why the zone that is used may be wrong.

    Attributes:
        used: Its name.
        is_assumed: Whether it was not chosen.
        better: A zone that fits the times of the file better, if there is one.
    """

    used: str
    is_assumed: bool
    better: str = ""

    @property
    def proposed(self) -> Code:
        """The command that migrates in the better zone, or confirms the assumed one."""
        return _migrating(self.better or self.used)

    def steps(self) -> Iterator[Step]:
        """Yield what to do, the most important first."""
        if self.better:
            yield (
                f"If the laptop's time zone was {self.better} and not {self.used}:",
                self.proposed,
            )
        if self.is_assumed:
            yield (
                f"No time zone was chosen: confirm {self.used} or name the laptop's:",
                _migrating(self.used),
            )

    def first_step(self) -> list[Step]:
        """Return the most important of the steps, if there are any."""
        return list(self.steps())[:1]

    def step_again(self) -> Step:
        """Return how to migrate again after another correction."""
        if self.better:
            return (
                f"Then migrate again, in {self.better} if that was the laptop's time zone:",
                self.proposed,
            )
        return (
            f"Then migrate again; confirm {self.used} or name the laptop's time zone:",
            self.proposed,
        )


def zone_doubt(evaluations: Iterable[Evaluation]) -> ZoneDoubt | None:
    """Return the doubt about the zone that the checks have, if any."""
    for found in evaluations:
        for row in found.tables.get(time_zone.ZONES, ()):
            return ZoneDoubt(
                used=str(row[time_zone.USED]),
                is_assumed=row[time_zone.IS_CHOSEN] == "no",
                better=str(row[time_zone.BETTER]),
            )
    return None


def _migrating(zone: str) -> Code:
    return Code(user_command("migrate", "--timezone", zone))
