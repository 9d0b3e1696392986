"""What is being done with models, as every worker sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from app.domain.lifecycle import Act, Progress


class OperationState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OperationError:
    """Why an operation failed, as whoever ordered it is told."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Order:
    """An act that somebody wants done. Two with the same `provider_id` and `subject` never run at once."""

    act: Act
    provider_id: str
    provider: str
    """The slug."""
    subject: str
    """What it is done to: a model's id, or what is to be fetched."""
    model: str
    """The canonical name; of a download what was asked for, behind the slug."""
    wish: Mapping[str, Any] = field(default_factory=dict)
    """How it is to be done; an order with the same wish joins the operation that runs."""
    alone: bool = False
    """Whether it ends what else is loaded: of these a provider runs one at a time."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An order while it is carried out, and afterwards what came of it."""

    id: str
    order: Order
    state: OperationState
    started_by: str
    """A name."""
    started_by_id: str | None
    started_at: datetime
    alive_at: datetime
    """When the process that carries it out last said so."""
    finished_at: datetime | None = None
    progress: Progress = Progress()
    result: Mapping[str, Any] | None = None
    error: OperationError | None = None
    """Why it failed; while it runs, why it has to end."""

    @property
    def is_running(self) -> bool:
        return self.state is OperationState.RUNNING

    @property
    def elapsed_s(self) -> float:
        """Until its end, or until now."""
        end = self.finished_at or datetime.now(UTC)
        return max(0.0, (end - self.started_at).total_seconds())
