"""When models are kept loaded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.tables.base import Base, Uuid


class ModelScheduleRow(Base):
    """`load` has what is wished of it, by the names of a load's request; null wishes nothing.

    `failures`, `problem` and `problem_at` tell all workers when to try again, `ended_at` who ended the hours.
    """

    __tablename__ = "model_schedules"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    days: Mapped[list[Any]]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(100))
    unload_after: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    load: Mapped[dict[str, Any] | None]
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(Text)
    problem_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
