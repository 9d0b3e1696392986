"""Answers that are kept so that the next question can build on them by their id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """One turn: what was asked in it and the whole answer, both as OpenAI's responses have them."""

    id: str
    user_id: str
    previous_id: str | None
    """The turn before; it may be gone."""
    input: Sequence[Mapping[str, Any]]
    document: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime
