"""What is done with models: loading, unloading, fetching and deleting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.tables.base import Base, Uuid, special_index


class OperationRow(Base):
    """The two unique indexes let one operation at a time run per model, and per provider one that works alone.

    No foreign keys: it outlives its provider and whoever ordered it. `subject` is a digest, because what is to be
    fetched may be an address longer than an index takes.
    """

    __tablename__ = "operations"
    __table_args__ = (
        special_index("uq_operations_running", "provider_id", "subject", unique=True, where="state = 'running'"),
        special_index("uq_operations_alone", "provider_id", unique=True, where="alone AND state = 'running'"),
        Index("ix_operations_started_at", "started_at", "id"),
        Index("ix_operations_finished_at", "finished_at"),
    )
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    act: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str] = mapped_column(Uuid)
    provider: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(64))
    subject_text: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    wish: Mapped[dict[str, Any]]
    alone: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    progress: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    started_by: Mapped[str] = mapped_column(String(150))
    started_by_id: Mapped[str | None] = mapped_column(Uuid)
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
