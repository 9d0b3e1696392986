"""What the faces kept for older clients have in common: routes as values, bodies, answers and failures.

Each face is one file in dialects/; views.py mounts it, document.py describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel

from app.api.errors import http_status
from app.api.parsing import MAX_JSON_BYTES, check_json_type, decoded_object, too_large, validated, wrong
from app.api.wire import (
    JSON,
    Headers,
    RenderError,
    StatusOf,
    WireReply,
    WireRequest,
    answer_headers,
    guarded,
    header_safe,
)
from app.domain.catalog import Task
from app.domain.errors import GatewayError, InvalidRequest, ParameterNotSupported, Problem
from app.domain.requests import Json, ModelRequest
from app.gateway.answer import Answer
from app.gateway.conversations.named import Exchange

Body = TypeVar("Body", bound=BaseModel)
Handler = Callable[..., WireReply]
"""A request and the values of its path, by name → a reply."""

NDJSON = "application/x-ndjson"
EVENT_STREAM = "text/event-stream"

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is below the face's address, variable parts in braces; `reply` is what a success looks like."""

    method: str
    path: str
    handler: Handler
    summary: str
    reply: Any
    body: type[BaseModel] | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    media_type: str = "application/json"
    failures: tuple[int, ...] = ()
    """Statuses besides those that every route, and every one with a body, may have."""
    fails_with: Mapping[str, Any] = field(default_factory=dict)
    """What a failure may look like besides `{"detail"}`."""
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """`slug` is its address below the root, and its name in the ledger and in PATCHBAY_ROOT_FACE."""

    slug: str
    title: str
    version: str
    description: str
    routes: tuple[Route, ...]

    @property
    def prefix(self) -> str:
        return f"/{self.slug}"


OF_MODEL_CALLS = (404, 429, 502, 503, 504)


# Requests.


def body_of(wire: WireRequest, shape: type[Body]) -> Body:
    """Raises NotJson, TooLarge, InvalidJson or InvalidRequest."""
    check_json_type(wire.headers.get("content-type", ""))
    if len(wire.body) > MAX_JSON_BYTES:
        raise too_large()
    return validated(shape, decoded_object(wire.body))


def chat_request(
    model: str | None,
    messages: Sequence[Mapping[str, Any]],
    parameters: Mapping[str, Any],
    wire: WireRequest,
    *,
    stream: bool,
    needs: frozenset[str] = frozenset(),
) -> ModelRequest:
    """`parameters` that are None are left to the model."""
    fields = {"messages": messages, **{name: value for name, value in parameters.items() if value is not None}}
    return ModelRequest(
        task=Task.CHAT,
        model=model,
        fields={name: Json(_encode(value)) for name, value in fields.items()},
        stream=stream,
        include_usage=True,
        strict=wire.strict,
        needs=needs,
    )


def earlier_messages(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    return [
        message
        for one in exchanges
        for message in ({"role": "user", "content": one.question}, {"role": "assistant", "content": one.answer})
    ]


def outside_name(field: str, name: str | None) -> str | None:
    """A conversation's name as its client chose it; empty ones stand for none. Raises InvalidRequest."""
    if name and not name.isprintable():
        raise wrong(field, "must be characters that can be seen")
    return name or None


def refuse_when_strict(wire: WireRequest, ignored: Sequence[str]) -> None:
    """Raises ParameterNotSupported for what would be left out of the request."""
    if wire.strict and ignored:
        problem = Problem(ignored[0], "is not supported here")
        raise ParameterNotSupported(f"{problem.field} {problem.problem}.", param=problem.field, details=[problem])


def in_client_words(error: InvalidRequest, names: Mapping[str, str]) -> InvalidRequest:
    """The same about a parameter by the name that the client knows."""
    told = names.get(error.param or "")
    if told is None or not error.details:
        return error
    problem = Problem(told, error.details[0].problem)
    return type(error)(f"{problem.field} {problem.problem}.", param=told, details=[problem])


# Answers.


def detail_body(error: GatewayError, request_id: str) -> dict[str, Any]:
    """How every failure of these faces looks."""
    return {"detail": error.message}


def failing_with_detail(
    handler: Handler, render: RenderError = detail_body, status_of: StatusOf = http_status
) -> Handler:
    def guarded_handler(wire: WireRequest, **values: str) -> WireReply:
        return guarded(lambda one: handler(one, **values), wire, render, status_of)

    return guarded_handler


def json_reply(document: Any, status: int = 200, headers: Headers | None = None) -> WireReply:
    return WireReply(status, [JSON, *(headers or [])], _encode(document))


def told_headers(answer: Answer, ignored: Sequence[str] = ()) -> Headers:
    """As of every model call; `ignored` are named among what was left out."""
    headers = answer_headers(answer)
    if not ignored:
        return headers
    dropped = header_safe(", ".join([*answer.dropped, *ignored]))
    return [*(one for one in headers if one[0] != "X-Patchbay-Dropped"), ("X-Patchbay-Dropped", dropped)]


def whole_text(answer: Answer) -> str:
    """Reads the answer to its end."""
    return "".join([event.text for burst in answer.events for event in burst])
