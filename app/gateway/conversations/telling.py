"""An answer as it is told: its events, numbered, and what they add up to."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from app.domain.conversations import MessageError, Progress, Timings, ToolCall
from app.domain.errors import ProviderProtocol
from app.domain.events import Burst, Event, ToolCallPart
from app.domain.usage import Usage
from app.gateway.answer import Answer
from app.gateway.conversations.event_log import Entry

MAX_CHARACTERS = 8_000_000
"""A provider that never ends must not fill memory and database."""

_encode = msgspec.json.Encoder().encode


class Telling:
    """Every method that returns entries counts on from the last number."""

    def __init__(self) -> None:
        self._number = 0
        self._characters = 0
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, ToolCall] = {}
        self._thinking: tuple[float, float] | None = None
        """When it began, and until when it is known to have gone on."""
        self._stage: tuple[str, float | None] | None = None

    @property
    def last(self) -> int:
        """The newest event's number."""
        return self._number

    def start(self, request_id: str, answer: Answer, **ids: str) -> list[Entry]:
        """Who is asked. `done` tells who really answered."""
        return [self._entry("start", {"id": request_id, **_who(answer), **ids})]

    def stage(self, answer: Answer) -> list[Entry]:
        """How far the vendor is with what comes before the answer, where that is news: by whole percents."""
        progress = None if answer.attempt is None or answer.content_sent else answer.attempt.progress
        if progress is None:
            return []
        fraction = None if progress.fraction is None else round(progress.fraction, 2)
        if self._stage == (progress.detail, fraction):
            return []
        self._stage = (progress.detail, fraction)
        return [self._entry("progress", {"stage": progress.detail, "fraction": fraction})]

    def burst(self, burst: Burst) -> list[Entry]:
        """What one read brought, with texts of one kind joined. Raises ProviderProtocol for an answer without end."""
        pieces: list[tuple[str, Any]] = []
        for event in burst:
            self._add(event, pieces)
        if self._characters > MAX_CHARACTERS:
            raise ProviderProtocol(f"The answer has more than {MAX_CHARACTERS:,} characters.")
        return [self._entry(name, {"text": piece} if isinstance(piece, str) else piece) for name, piece in pieces]

    def done(self, answer: Answer, timings: Timings, finish_reason: str | None) -> list[Entry]:
        usage = usage_document(answer.usage)
        done = {
            "finish_reason": finish_reason,
            "usage": usage,
            "timings": timings,
            "cost_usd": answer.cost_usd,
            **_who(answer),
        }
        return [self._entry("usage", usage), self._entry("done", done)]

    def error(self, error: MessageError) -> list[Entry]:
        return [self._entry("error", msgspec.to_builtins(error))]

    def progress(self) -> Progress:
        """Everything that was told so far."""
        return Progress(
            content="".join(self._text),
            last_event=self._number,
            reasoning="".join(self._reasoning) or None,
            reasoning_ms=None if self._thinking is None else round((self._thinking[1] - self._thinking[0]) * 1000),
            tool_calls=tuple(self._calls[index] for index in sorted(self._calls)),
        )

    def _add(self, event: Event, pieces: list[tuple[str, Any]]) -> None:
        if reasoning := event.reasoning:
            self._think()
            self._reasoning.append(reasoning)
            self._join(pieces, "reasoning", reasoning)
        if text := event.text:
            if not self._text:
                self._end_thinking()
            self._text.append(text)
            self._join(pieces, "delta", text)
        for position, part in enumerate(event.tool_calls):
            self._end_thinking()
            pieces.append(("tool_call", self._call(position if part.index is None else part.index, part)))

    def _join(self, pieces: list[tuple[str, Any]], name: str, text: str) -> None:
        self._characters += len(text)
        if pieces and pieces[-1][0] == name:
            text = pieces.pop()[1] + text
        pieces.append((name, text))

    def _think(self) -> None:
        now = time.monotonic()
        self._thinking = (now if self._thinking is None else self._thinking[0], now)

    def _end_thinking(self) -> None:
        if self._thinking is not None and not (self._text or self._calls):
            self._think()

    def _call(self, index: int, part: ToolCallPart) -> dict[str, Any]:
        known = self._calls.get(index) or ToolCall(index, None, "", "")
        name = None if part.function is None else part.function.name
        arguments = part.arguments_text
        self._characters += len(arguments)
        self._calls[index] = ToolCall(index, part.id or known.id, name or known.name, known.arguments + arguments)
        return {"index": index, "id": part.id, "name": name, "arguments": arguments}

    def _entry(self, name: str, document: dict[str, Any]) -> Entry:
        self._number += 1
        return Entry(self._number, name, _encode({"type": name, **document}))


def usage_document(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "total_tokens": usage.total_tokens,
        "source": usage.source.value,
    }


def _who(answer: Answer) -> dict[str, Any]:
    return {"model": answer.canonical, "provider": answer.candidate.config.slug}
