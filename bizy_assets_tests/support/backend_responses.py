"""The response models of the web backend's API, as the facts about it give them.

They share nothing with the contracts in ``bizy_assets.core``, so that each is held against the
other.
"""

import json
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from bizy_assets_tests.support import backend_models

Title = Annotated[str, Field(min_length=1, max_length=500)]
Hours = Annotated[float, Field(ge=0)]


class Response(BaseModel):
    """What goals and tasks have in common."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    user_id: int
    title: Title
    created_at: datetime
    updated_at: datetime


class GoalResponse(Response):
    """A goal, as the API returns it."""

    horizon: Literal["yearly", "quarterly", "monthly", "weekly"]
    status: Literal["active", "completed", "on_hold", "cancelled"]
    progress_percentage: float
    metrics: dict[str, object] | None


class TaskResponse(Response):
    """A task, as the API returns it."""

    priority: Annotated[int, Field(ge=1, le=5)]
    status: Literal["pending", "in_progress", "completed", "blocked"]
    category: Annotated[str, Field(max_length=100)] | None
    estimated_hours: Hours | None
    actual_hours: Hours | None
    dependencies: list[int] | None
    tags: list[str] | None


RESPONSES: dict[str, tuple[type[backend_models.Base], type[Response]]] = {
    "goals": (backend_models.Goal, GoalResponse),
    "tasks": (backend_models.Task, TaskResponse),
}


def refused_ids(engine: sa.Engine, table: str) -> set[int]:
    """Returns which rows the API cannot return, each asked for alone."""
    model, response = RESPONSES[table]
    refused = set()
    with Session(engine) as session:
        for number in session.scalars(sa.select(sa.column("id")).select_from(sa.table(table))):
            try:
                found = response.model_validate(session.get(model, number))
                # The web framework's responses are strict JSON.
                json.dumps(found.model_dump(), allow_nan=False, default=str)
            except (ValidationError, ValueError):
                refused.add(number)
    return refused
