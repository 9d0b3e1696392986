"""What OpenAI's API has beyond text, at /v1 (and /openai/v1): passed on to a provider that has it too.

    POST /v1/audio/transcriptions   a form with model, file, …      → JSON, text, subtitles or events
    POST /v1/audio/speech           {"model", "input", "voice"}     → sound
    POST /v1/images/generations     {"model", "prompt"}             → JSON or events
    POST /v1/moderations            {"model", "input"}              → JSON
    POST /v1/rerank                 {"model", "query", "documents"} → JSON

Only the model's name is changed, to the vendor's. Sources: https://platform.openai.com/docs/api-reference and, for
rerank, https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from werkzeug.http import parse_options_header

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.openai_errors import error_body
from app.api.parsing import model_name, wrong
from app.api.streaming import KEEP_ALIVE, answer_stream, cut, sse
from app.api.translation.chat import decoded_body
from app.api.wire import WireReply, WireRequest, answer_headers, guarded
from app.domain.catalog import Task
from app.domain.errors import GatewayError, InvalidRequest, TooLarge
from app.domain.events import Burst, Relayed
from app.domain.relays import Relay, Route
from app.gateway.answer import Answer, Call
from app.gateway.service import LLMService

FACE = "v1"
MAX_FORM_BYTES = 32 * 1024 * 1024
_SSE = "text/event-stream"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class OpenAIPassThrough:
    """One function from request to reply for all routes."""

    llm: LLMService
    credentials: Credentials

    def relay(self, route: Route) -> Callable[[WireRequest], WireReply]:
        """What answers a call of this route."""
        return lambda wire: guarded(lambda one: self._answer(route, one), wire, error_body)

    def _answer(self, route: Route, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        request = _form(route, wire) if route is Route.TRANSCRIPTIONS else _json(route, wire)
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self.llm.answer(request, wire.call, completely=True)
        first = _first(answer)
        headers = [
            ("Content-Type", first.content_type),
            # It is somebody else's content: no browser may take it for a page of ours.
            ("X-Content-Type-Options", "nosniff"),
            *answer_headers(answer),
        ]
        if first.is_everything:
            for _ in answer.events:
                pass
            return WireReply(200, headers, first.data)
        if first.content_type.startswith(_SSE):
            headers += [("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no")]
        return WireReply(200, headers, _pieces(first, answer, wire.request_id))


# Requests.


def _json(route: Route, wire: WireRequest) -> Relay:
    fields = decoded_body(wire)
    name = _required(fields.pop("model", None))
    return Relay(
        task=Task.COMPLETION,
        model=name,
        fields={},
        stream=fields.get("stream") is True,
        route=route,
        content_type="application/json",
        body=lambda model: _encode({"model": model, **fields}),
    )


def _form(route: Route, wire: WireRequest) -> Relay:
    """Raises TooLarge, or InvalidRequest for what is no form with a model."""
    content_type = wire.headers.get("content-type", "")
    if len(wire.body) > MAX_FORM_BYTES:
        raise TooLarge(f"The form is larger than {MAX_FORM_BYTES // 1024 // 1024} MB.")
    before, given, after = _around_model(wire.body, content_type)
    try:
        name = given.decode()
    except UnicodeDecodeError as error:
        raise wrong("model", "must be text") from error
    return Relay(
        task=Task.COMPLETION,
        model=_required(name),
        fields={},
        route=route,
        content_type=content_type,
        body=lambda model: b"".join((before, model.encode(), after)),
    )


def _required(name: Any) -> str:
    found = model_name(name)
    if found is None:
        raise wrong("model", "is required")
    return found


def _around_model(body: bytes, content_type: str) -> tuple[bytes, bytes, bytes]:
    """A form (RFC 7578) in three: what stands before the field `model`, its value, what stands behind it."""
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary or not boundary.isascii():
        raise InvalidRequest("Send the sound in a form of the type multipart/form-data.", param="file")
    mark = b"--" + boundary.encode()
    start = 0 if body.startswith(mark) else body.find(b"\r\n" + mark) + 2
    while start >= 0 and body.startswith(mark, start):
        head = start + len(mark)
        value = body.find(b"\r\n\r\n", head) + 4
        end = body.find(b"\r\n" + mark, max(value - 2, head))
        if value < 4 or end < 0:
            break
        if _field_name(body[head:value]) == "model":
            return body[:value], body[value:end], body[end:]
        start = end + 2
    raise wrong("model", "is required")


def _field_name(head: bytes) -> str | None:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return parse_options_header(value)[1].get("name")
    return None


# Answers.


def _first(answer: Answer) -> Relayed:
    """The answer's beginning, however long it takes: before it nobody knows what it will be."""
    for burst in answer.events:
        for event in burst:
            assert isinstance(event, Relayed)
            return event
    raise AssertionError("a relayed answer has a beginning")


def _pieces(first: Relayed, answer: Answer, request_id: str) -> Iterator[bytes]:
    """The answer as it comes. One that breaks off ends in an error event, or else without the body's proper end."""
    told = first.content_type.startswith(_SSE)

    def pieces() -> Iterator[bytes]:
        yield first.data
        for burst in answer.events:
            data = _data(burst) if burst else KEEP_ALIVE * told
            if data:
                yield data

    def failure(error: GatewayError) -> bytes:
        return sse(error_body(error, request_id)) if told else cut(error)

    return answer_stream(answer, pieces(), request_id, failure)


def _data(burst: Burst) -> bytes:
    return b"".join([event.data for event in burst])
