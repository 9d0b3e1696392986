"""Asking a provider directly, without the gateway around it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from app.domain.catalog import ModelInfo, ProviderConfig, Task, Timeouts
from app.domain.events import Event
from app.domain.requests import Json, ModelRequest
from app.domain.stopping import Stop
from app.domain.usage import Usage
from app.providers.base import Attempt, Provider

KEY = "sk-test-0123456789"
HELLO = ({"role": "user", "content": "hello"},)


def config_of(kind: str, base_url: str, **changes: Any) -> ProviderConfig:
    values: dict[str, Any] = {"id": "p1", "slug": "box", "name": "Box", "api_key": KEY, "version": 1}
    return ProviderConfig(kind=kind, base_url=base_url, **{**values, **changes})


def timeouts(**seconds: float) -> Timeouts:
    """Short ones: a test that waits for a timeout in vain fails soon."""
    return Timeouts(**{"connect_s": 2.0, "first_token_s": 5.0, "idle_s": 5.0, "total_s": 10.0, **seconds})


def asked(task: Task = Task.CHAT, *, stream: bool = False, strict: bool = False, **fields: Any) -> ModelRequest:
    if task is Task.CHAT:
        fields.setdefault("messages", HELLO)
    raw = {name: Json(msgspec.json.encode(value)) for name, value in fields.items()}
    return ModelRequest(task, "box/model", raw, stream=stream, strict=strict)


def model(identifier: str = "model", **facts: Any) -> ModelInfo:
    return ModelInfo(id=identifier, provider="box", name=identifier, **facts)


def attempt(within_s: float = 20.0, stop: Stop | None = None) -> Attempt:
    return Attempt(stop or Stop(), time.monotonic() + within_s)


def events_of(
    provider: Provider, request: ModelRequest, of: ModelInfo | None = None, during: Attempt | None = None
) -> list[Event]:
    """All events, read to the very end."""
    return [event for burst in provider.answer(request, of or model(), during or attempt()) for event in burst]


@dataclass
class Folded:
    """What a reader of an answer makes of it."""

    text: str
    reasoning: str
    tool_calls: list[tuple[str | None, str | None, str]]
    finish_reason: str | None
    usage: Usage | None
    model: str | None


def folded(events: Iterable[Event]) -> Folded:
    result = Folded("", "", [], None, None, None)
    calls: dict[int, list[Any]] = {}
    for event in events:
        result.text += event.text
        result.reasoning += event.reasoning
        result.finish_reason = event.finish_reason or result.finish_reason
        result.usage = event.usage or result.usage
        result.model = event.body.model or result.model
        for position, part in enumerate(event.tool_calls):
            call = calls.setdefault(position if part.index is None else part.index, [None, None, ""])
            call[0] = part.id or call[0]
            if part.function is not None:
                call[1] = part.function.name or call[1]
                call[2] += part.function.arguments or ""
    result.tool_calls = [(calls[index][0], calls[index][1], calls[index][2]) for index in sorted(calls)]
    return result
