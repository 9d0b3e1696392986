"""One way to say what is wrong with a field, and that something is not there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from app.domain.errors import InvalidRequest, NotFound, Problem

T = TypeVar("T")


def invalid(field: str, problem: str) -> InvalidRequest:
    """`problem` goes on where the field's name ends: "must be …", "is …"."""
    return InvalidRequest(f"{field}: {problem}", param=field, details=[Problem(field, problem)])


def found(value: T | None, what: str) -> T:
    """Raises NotFound, also for what is somebody else's."""
    if value is None:
        raise NotFound(f"There is no such {what}.")
    return value


def utc_now() -> datetime:
    return datetime.now(UTC)
