"""Patchbay's own model calls below /api/v1/llm-providers.

    POST …/chat {"messages": [{"role": "user", "content": "hello"}], "stream": true}
    event: start
    data: {"id": "…", "model": "local/patchbay-toy", "provider": "local"}
    event: delta
    data: {"text": "Hi"}
    event: done
    data: {"finish_reason": "stop", "usage": {…}, "timings": {…}, …}

Bodies and answers: docs/api.md. Every event carries its name in `type` too, for clients that read only data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.errors import error_body
from app.api.messages import IMAGE_TYPES, checked_messages, data_problem, data_url_parts, plain_type
from app.api.parsing import MAX_JSON_BYTES, check_json_type, decoded_object, flag, model_name, too_large, wrong
from app.api.streaming import SSE_HEADERS, event_stream, sse
from app.api.vectors import vectors_of
from app.api.wire import JSON, WireReply, WireRequest, answer_headers, guarded
from app.domain.catalog import Task
from app.domain.errors import GatewayError
from app.domain.events import Burst, Event, ToolCallPart
from app.domain.requests import Json, ModelRequest
from app.gateway.answer import Answer, Call
from app.gateway.service import LLMService

FACE = "native"
PREFIX = "/api/v1/llm-providers"

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Native:
    """The three model calls as plain functions from request to reply."""

    llm: LLMService
    credentials: Credentials

    def hot_routes(self) -> Mapping[str, Callable[[WireRequest], WireReply]]:
        return {
            f"{PREFIX}/chat": self.chat,
            f"{PREFIX}/completions": self.completions,
            f"{PREFIX}/embeddings": self.embeddings,
        }

    def chat(self, request: WireRequest) -> WireReply:
        return guarded(lambda wire: self._generate(wire, Task.CHAT), request, failure_body)

    def completions(self, request: WireRequest) -> WireReply:
        return guarded(lambda wire: self._generate(wire, Task.COMPLETION), request, failure_body)

    def embeddings(self, request: WireRequest) -> WireReply:
        return guarded(self._embed, request, failure_body)

    def _generate(self, wire: WireRequest, task: Task) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        body = _body(wire)
        request = _chat(body, wire) if task is Task.CHAT else _completion(body, wire)
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self.llm.answer(request, wire.call)
        if request.stream:
            return WireReply(200, [*SSE_HEADERS, *answer_headers(answer)], _Stream(answer, wire.request_id).pieces())
        text = _Text()
        for burst in answer.events:
            for event in burst:
                text.add(event)
        data = text.document(answer, wire.request_id)
        return WireReply(200, [JSON, *answer_headers(answer)], _encode({"success": True, "data": data}))

    def _embed(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        request = _embedding(_body(wire), wire)
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self.llm.answer(request, wire.call)
        data = b"{}"
        for burst in answer.events:
            for event in burst:
                data = event.data
        vectors = vectors_of(data, answer)
        document = {
            "model": answer.canonical,
            "provider": answer.candidate.config.slug,
            "embeddings": vectors,
            "dimensions": len(vectors[0]) if vectors else 0,
            "usage": usage_of(answer),
        }
        return WireReply(200, [JSON, *answer_headers(answer)], _encode({"success": True, "data": document}))


def failure_body(error: GatewayError, request_id: str) -> dict[str, Any]:
    return {"success": False, "error": error_body(error, request_id)}


# Requests.


def _body(wire: WireRequest) -> dict[str, Any]:
    check_json_type(wire.headers.get("content-type", ""))
    if len(wire.body) > MAX_JSON_BYTES:
        raise too_large()
    return decoded_object(wire.body)


def _chat(body: dict[str, Any], wire: WireRequest) -> ModelRequest:
    messages = body.get("messages")
    if isinstance(messages, list):
        body["messages"] = [_with_images(position, message) for position, message in enumerate(messages)]
    fields = _undecoded(body)
    needs = checked_messages(fields.get("messages"))
    return _request(Task.CHAT, body, fields, wire, needs)


def _with_images(position: int, message: Any) -> Any:
    """Our `images` become the content parts that vendors know."""
    if not isinstance(message, dict) or "images" not in message:
        return message
    images = message["images"]
    rest = {name: value for name, value in message.items() if name != "images"}
    if images is None or images == []:
        return rest
    where = f"messages[{position}].images"
    if not isinstance(images, list):
        raise wrong(where, "must be an array")
    content = message.get("content")
    if content is not None and not isinstance(content, (str, list)):
        raise wrong(f"messages[{position}].content", "must be a string, an array of parts, or null")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) and content else list(content or [])
    parts += [_image_part(f"{where}[{number}]", image) for number, image in enumerate(images)]
    return {**rest, "content": parts}


def _image_part(where: str, image: Any) -> dict[str, Any]:
    if not isinstance(image, dict):
        raise wrong(where, "must be an object with data_base64 and mime_type")
    data, mime_type = image.get("data_base64"), image.get("mime_type")
    if not isinstance(data, str) or not data:
        raise wrong(f"{where}.data_base64", "is required")
    if data.startswith("data:"):
        parts = data_url_parts(data)
        if parts is None:
            raise wrong(f"{where}.data_base64", "must be base64, or a data URL with base64")
        data, mime_type = parts[1], parts[0] if mime_type is None else mime_type
    if not isinstance(mime_type, str):
        raise wrong(f"{where}.mime_type", "is required")
    if plain_type(mime_type) not in IMAGE_TYPES:
        raise wrong(f"{where}.mime_type", f"must be one of {', '.join(sorted(IMAGE_TYPES))}")
    problem = data_problem(data, mime_type)
    if problem is not None:
        raise wrong(f"{where}.data_base64", problem)
    return {"type": "image_url", "image_url": {"url": f"data:{plain_type(mime_type)};base64,{data}"}}


def _completion(body: dict[str, Any], wire: WireRequest) -> ModelRequest:
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise wrong("prompt", "must be a string" if "prompt" in body else "is required")
    return _request(Task.COMPLETION, body, _undecoded(body), wire, frozenset())


def _embedding(body: dict[str, Any], wire: WireRequest) -> ModelRequest:
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) and one for one in texts):
        raise wrong("input", "must be a string or an array of strings, none of them empty")
    fields = _undecoded({name: value for name, value in body.items() if name in ("input", "dimensions", "user")})
    unknown = body.keys() - {"input", "dimensions", "user", "model"}
    if unknown:
        raise wrong(sorted(unknown)[0], "is not a known field")
    return ModelRequest(Task.EMBEDDING, model_name(body.get("model")), fields, strict=wire.strict)


def _request(
    task: Task, body: dict[str, Any], fields: dict[str, Json], wire: WireRequest, needs: frozenset[str]
) -> ModelRequest:
    for name in ("model", "stream", "stream_options"):
        fields.pop(name, None)
    return ModelRequest(
        task=task,
        model=model_name(body.get("model")),
        fields=fields,
        stream=flag("stream", body.get("stream")),
        include_usage=True,
        strict=wire.strict,
        needs=needs,
    )


def _undecoded(body: dict[str, Any]) -> dict[str, Json]:
    return {name: Json(_encode(value)) for name, value in body.items()}


# Answers.


def usage_of(answer: Answer) -> dict[str, Any]:
    usage = answer.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "source": usage.source.value,
    }


def timings_of(answer: Answer) -> dict[str, Any]:
    timings = answer.timings()
    return {
        "first_token_ms": timings.first_token_ms,
        "total_ms": timings.total_ms,
        "tokens_per_second": timings.tokens_per_second,
        "overhead_ms": timings.overhead_ms,
    }


class _Text:
    """An answer's events folded into the native document."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}

    def add(self, event: Event) -> None:
        self._text.append(event.text)
        self._reasoning.append(event.reasoning)
        for position, part in enumerate(event.tool_calls):
            self._add_call(position if part.index is None else part.index, part)

    def _add_call(self, index: int, part: ToolCallPart) -> None:
        call = self._calls.setdefault(index, {"id": None, "name": "", "arguments": ""})
        call["id"] = part.id or call["id"]
        if part.function is not None:
            call["name"] = part.function.name or call["name"]
            call["arguments"] += part.arguments_text

    def document(self, answer: Answer, request_id: str) -> dict[str, Any]:
        return {
            "id": request_id,
            "model": answer.canonical,
            "provider": answer.candidate.config.slug,
            "content": "".join(self._text),
            "reasoning": "".join(self._reasoning) or None,
            "tool_calls": [self._calls[index] for index in sorted(self._calls)],
            "finish_reason": answer.finish_reason,
            "usage": usage_of(answer),
            "timings": timings_of(answer),
            "cost_usd": answer.cost_usd,
        }


