"""OpenAI's API at /v1 (and /openai/v1, where Groq's SDK looks): existing clients only change address and key.

    POST /v1/chat/completions {"model": "…", "messages": [{"role": "user", "content": "hello"}], "stream": true}
    data: {"id":"…","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"}}]}
    data: [DONE]

Source: https://platform.openai.com/docs/api-reference. Bytes are relayed; what we do not know is passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.messages import checked_messages
from app.api.openai_errors import error_body as error_body
from app.api.parsing import MAX_JSON_BYTES, check_depth, check_json_type, flag, model_name, too_large, wrong
from app.api.streaming import SSE_HEADERS, event_stream, sse
from app.api.vectors import with_base64_vectors
from app.api.wire import JSON, WireReply, WireRequest, answer_headers, guarded
from app.domain.accounts import Caller
from app.domain.catalog import Task
from app.domain.errors import InvalidJson, InvalidRequest
from app.domain.events import Burst, Event
from app.domain.requests import Json, ModelRequest
from app.domain.usage import TokenSource
from app.gateway.answer import Answer, Call
from app.gateway.service import LLMService

FACE = "v1"
DONE = b"data: [DONE]\n\n"
PREFIXES = ("/v1", "/openai/v1")

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class OpenAIV1:
    """The three hot calls as plain functions from request to reply."""

    llm: LLMService
    credentials: Credentials

    def hot_routes(self) -> Mapping[str, Callable[[WireRequest], WireReply]]:
        """Path → function, for POST."""
        routes: dict[str, Callable[[WireRequest], WireReply]] = {}
        for prefix in PREFIXES:
            routes[f"{prefix}/chat/completions"] = self.chat_completions
            routes[f"{prefix}/completions"] = self.completions
            routes[f"{prefix}/embeddings"] = self.embeddings
        return routes

    def chat_completions(self, request: WireRequest) -> WireReply:
        return guarded(lambda wire: self._generate(wire, chat_request(self._fields(wire), wire)), request, error_body)

    def completions(self, request: WireRequest) -> WireReply:
        return guarded(
            lambda wire: self._generate(wire, completion_request(self._fields(wire), wire)), request, error_body
        )

    def embeddings(self, request: WireRequest) -> WireReply:
        return guarded(self._embed, request, error_body)

    def _fields(self, wire: WireRequest) -> tuple[Caller, dict[str, Json]]:
        """Who asks is known before anything of the body is looked at."""
        caller = admitted(self.credentials, wire.headers)
        return caller, body_fields(wire)

    def _generate(self, wire: WireRequest, asked: tuple[Caller, ModelRequest]) -> WireReply:
        caller, request = asked
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self.llm.answer(request, wire.call)
        if request.stream:
            return WireReply(200, [*SSE_HEADERS, *answer_headers(answer)], _streamed(answer, request, wire))
        data = whole(answer)
        return WireReply(200, [JSON, *answer_headers(answer)], data)

    def _embed(self, wire: WireRequest) -> WireReply:
        caller, fields = self._fields(wire)
        request = embedding_request(fields, wire)
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self.llm.answer(request, wire.call)
        data = whole(answer)
        if request.value("encoding_format") == "base64":
            data = with_base64_vectors(data, answer)
        return WireReply(200, [JSON, *answer_headers(answer)], data)


# Requests.


def body_fields(wire: WireRequest) -> dict[str, Json]:
    """The body's top-level fields, undecoded. Raises NotJson, TooLarge, InvalidJson or InvalidRequest."""
    check_json_type(wire.headers.get("content-type", ""))
    if len(wire.body) > MAX_JSON_BYTES:
        raise too_large()
    check_depth(wire.body)
    try:
        # msgspec does not look at the letters of what it leaves undecoded.
        wire.body.decode()
        return _decode_fields(wire.body)
    except msgspec.ValidationError as error:
        raise InvalidRequest("The body must be a JSON object.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidJson(f"The body is not valid JSON: {error}.") from error


def chat_request(asked: tuple[Caller, dict[str, Json]], wire: WireRequest) -> tuple[Caller, ModelRequest]:
    caller, fields = asked
    needs = checked_messages(fields.get("messages"))
    return caller, _generation(Task.CHAT, fields, wire, needs)


def completion_request(asked: tuple[Caller, dict[str, Json]], wire: WireRequest) -> tuple[Caller, ModelRequest]:
    caller, fields = asked
    prompt = _value("prompt", fields.get("prompt"))
    if not isinstance(prompt, (str, list)):
        raise wrong("prompt", "must be a string or an array")
    return caller, _generation(Task.COMPLETION, fields, wire, frozenset())


def embedding_request(fields: dict[str, Json], wire: WireRequest) -> ModelRequest:
    given = _value("input", fields.get("input"))
    problem = input_problem(given)
    if problem is not None:
        raise wrong("input", problem)
    return ModelRequest(Task.EMBEDDING, _model(fields), fields, strict=wire.strict)


def input_problem(given: Any) -> str | None:
    """What is wrong with the texts (or token lists) to embed; None when they are fine."""
    match given:
        case str():
            return None if given else "must not be empty"
        case []:
            return "must not be empty"
        case list():
            if all(isinstance(one, str) for one in given):
                return None if all(given) else "must not hold empty strings"
            if all(isinstance(one, int) and not isinstance(one, bool) for one in given):
                return None
            if all(isinstance(one, list) and one and all(type(token) is int for token in one) for one in given):
                return None
    return "must be a string, an array of strings, or arrays of tokens"


def _generation(task: Task, fields: dict[str, Json], wire: WireRequest, needs: frozenset[str]) -> ModelRequest:
    model = _model(fields)
    stream = flag("stream", _value("stream", fields.pop("stream", None)))
    options = _stream_options(fields) if stream else {}
    fields.pop("stream_options", None)
    include_usage = flag("stream_options.include_usage", options.pop("include_usage", None))
    return ModelRequest(
        task=task,
        model=model,
        fields=fields,
        stream=stream,
        include_usage=include_usage,
        strict=wire.strict,
        needs=needs,
        stream_options=options,
    )


def _model(fields: dict[str, Json]) -> str | None:
    return model_name(_value("model", fields.pop("model", None)))


def _stream_options(fields: dict[str, Json]) -> dict[str, Any]:
    options = _value("stream_options", fields.get("stream_options"))
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise wrong("stream_options", "must be an object")
    return options


def _value(name: str, raw: Json | None) -> Any:
    """What a field holds; None without it. Raises InvalidRequest."""
    try:
        return None if raw is None else _decode(raw)
    except msgspec.DecodeError as error:
        # What was valid JSON when the body was read can only be a number that no computer number can hold.
        raise wrong(name, "holds a number that is out of range") from error


# Answers.


def whole(answer: Answer) -> bytes:
    """The one event of a plain answer. Reads to the very end, so that the attempt is recorded."""
    data = b""
    for burst in answer.events:
        for event in burst:
            data = event.data
    return data


def _streamed(answer: Answer, request: ModelRequest, wire: WireRequest) -> Any:
    shown = _ShownUsage(answer)
    return event_stream(
        answer,
        wire.request_id,
        piece=shown.piece if request.include_usage else _without_usage,
        ending=shown.ending if request.include_usage else lambda: DONE,
        failure=lambda error: sse(error_body(error, wire.request_id)),
    )


class _ShownUsage:
    """A stream whose client asked for usage: the chunk that carries it comes once, also where the provider has it in
    another place (Groq in the finishing chunk)."""

    __slots__ = ("_answer", "_last", "_seen")

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._seen = False
        self._last = b""

    def piece(self, burst: Burst) -> bytes:
        for event in burst:
            self._seen = self._seen or event.is_usage_only or event.is_whole
            self._last = event.data
        return b"".join([b"data: " + _as_chunks(event, with_usage=True) + b"\n\n" for event in burst])

    def ending(self) -> bytes:
        usage = self._answer.usage
        if self._seen or usage.source is not TokenSource.PROVIDER or not self._last:
            return DONE
        last = _decode(self._last)
        chunk = {name: last[name] for name in ("id", "object", "created", "model") if name in last}
        counts = {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        }
        return sse({**chunk, "choices": [], "usage": counts}) + DONE


def _without_usage(burst: Burst) -> bytes:
    """The extra chunk that carries usage was asked for by us, not by the client."""
    return b"".join(
        [b"data: " + _as_chunks(event, with_usage=False) + b"\n\n" for event in burst if not event.is_usage_only]
    )


def _as_chunks(event: Event, *, with_usage: bool) -> bytes:
    """The event's bytes without line ends; a whole answer is said as a stream would say it."""
    data = event.data
    if event.is_whole:
        return b"\n\ndata: ".join([_encode(chunk) for chunk in _chunks_of_whole(_decode(data), with_usage)])
    return data if b"\n" not in data else _encode(_decode(data))


def _chunks_of_whole(document: dict[str, Any], with_usage: bool) -> list[dict[str, Any]]:
    """For servers that can't stream: a chunk with everything, and one with the usage where it was asked for."""
    usage = document.pop("usage", None)
    if document.get("object") == "chat.completion":
        document["object"] = "chat.completion.chunk"
    frame = {name: value for name, value in document.items() if name != "choices"}
    for choice in document["choices"]:
        if "message" in choice:
            choice["delta"] = choice.pop("message")
            for index, call in enumerate(choice["delta"].get("tool_calls") or []):
                call.setdefault("index", index)
    return [document, {**frame, "choices": [], "usage": usage}] if with_usage and usage is not None else [document]
