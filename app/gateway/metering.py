"""What attempts use: tokens and times, as rows for the ledger."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from app.domain.catalog import Task
from app.domain.errors import GatewayError
from app.domain.events import Burst
from app.domain.ids import ordered_id
from app.domain.relays import Relay
from app.domain.requests import ModelRequest
from app.domain.usage import TokenSource, Usage, UsageRecord
from app.gateway.answer import Answer, Call
from app.providers.tokens import estimated_tokens, prompt_characters


class Meter:
    """What one attempt brought; also keeps the answer's own figures."""

    __slots__ = (
        "_answer",
        "_begun",
        "_characters",
        "_first_ms",
        "_request",
        "_started_at",
        "_usage",
        "has_content",
    )

    def __init__(self, answer: Answer, request: ModelRequest) -> None:
        self._answer = answer
        self._request = request
        self._started_at = datetime.now(UTC)
        self._begun = time.monotonic()
        self._first_ms: float | None = None
        self._usage: Usage | None = None
        self._characters = 0
        self.has_content = False

    def begin(self) -> None:
        """The attempt's own time starts when it has its place at the provider."""
        self._begun = time.monotonic()

    @property
    def total_ms(self) -> float:
        return (time.monotonic() - self._begun) * 1000

    def read(self, burst: Burst) -> None:
        answer = self._answer
        for event in burst:
            body = event.body
            if body.choices:
                if not self.has_content and event.has_content:
                    self._note_first_content()
                self._characters += len(event.text) + len(event.reasoning)
                finish = event.finish_reason
                if finish is not None:
                    answer.finish_reason = finish
            elif event.is_whole:
                # Embeddings: one event without choices.
                self._note_first_content()
            if body.model:
                answer.model = body.model
            if body.usage is not None or body.x_groq is not None:
                usage = event.usage
                if usage is not None:
                    self._usage = usage
                    answer.usage = usage

    def _note_first_content(self) -> None:
        self.has_content = True
        now = time.monotonic()
        if self._first_ms is None:
            self._first_ms = (now - self._begun) * 1000
            self._answer.first_token_ms = (now - self._answer.started) * 1000

    def usage(self) -> Usage:
        """The provider's count, else an estimate where something was generated, else nothing."""
        if self._usage is not None and (self._usage.total_tokens or self._request.task is not Task.EMBEDDING):
            return self._usage
        if not self.has_content or isinstance(self._request, Relay):
            return self._usage or Usage()
        return Usage(
            prompt_tokens=estimated_tokens(prompt_characters(self._request)),
            completion_tokens=estimated_tokens(self._characters),
            source=TokenSource.ESTIMATED,
        )

    def record(self, request: ModelRequest, call: Call, outcome: str) -> UsageRecord:
        usage = self.usage()
        answer = self._answer
        answer.usage = usage
        config = answer.candidate.config
        return UsageRecord(
            id=ordered_id(),
            request_id=call.request_id,
            started_at=self._started_at,
            attempt=answer.attempts,
            user_id=call.caller.user_id,
            key_id=call.caller.key_id,
            face=call.face,
            task=request.counted_as,
            provider_id=config.id,
            provider=config.slug,
            model_asked=(request.model or "")[:300],
            model=answer.model[:300],
            streamed=request.stream,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            cached_tokens=usage.cached_tokens,
            token_source=usage.source.value,
            first_token_ms=self._first_ms,
            total_ms=self.total_ms,
            overhead_ms=answer.overhead_ms or answer.time_inside_ms(),
            outcome=outcome,
            cost_usd=answer.cost_usd,
        )


def refusal_record(request: ModelRequest, call: Call, error: GatewayError) -> UsageRecord:
    """A request that reached no provider has a row too, so that errors can be counted."""
    total_ms = (time.monotonic() - call.started) * 1000
    return UsageRecord(
        id=ordered_id(),
        request_id=call.request_id,
        started_at=datetime.now(UTC),
        attempt=0,
        user_id=call.caller.user_id,
        key_id=call.caller.key_id,
        face=call.face,
        task=request.counted_as,
        provider_id=None,
        provider="",
        model_asked=(request.model or "")[:300],
        model="",
        streamed=request.stream,
        prompt_tokens=0,
        completion_tokens=0,
        reasoning_tokens=0,
        cached_tokens=0,
        token_source=TokenSource.ABSENT.value,
        first_token_ms=None,
        total_ms=total_ms,
        overhead_ms=total_ms,
        outcome=error.code,
    )
