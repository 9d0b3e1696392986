"""A call to a model while it runs: who asks, and what is known of the answer so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.accounts import Caller
from app.domain.conversations import Timings
from app.domain.events import Burst
from app.domain.stopping import Stop
from app.domain.usage import Usage, UsageRecord
from app.gateway.routing import Candidate
from app.providers.base import Attempt, Sent


@dataclass(slots=True)
class Call:
    """A request on its way through the gateway: who asks, through which face, since when, and how it is ended."""

    caller: Caller
    request_id: str
    face: str
    started: float
    """Monotonic clock, when the request's bytes were complete."""
    stop: Stop
    watches: bool = False
    """Whether it is told how far a load is: an empty burst may then come before a heartbeat is due."""
    answer: Answer | None = None
    """Set as soon as a candidate is found, so that a failure can tell who was tried, and how often."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt that is over. `problem` is what was wrong, in words; empty where nothing was."""

    record: UsageRecord
    problem: str


@dataclass(slots=True)
class Answer:
    """What `answer` returns: facts for headers, and the events. `facts` go on changing while events are read."""

    candidate: Candidate
    config_version: int
    started: float
    attempts: int = 0
    model: str = ""
    """The vendor's name of the model that really answered."""
    overhead_ms: float = 0.0
    first_token_ms: float | None = None
    usage: Usage = Usage()
    finish_reason: str | None = None
    content_sent: bool = False
    attempt: Attempt | None = None
    """The one that runs, or ran last."""
    tries: tuple[Try, ...] = ()
    waited_s: float = 0.0
    """Of attempts that are over, and of pauses between them."""
    cost_usd: float | None = None
    """Known when the last event was read; None where no price is."""
    events: Iterator[Burst] = iter(())

    def time_inside_ms(self) -> float:
        """What was not spent waiting for the provider, up to this moment."""
        waited_s = self.waited_s + (self.attempt.waited_s if self.attempt is not None else 0.0)
        return max(0.0, (time.monotonic() - self.started - waited_s) * 1000)

    @property
    def dropped(self) -> tuple[str, ...]:
        """Parameters that were left out on the way to the provider."""
        return () if self.attempt is None else self.attempt.dropped

    @property
    def sent(self) -> Sent | None:
        """What the newest attempt sent; None before, and where it came to nothing."""
        return None if self.attempt is None else self.attempt.sent

    @property
    def canonical(self) -> str:
        """`<slug>/<id>` of the model that really answered."""
        return f"{self.candidate.config.slug}/{self.model}"

    @property
    def total_ms(self) -> float:
        return (time.monotonic() - self.started) * 1000

    def timings(self) -> Timings:
        """Up to this moment; the speed counts from the first token on, where more than one came."""
        total_ms, first_ms = self.total_ms, self.first_token_ms
        generating_s = (total_ms - (first_ms or 0)) / 1000
        tokens = self.usage.completion_tokens
        return Timings(
            first_token_ms=None if first_ms is None else round(first_ms, 1),
            total_ms=round(total_ms, 1),
            tokens_per_second=round(tokens / generating_s, 1) if tokens > 1 and generating_s > 0.001 else None,
            overhead_ms=round(self.overhead_ms, 2),
        )
