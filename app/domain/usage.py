"""What a call used: tokens, times and how it ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class TokenSource(StrEnum):
    PROVIDER = "provider"
    ESTIMATED = "estimated"
    ABSENT = "absent"


class Usage(msgspec.Struct, frozen=True):
    """Token counts; `completion_tokens` includes `reasoning_tokens`. `source` says who counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    source: TokenSource = TokenSource.ABSENT

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class UsageRecord(msgspec.Struct, frozen=True):
    """One attempt at a provider, or a request that reached none (`provider` is then empty)."""

    id: str
    request_id: str
    started_at: datetime
    attempt: int
    user_id: str
    key_id: str | None
    face: str
    """The dialect's name: `v1`, `native`, …"""
    task: str
    """`chat`, `completion` or `embedding`."""
    provider_id: str | None
    provider: str
    model_asked: str
    model: str
    """The vendor's name of the model that really answered (else the one that was asked for)."""
    streamed: bool
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    token_source: str
    first_token_ms: float | None
    total_ms: float
    overhead_ms: float
    outcome: str
    """`ok`, an error code, `client_left` or `stopped`."""
    cost_usd: float | None = None
