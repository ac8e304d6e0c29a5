"""The web backend's models, as its schema gives them and as its developers would write them.

They share nothing with the models in ``bizy_assets.core``, so that each is held against the other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Declarative models look a column's type up in the names of this module.
__all__ = ["Any", "Base", "Goal", "Task", "User", "datetime"]


class Base(DeclarativeBase):
    """Every table of the backend; defaults exist in its code alone, not in the database."""


class User(Base):
    """Somebody who logs in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True, index=True)
    email: Mapped[str] = mapped_column(String(255), unique=True, index=True)
    username: Mapped[str] = mapped_column(String(100), unique=True, index=True)
    hashed_password: Mapped[str] = mapped_column(String(255))
    full_name: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool | None]
    is_verified: Mapped[bool | None]
    is_superuser: Mapped[bool | None]
    created_at: Mapped[datetime] = mapped_column(default=datetime.now)
    updated_at: Mapped[datetime] = mapped_column(default=datetime.now)
    last_login_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]


class Goal(Base):
    """A goal of a user, which may be part of another."""

    __tablename__ = "goals"

    id: Mapped[int] = mapped_column(primary_key=True, index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    parent_goal_id: Mapped[int | None] = mapped_column(
        ForeignKey("goals.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(Text)
    horizon: Mapped[str | None] = mapped_column(String(50), index=True)
    target_date: Mapped[datetime | None] = mapped_column(index=True)
    status: Mapped[str | None] = mapped_column(String(50))
    progress_percentage: Mapped[float | None] = mapped_column(Float)
    success_criteria: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=datetime.now, index=True)
    updated_at: Mapped[datetime] = mapped_column(default=datetime.now)
    completed_at: Mapped[datetime | None]
    metrics: Mapped[Any | None] = mapped_column(JSON)

    __table_args__ = (
        Index("ix_goals_user_status", "user_id", "status"),
        Index("ix_goals_user_horizon", "user_id", "horizon"),
        Index("ix_goals_user_target_date", "user_id", "target_date"),
    )


class Task(Base):
    """A task of a user, which may belong to a goal."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(primary_key=True, index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    parent_goal_id: Mapped[int | None] = mapped_column(
        ForeignKey("goals.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[int | None]
    status: Mapped[str | None] = mapped_column(String(50))
    category: Mapped[str | None] = mapped_column(String(100), index=True)
    estimated_hours: Mapped[float | None] = mapped_column(Float)
    actual_hours: Mapped[float | None] = mapped_column(Float)
    due_date: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=datetime.now, index=True)
    updated_at: Mapped[datetime] = mapped_column(default=datetime.now)
    completed_at: Mapped[datetime | None]
    dependencies: Mapped[Any | None] = mapped_column(JSON)
    notes: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[Any | None] = mapped_column(JSON)

    __table_args__ = (
        Index("ix_tasks_user_status", "user_id", "status"),
        Index("ix_tasks_user_due_date", "user_id", "due_date"),
        Index("ix_tasks_user_category", "user_id", "category"),
        Index("ix_tasks_goal_status", "parent_goal_id", "status"),
    )