@dataclass(slots=True)
class _Stream:
    """The native events of one answer."""

    answer: Answer
    request_id: str
    started: bool = False

    def pieces(self) -> Iterator[bytes]:
        return event_stream(self.answer, self.request_id, piece=self._piece, ending=self._ending, failure=self._failure)

    def _piece(self, burst: Burst) -> bytes:
        return self._start() + b"".join([_event_bytes(event) for event in burst])

    def _start(self) -> bytes:
        if self.started:
            return b""
        self.started = True
        answer = self.answer
        return _named(
            "start",
            {"id": self.request_id, "model": answer.canonical, "provider": answer.candidate.config.slug},
        )

    def _ending(self) -> bytes:
        answer = self.answer
        usage = usage_of(answer)
        done = {
            "finish_reason": answer.finish_reason,
            "usage": usage,
            "timings": timings_of(answer),
            "cost_usd": answer.cost_usd,
            "model": answer.canonical,
            "provider": answer.candidate.config.slug,
        }
        return self._start() + _named("usage", usage) + _named("done", done)

    def _failure(self, error: GatewayError) -> bytes:
        return self._start() + _named("error", error_body(error, self.request_id))


def _named(name: str, document: dict[str, Any]) -> bytes:
    return sse({"type": name, **document}, name)


def _event_bytes(event: Event) -> bytes:
    pieces = b""
    if reasoning := event.reasoning:
        pieces += _named("reasoning", {"text": reasoning})
    if text := event.text:
        pieces += _named("delta", {"text": text})
    for position, part in enumerate(event.tool_calls):
        function = part.function
        pieces += _named(
            "tool_call",
            {
                "index": position if part.index is None else part.index,
                "id": part.id,
                "name": function.name if function else None,
                "arguments": part.arguments_text,
            },
        )
    return pieces
