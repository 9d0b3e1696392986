"""A call to a model while it runs: who asks, and what is known of the answer so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.accounts import Caller
from app.domain.events import Burst
from app.domain.stopping import Stop
from app.domain.usage import Usage
from app.gateway.routing import Candidate
from app.providers.base import Attempt


@dataclass(slots=True)
class Call:
    """A request on its way through the gateway: who asks, through which face, since when, and how it is ended."""

    caller: Caller
    request_id: str
    face: str
    started: float
    """Monotonic clock, when the request's bytes were complete."""
    stop: Stop
    answer: Answer | None = None
    """Set as soon as a candidate is found, so that a failure can tell who was tried, and how often."""


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
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    content_sent: bool = False
    attempt: Attempt | None = None
    """The one that runs, or ran last."""
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
    def total_ms(self) -> float:
        return (time.monotonic() - self.started) * 1000
